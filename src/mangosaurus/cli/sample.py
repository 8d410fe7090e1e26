"""`mangosaurus sample`: new names from a model."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated

import typer

from mangosaurus.cli.command import spelled
from mangosaurus.cli.options import Column, Label, ModelArgument, Training, with_options
from mangosaurus.cli.output import Output
from mangosaurus.cli.streams import say
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Drawing, SamplingParameters, Steering

if TYPE_CHECKING:
    from mangosaurus.data.read import CorpusLike
    from mangosaurus.generation.nearest import Ranked


@with_options
def sample(
    model: ModelArgument = None,
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
    steering: Steering,
    column: Column = None,
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
    """Generate names, one per line. They are distinct, not in the training list, and satisfy all constraints.

    With --like and no MODEL, the names to resemble are what is learnt from.
    """
    from mangosaurus.cli.steering import chosen

    if scores and output.manner != "text":
        raise OptionError.of("{scores} has no effect with {}: leave it out", Option(output.manner))
    output.check(model, training)
    loaded, own = chosen(model, label, steering, column, training)
    names: CorpusLike = training
    if own is not None and (best is not None or constraints.not_like is not None):
        names = own
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
        say(f"only {len(ranked):,} names to choose from were found")
