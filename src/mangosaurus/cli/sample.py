"""`mangosaurus sample`: new names from a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangosaurus.cli.command import spelled, tell
from mangosaurus.cli.options import Label, ModelArgument, Training, with_options
from mangosaurus.cli.output import Output
from mangosaurus.cli.streams import say
from mangosaurus.core.errors import Option, OptionError, plain
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Drawing, SamplingParameters

if TYPE_CHECKING:
    from mangosaurus.api.model import Model
    from mangosaurus.data.corpus import Corpus
    from mangosaurus.data.read import CorpusLike
    from mangosaurus.generation.ranking import Ranking


@with_options
def sample(
    model: ModelArgument = None,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help='In place of MODEL: names to resemble, such as "Galadriel, Elrond, Legolas", or a file of names.',
        ),
    ] = None,
    column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="With --like: the column of the names, if the file is a table.")
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(
            "-n", "--n", help="Number of names. Default: 20. With --best: names to choose from. Default: 1000."
        ),
    ] = None,
    *,
    constraints: Constraints,
    training: Training = None,
    parameters: SamplingParameters,
    label: Label = None,
    drawing: Drawing,
    best: Annotated[
        int | None,
        typer.Option(
            metavar="K", help="Print only the K best names: typical, far from those of the training list, easy to say."
        ),
    ] = None,
    scores: Annotated[
        bool, typer.Option("--scores", help="Add a TAB and the name's nats per symbol. Lower is more typical.")
    ] = False,
    output: Output,
) -> None:
    """Generate names, one per line. They are distinct, not in the training list, and satisfy all constraints."""
    from mangosaurus.api.verbs import load

    if scores and output.manner != "text":
        raise OptionError.of("{scores} has no effect with {}: leave it out", Option(output.manner))
    output.check(model, training)
    names: CorpusLike = training
    if like is None:
        loaded = load(model)
    else:
        loaded, names = _like(like, model, column)
        if best is None and constraints.not_like is None:
            names = None
    if label is not None:
        loaded = loaded.with_label(label)
    if best is not None:
        _show_best(loaded.rank(best, n, constraints, parameters, drawing, names), output)
        return
    samples = loaded.draw(20 if n is None else n, constraints, parameters, drawing, names)
    losses = loaded.losses(samples.documents) if scores or output.manner != "text" else []
    output.show(
        lambda: (f"{text}\t{loss:.3f}" for text, loss in zip(samples, losses, strict=True)) if scores else samples,
        lambda: samples.table(losses),
        lambda: samples.as_dict(losses),
    )
    for remark in samples.remarks(spelled):
        say(remark)


def _like(names: str, model: Path | None, column: str | None) -> tuple[Model, Corpus]:
    """A model of the names typed, and the names."""
    from mangosaurus.api.like import like, names_of

    if model is not None:
        raise OptionError.of(
            "{model} is {}, and {like} makes a model of its own: leave one of them out, or put all names into one pair "
            'of quotes, as in {like} "Galadriel, Elrond"',
            plain(model),
        )
    corpus = names_of(names, column)
    tell(corpus)
    return like(corpus), corpus


def _show_best(ranking: Ranking, output: Output) -> None:
    """Prints the best, each with its score and what that is made of."""
    output.show(lambda: _columns(ranking), ranking.table, ranking.as_dict)
    if output.manner == "text":
        say(ranking.explanation())
    for remark in ranking.remarks(spelled):
        say(remark)


def _columns(ranking: Ranking) -> Iterator[str]:
    """The names in columns, below a line of headings."""
    from rich.cells import cell_len

    from mangosaurus.generation.ranking import FIGURES, HEADINGS, cells

    rows = [HEADINGS, *map(cells, ranking)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(
            space + cell if heading in FIGURES else cell + space
            for heading, cell, width in zip(HEADINGS, row, widths, strict=True)
            for space in [" " * (width - cell_len(cell))]
        ).rstrip()
