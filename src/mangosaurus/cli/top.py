"""`mangosaurus top`: the most probable names of a model."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from mangosaurus.cli.options import AsJson, Label, ModelArgument, Training, with_options
from mangosaurus.cli.streams import print_json, print_lines, say
from mangosaurus.generation.constraints.options import Constraints


@with_options
def top(
    model: ModelArgument = None,
    n: Annotated[int, typer.Option("-n", "--n", help="Number of names.")] = 20,
    *,
    constraints: Constraints,
    label: Label = None,
    training: Training = None,
    new: Annotated[bool, typer.Option("--new", help="Leave out names of the training list.")] = False,
    memory: Annotated[
        int,
        typer.Option(
            metavar="MB",
            help="Memory limit of the search. At the limit, or after 1,000,000 + 1,000 n prefixes, only the names "
            "proved so far are printed.",
        ),
    ] = 1000,
    as_json: AsJson = False,
) -> None:
    """Print the most probable names of a model, with their probabilities. The list is exact, not sampled."""
    from mangosaurus.api.verbs import load

    loaded = load(model) if label is None else load(model).with_label(label)
    found = loaded.most_probable(n, constraints, new, training, memory)
    if as_json:
        print_json(found.as_dict())
    else:
        print_lines(f"{name}\t{math.exp(p):.3g}" for name, p in zip(found, found.log_probs, strict=True))
    say(found.summary())
