"""`mangosaurus classify`: the most probable label of each name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import AsJson, LabelColumnOption, LabelsOption, NameColumnOption
from mangosaurus.cli.streams import print_json, print_lines, say


def classify(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A model file that was trained on names with labels.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Names, one per line, with or without labels; - is standard input.")
    ],
    top: Annotated[int | None, typer.Option(metavar="K", help="Print only the K most probable labels.")] = None,
    labels: LabelsOption = None,
    label_column: LabelColumnOption = None,
    name_column: NameColumnOption = None,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Lower-case the names.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print each name with the probability of each label, the most probable first, separated by TABs.

    If the names in FILE have labels, the accuracy, the loss, the expected calibration error and the confusion matrix
    follow after an empty line.
    """
    from mangosaurus.api.verbs import load
    from mangosaurus.core.errors import OptionError
    from mangosaurus.evaluation.classification import agreement, confusion_lines
    from mangosaurus.models.label_weights import numbers_of
    from mangosaurus.models.scoring import known_characters

    if top is not None and top < 1:
        raise OptionError.of("{top} is {}; ask for 1 or more", top)
    loaded = load(model)
    if not loaded.labels:
        raise OptionError(f"{model} has no labels; train one on lines of a name, a TAB and a label")
    corpus = loaded.read(file, lowercase, labels=labels, label_column=label_column, name_column=name_column)
    own = None if corpus.labels is None else numbers_of(corpus.labels, list(loaded.labels))
    found = loaded.classify(corpus.documents)
    measured = None if own is None else agreement(found, own)
    unknown = known_characters(loaded.vocabulary, [loaded.as_read(name) for name in found.names])[1]
    if unknown:
        shown = " ".join(repr(character) for character, _ in unknown.most_common(10))
        count = f"{unknown.total():,} {loaded.vocabulary.unit}s"
        say(f"note: {count} are not in the model's vocabulary and were ignored: {shown}")
    ranked = [found.ranked(number)[:top] for number in range(len(found.names))]
    if as_json:
        names = [{"text": name, "labels": dict(row)} for name, row in zip(found.names, ranked, strict=True)]
        print_json({"names": names, **(measured.as_dict() if measured else {})})
        return
    lines = [
        "\t".join([name, *(f"{label}\t{probability:.4f}" for label, probability in row)])
        for name, row in zip(found.names, ranked, strict=True)
    ]
    if measured:
        lines += [
            "",
            f"{measured.accuracy:.1%} of {measured.names:,} names have their most probable label; "
            f"{measured.nats_per_name:.4f} nats per name; expected calibration error {measured.calibration_error:.4f}",
            "names by their label (rows) and by the label predicted (columns):",
            *confusion_lines(measured),
        ]
    print_lines(lines)
