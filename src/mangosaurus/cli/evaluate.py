"""`mangosaurus evaluate`: how well a model predicts a file, or several."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mangosaurus.cli.command import tell
from mangosaurus.cli.options import with_options
from mangosaurus.cli.output import Output
from mangosaurus.cli.streams import say
from mangosaurus.core.typed import argument, option
from mangosaurus.core.units import Unit, counted, nats_in
from mangosaurus.data.reading import Reading

if TYPE_CHECKING:
    from mangosaurus.api.model import Model
    from mangosaurus.data.corpus import Corpus
    from mangosaurus.evaluation.comparison import Comparison
    from mangosaurus.evaluation.loss import Evaluation, Novelty


@with_options
def evaluate(
    model: Annotated[Path, argument("MODEL", "A model file, or a bundled model.")],
    files: Annotated[
        list[str],
        argument(
            "FILE",
            "The files to predict: each a file, a folder of .txt files, a name that `mangosaurus corpora` lists, "
            "or - for standard input.",
        ),
    ],
    *,
    samples: Annotated[
        int,
        option(
            metavar="N", help="Also draw N samples. Report how many are new and distinct, and the nearest name of each."
        ),
    ] = 0,
    training: Annotated[
        str | None,
        option(metavar="FILE", help="With --samples: the training list to compare them with. Default: FILE."),
    ] = None,
    seed: Annotated[int | None, option(help="With --samples or several files: the random seed. Default: 0.")] = None,
    unit: Annotated[
        str, option(help="nats or bits: the unit of the losses per symbol, and of their differences.")
    ] = "nats",
    window: Annotated[
        int | None, option(metavar="N", help="Predict each character only from the N characters before it.")
    ] = None,
    stride: Annotated[int, option(metavar="N", help="With --window: predict only every Nth character.")] = 1,
    reading: Annotated[dict[str, Any], Reading],
    output: Output,
) -> None:
    """Measure the loss of a model on files, in nats per symbol (END included) and in bits per character.

    If the model and a file have labels, each name is predicted given its label. A name of the training list is easier
    for the model than another: standard error says how many a file has. Several files are compared: a line each, with
    its loss minus that of the first, per symbol, and the 95% interval of this difference by the bootstrap. A name that
    is in both files is drawn for both at once. A table has the names of --samples only as shares.
    """
    from mangosaurus.api.verbs import load
    from mangosaurus.core.errors import Option, OptionError
    from mangosaurus.core.table import Table
    from mangosaurus.evaluation.comparison import compare
    from mangosaurus.evaluation.loss import columns, novelty

    nats_in(unit)  # type: ignore[arg-type]  # refuses others
    of_unit: Unit = unit  # type: ignore[assignment]
    if samples and len(files) > 1:
        raise OptionError.of("{samples} needs a single file, and {} are given", len(files))
    if seed is not None and not samples and len(files) == 1:
        raise OptionError.of("{seed} needs {samples} or several files")
    if files.count("-") > 1:
        raise OptionError("- is given twice, and standard input can be read once")
    output.check(model, training, *files)
    loaded = load(model)
    if training is not None and loaded.kind == "text":
        raise OptionError(Option("training"), " is a list of names, but this model writes texts")
    reading["lowercase"] = loaded.lowering or reading.get("lowercase", False)
    corpora, evaluations = [], []
    for file in files:
        corpus = loaded.read(file, **reading)
        tell(corpus)
        corpora.append(corpus)
        evaluations.append(measure(loaded, corpus, window, stride, "" if len(files) == 1 else f"{file}: "))
    if len(files) > 1:
        labels = [bool(loaded.labels and corpus.labels is not None) for corpus in corpora]
        if any(labels) and not all(labels):
            given = ", ".join(file for file, has in zip(files, labels, strict=True) if has)
            say(f"note: the names of {given} are predicted given their labels, and the others without")
        compared = compare(*evaluations, seed=seed or 0)
        output.show(
            lambda: compared_lines(compared, of_unit),
            lambda: compared.table(of_unit),
            lambda: compared.as_dict(of_unit),
        )
        if output.manner != "json":
            say(
                f"the difference is in {unit} per symbol, from the first file; in brackets its 95% interval, by the "
                "bootstrap over distinct names or texts"
            )
        return
    (corpus,), (measured,) = corpora, evaluations
    result, near = measured.as_dict(of_unit), None
    if samples:
        everything = loaded.kind == "names"  # texts are never left out
        drawn = loaded.sample(samples, seed=seed or 0, allow_known=everything, allow_duplicates=everything)
        neighbours = corpus if training is None else loaded.read(training, reading["lowercase"])
        known = neighbours.documents if loaded.kind == "names" else ()
        near = novelty(drawn.documents, loaded.known, known, loaded.vocabulary.split)
        result |= {"samples": near.samples, "new": near.new, "distinct": near.distinct}
        result["nearest"] = [{"text": s, "nearest": name, "edits": edits} for s, name, edits in near.nearest]
    labelled = bool(loaded.labels and corpus.labels is not None)
    drawn_columns = ("samples", "new", "distinct") if samples else ()
    output.show(
        lambda: lines(measured, window, near, training or files[0], labelled, of_unit),
        lambda: Table.of((*columns(of_unit), *drawn_columns), [result]),
        lambda: result,
    )


def measure(loaded: Model, corpus: Corpus, window: int | None, stride: int, which: str) -> Evaluation:
    """The loss on one file. Notes what the model does not know; `which` begins the note."""
    from mangosaurus.cli.progress import working

    with working(f"reading {loaded.vocabulary.counted(corpus.characters)}"):
        measured = loaded.evaluate(corpus, window, stride)
    if measured.unknown_characters:
        shown = " ".join(repr(character) for character in measured.unknown)
        count = loaded.vocabulary.counted(measured.unknown_characters)
        are, do = ("is", "does") if measured.unknown_characters == 1 else ("are", "do")
        say(f"note: {which}{count} {are} not in the model's vocabulary and {do} not count in the losses: {shown}")
    if measured.known:
        are = "is" if measured.known == 1 else "are"
        count = f"{measured.known:,} of {measured.documents:,}"
        say(f"note: {which}{count} {are} in the model's training list, which lowers the loss")
    return measured


def lines(
    measured: Evaluation, window: int | None, near: Novelty | None, nearest_in: str, labelled: bool, unit: Unit
) -> Iterator[str]:
    """The loss on one file, and how its samples are."""
    nats = nats_in(unit)
    yield (
        f"{measured.nats_per_symbol / nats:.4f} {unit} per symbol, {measured.bits_per_character:.4f} bits per "
        f"{measured.symbol}"
    )
    if measured.nats_per_symbol_by_name is not None:
        yield f"{measured.nats_per_symbol_by_name / nats:.4f} {unit} per symbol if each name counts once"
    ends = "END included" if measured.symbols > measured.characters else "without END: the model never ends a text"
    if measured.accuracy is None:
        given = ", each given its label" if labelled else ""
        yield f"{counted(measured.symbols, 'symbol')}, {ends}, in {counted(measured.documents, 'document')}{given}"
    else:
        count = counted(measured.symbols, measured.symbol)
        yield f"{count}, each from {window} before it; {measured.accuracy:.1%} correct"
    if near:
        yield f"of {counted(near.samples, 'sample')} {near.new:.1%} are new, {near.distinct:.1%} distinct"
        if near.nearest:
            yield f"each sample, the nearest name of {nearest_in}, and the edits between them:"
        for text, name, edits in near.nearest:
            yield f"{text}\t{name}\t{edits}"


def compared_lines(compared: Comparison, unit: Unit) -> Iterator[str]:
    """A line for each file, in columns."""
    nats = nats_in(unit)
    losses = f"{unit} per symbol", f"bits per {compared[0].symbol}", "perplexity"
    rows = [["file", *losses, "symbols", "documents", "difference"]]
    for each in compared:
        losses = f"{each.nats_per_symbol / nats:.4f}", f"{each.bits_per_character:.4f}", f"{each.perplexity:.2f}"
        rows.append([each.source, *losses, f"{each.symbols:,}", f"{each.documents:,}", ""])
    for row, found in zip(rows[2:], compared.differences, strict=True):
        ends = None if found.low is None or found.high is None else (found.low / nats, found.high / nats)
        interval = "[too few]" if ends is None else f"[{ends[0]:+.4f}, {ends[1]:+.4f}]"
        row[-1] = f"{found.difference / nats:+.4f} {interval}"
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)),
        ]
        yield "  ".join([*cells, row[-1]]).rstrip()
