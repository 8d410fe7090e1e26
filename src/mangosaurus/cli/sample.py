"""`mangosaurus sample`: new names from a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mangosaurus.cli.command import spelled
from mangosaurus.cli.options import AsJson, Label, ModelArgument, Training, with_options
from mangosaurus.cli.streams import print_json, print_lines, say
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Drawing, SamplingParameters

if TYPE_CHECKING:
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
    drawing: Drawing,
    best: Annotated[
        int | None,
        typer.Option(metavar="K", help="Print only the K best names: likely, and unlike those of the training list."),
    ] = None,
    scores: Annotated[
        bool, typer.Option("--scores", help="Add a TAB and the name's nats per symbol. Lower is more typical.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Generate names, one per line. They are distinct, not in the training list, and satisfy all constraints."""
    from mangosaurus.api.verbs import load

    loaded = load(model) if label is None else load(model).with_label(label)
    if best is not None:
        _show_best(loaded.rank(best, n, constraints, parameters, drawing, training), best, as_json)
        return
    samples = loaded.draw(20 if n is None else n, constraints, parameters, drawing, training)
    if as_json:
        print_json(samples.as_dict(loaded.losses(samples)))
    else:
        losses = loaded.losses(samples) if scores else []
        lines = [f"{text}\t{loss:.3f}" for text, loss in zip(samples, losses, strict=True)] if scores else samples
        print_lines(lines)
    for remark in samples.remarks(spelled):
        say(remark)


def _show_best(ranked: list[Ranked], asked: int, as_json: bool) -> None:
    """Prints the best, each with its score, its loss, the nearest name of the training list, and the edits between."""
    if as_json:
        print_json({"best": [vars(each) for each in ranked]})
        return
    for each in ranked:
        print(f"{each.text}\t{each.score:.3f}\t{each.nats_per_symbol:.3f}\t{each.nearest}\t{each.edits}")
    say(
        "each name, its score, its nats per symbol, the nearest name of the training list, and the edits between them; "
        "score = edits / length - nats per symbol"
    )
    if len(ranked) < asked:
        say(f"only {len(ranked):,} names to choose from were found")
