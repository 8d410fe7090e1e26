"""`mangosaurus sample`: new names from a model."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangosaurus.cli.command import spelled, tell
from mangosaurus.cli.options import Label, ModelArgument, Training, with_options
from mangosaurus.cli.output import Output
from mangosaurus.cli.streams import say
from mangosaurus.core.errors import Option, OptionError, plain
from mangosaurus.core.units import counted
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Drawing, SamplingParameters

if TYPE_CHECKING:
    from mangosaurus.api.model import Model
    from mangosaurus.data.corpus import Corpus
    from mangosaurus.data.read import CorpusLike
    from mangosaurus.generation.nearest import Ranked


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
        typer.Option(metavar="K", help="Print only the K best names: likely, and unlike those of the training list."),
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
        _show_best(loaded.rank(best, n, constraints, parameters, drawing, names), best, output)
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


def _show_best(ranked: list[Ranked], asked: int, output: Output) -> None:
    """Prints the best, each with its score, its loss, the nearest name of the training list, and the edits between."""
    from mangosaurus.core.table import Table
    from mangosaurus.generation.nearest import Ranked

    output.show(
        lambda: (
            f"{each.text}\t{each.score:.3f}\t{each.nats_per_symbol:.3f}\t{each.nearest}\t{each.edits}"
            for each in ranked
        ),
        lambda: Table.of([field.name for field in fields(Ranked)], map(vars, ranked)),
        lambda: {"best": [vars(each) for each in ranked]},
    )
    if output.manner == "json":
        return
    say(
        "each name, its score, its nats per symbol, the nearest name of the training list, and the edits between them; "
        "score = edits / length - nats per symbol"
    )
    if len(ranked) < asked:
        say(f"only {counted(len(ranked), 'name')} to choose from {'was' if len(ranked) == 1 else 'were'} found")
