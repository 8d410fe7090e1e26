"""`mangosaurus sample`: new names from a model."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mangosaurus.cli.command import spelled
from mangosaurus.cli.options import Label, ModelArgument, Training, with_options
from mangosaurus.cli.streams import say
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Drawing, SamplingParameters

if TYPE_CHECKING:
    from mangosaurus.generation.nearest import Ranked


@with_options
def sample(
    model: ModelArgument = None,
    n: Annotated[
        int | None,
        typer.Option("-n", "--n", help="How many; with --best, of how many.", show_default="20; with --best 1000"),
    ] = None,
    *,
    constraints: Constraints,
    training: Training = None,
    parameters: SamplingParameters,
    label: Label = None,
    drawing: Drawing,
    best: Annotated[
        int | None,
        typer.Option(metavar="K", help="Keep the K best of many: likely, and unlike the names of the training list."),
    ] = None,
    scores: Annotated[
        bool, typer.Option("--scores", help="Add a tab and the name's nats per symbol: lower is more typical.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Write new names, one a line. They are distinct, not in the training list, and satisfy all constraints."""
    from mangosaurus.api.verbs import load

    loaded = load(model) if label is None else load(model).with_label(label)
    if best is not None:
        _show_best(loaded.rank(best, n, constraints, parameters, drawing, training), best, as_json)
        return
    samples = loaded.draw(20 if n is None else n, constraints, parameters, drawing, training)
    if as_json:
        print(json.dumps(samples.as_dict(loaded.losses(samples)), ensure_ascii=False))
    else:
        losses = loaded.losses(samples) if scores else []
        lines = [f"{text}\t{loss:.3f}" for text, loss in zip(samples, losses, strict=True)] if scores else samples
        sys.stdout.write("".join(line + "\n" for line in lines))
    for remark in samples.remarks(spelled):
        say(remark)


def _show_best(ranked: list[Ranked], asked: int, as_json: bool) -> None:
    """Prints the best, each with its score, its loss, the nearest name of the training list, and the edits between."""
    if as_json:
        print(json.dumps({"best": [vars(each) for each in ranked]}, ensure_ascii=False))
        return
    for each in ranked:
        print(f"{each.text}\t{each.score:.3f}\t{each.nats_per_symbol:.3f}\t{each.nearest}\t{each.edits}")
    say(
        "each name, its score, its nats per symbol, the nearest name of the training list, and the edits between them; "
        "score = edits / length - nats per symbol"
    )
    if len(ranked) < asked:
        say(f"only {len(ranked):,} names to choose from were found")
