"""`mangosaurus classify`: to which labels names belong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import LabelColumnOption, LabelsOption, NameColumnOption
from mangosaurus.cli.streams import say


def classify(
    model: Annotated[Path, typer.Argument(help="A model file that was trained on names with labels.")],
    file: Annotated[
        str, typer.Argument(help="Names, one a line, with labels or without; - for standard input.", metavar="FILE")
    ],
    top: Annotated[int | None, typer.Option(help="Print only the most probable labels, this many.")] = None,
    labels: LabelsOption = None,
    label_column: LabelColumnOption = None,
    name_column: NameColumnOption = None,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Lower-case the names.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Print each name, and each label with its probability, the most probable first, all parted by tabs.

    If the lines of FILE have labels, an empty line follows, and how right the model was: accuracy, loss, expected
    calibration error, and how many names of each label were taken for which.
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
        raise OptionError(f"{model} has no labels to tell apart; train one on lines of a name, a TAB and a label")
    corpus = loaded.read(file, lowercase, labels=labels, label_column=label_column, name_column=name_column)
    own = None if corpus.labels is None else numbers_of(corpus.labels, list(loaded.labels))
    found = loaded.classify(corpus.documents)
    measured = None if own is None else agreement(found, own)
    unknown = known_characters(loaded.vocabulary, corpus.documents)[1]
    if unknown:
        shown = " ".join(repr(character) for character, _ in unknown.most_common(10))
        say(f"note: {unknown.total():,} characters are outside the model's vocabulary and left out: {shown}")
    ranked = [found.ranked(number)[:top] for number in range(len(found.names))]
    if as_json:
        names = [{"text": name, "labels": dict(row)} for name, row in zip(found.names, ranked, strict=True)]
        print(json.dumps({"names": names, **(measured.as_dict() if measured else {})}, ensure_ascii=False))
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
            "names of each label (lines) that were taken for each (columns):",
            *confusion_lines(measured),
        ]
    sys.stdout.write("".join(line + "\n" for line in lines))
