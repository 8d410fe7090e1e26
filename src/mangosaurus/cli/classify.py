"""`mangosaurus classify`: the most probable label of each name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mangosaurus.cli.command import tell
from mangosaurus.cli.options import with_options
from mangosaurus.cli.output import Output
from mangosaurus.cli.streams import say
from mangosaurus.core.typed import argument, option
from mangosaurus.data.reading import Reading

if TYPE_CHECKING:
    from mangosaurus.evaluation.classification import Agreement


@with_options
def classify(
    model: Annotated[Path, argument("MODEL", "A model file that was trained on names with labels.")],
    file: Annotated[str, argument("FILE", "Names, one per line, with or without labels; - is standard input.")],
    *,
    top: Annotated[int | None, option(metavar="K", help="Print only the K most probable labels.")] = None,
    reading: Annotated[dict[str, Any], Reading],
    output: Output,
) -> None:
    """Print each name with the probability of each label, the most probable first, separated by TABs.

    If the names in FILE have labels, the accuracy, the loss, the expected calibration error and the confusion matrix
    follow after an empty line, or on standard error if a table is printed.
    """
    from mangosaurus.api.verbs import load
    from mangosaurus.core.briefly import LONGEST
    from mangosaurus.core.errors import OptionError, plain
    from mangosaurus.evaluation.classification import agreement
    from mangosaurus.models.label_weights import numbers_of
    from mangosaurus.models.scoring import known_characters

    if top is not None and top < 1:
        raise OptionError.of("{top} is {}; ask for 1 or more", top)
    output.check(model, file)
    loaded = load(model)
    if not loaded.labels:
        raise OptionError(f"{model} has no labels; train one on lines of a name, a TAB and a label")
    corpus = loaded.read(file, **reading)
    tell(corpus)
    own = None if corpus.labels is None else numbers_of(corpus.labels, list(loaded.labels))
    found = loaded.classify(corpus.documents)
    measured = None if own is None else agreement(found, own)
    known, unknown = known_characters(loaded.vocabulary, [loaded.as_read(name) for name in found.names])
    if unknown:
        shown = " ".join(repr(character) for character, _ in unknown.most_common(10))
        are, were = ("is", "was") if unknown.total() == 1 else ("are", "were")
        count = loaded.vocabulary.counted(unknown.total())
        say(f"note: {count} {are} not in the model's vocabulary and {were} ignored: {shown}")
        if nothing := [name for name, ids in zip(found.names, known, strict=True) if not len(ids)]:
            have, more = ("has", "") if len(nothing) == 1 else ("have", f" and {len(nothing) - 1:,} more")
            say(
                f"note: {plain(nothing[0], LONGEST)}{more} {have} nothing that the model knows: its labels have the "
                "probabilities of an empty name"
            )
    ranked = [found.ranked(number)[:top] for number in range(len(found.names))]
    about = [] if measured is None else _about(measured)
    output.show(
        lambda: [
            *(_line(name, row) for name, row in zip(found.names, ranked, strict=True)),
            *(["", *about] if about else []),
        ],
        lambda: found.table(top),
        lambda: {
            "names": [{"text": name, "labels": dict(row)} for name, row in zip(found.names, ranked, strict=True)],
            **(measured.as_dict() if measured else {}),
        },
    )
    if output.manner in ("csv", "tsv"):
        for line in about:
            say(line)


def _line(name: str, ranked: list[tuple[str, float]]) -> str:
    return "\t".join([name, *(f"{label}\t{probability:.4f}" for label, probability in ranked)])


def _about(measured: Agreement) -> list[str]:
    """How well the labels agree, a line each."""
    from mangosaurus.evaluation.classification import confusion_lines

    return [
        f"{measured.accuracy:.1%} of {measured.names:,} names have their most probable label; "
        f"{measured.nats_per_name:.4f} nats per name; expected calibration error {measured.calibration_error:.4f}",
        "names by their label (rows) and by the label predicted (columns):",
        *confusion_lines(measured),
    ]
