"""`mangosaurus top`: the most probable names of a model."""

from __future__ import annotations

import json
import math
import sys
from typing import Annotated

import typer

from mangosaurus.cli.options import Label, ModelArgument, Training, with_options
from mangosaurus.cli.streams import say
from mangosaurus.generation.constraints.options import Constraints


@with_options
def top(
    model: ModelArgument = None,
    n: Annotated[int, typer.Option("-n", "--n", help="How many.")] = 20,
    *,
    constraints: Constraints,
    label: Label = None,
    training: Training = None,
    new: Annotated[bool, typer.Option("--new", help="Skip names of the training list.")] = False,
    memory: Annotated[
        int,
        typer.Option(
            metavar="MB",
            help="Memory for the search, which ends with what it has proved when it needs more, or after a million "
            "prefixes and 1,000 for each name.",
        ),
    ] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Print the most probable names and their probabilities: exactly these, with nothing better left out."""
    from mangosaurus.api.verbs import load

    loaded = load(model) if label is None else load(model).with_label(label)
    found = loaded.most_probable(n, constraints, new, training, memory)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        lines = (f"{name}\t{math.exp(p):.3g}\n" for name, p in zip(found, found.log_probs, strict=True))
        sys.stdout.write("".join(lines))
    say(found.summary())
