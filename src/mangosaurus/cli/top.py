"""`mangosaurus top`: the most probable names of a model."""

from __future__ import annotations

import json
import math
import sys
from typing import Annotated

import typer

from mangosaurus.cli.streams import say
from mangosaurus.cli.wishes import (
    Avoid,
    AvoidParts,
    Contains,
    Label,
    Length,
    MaxLength,
    MinLength,
    ModelArgument,
    NotLike,
    Pattern,
    Prefix,
    Suffix,
    Training,
    Without,
)


def top(
    model: ModelArgument = None,
    n: Annotated[int, typer.Option("-n", "--n", help="How many.")] = 20,
    prefix: Prefix = "",
    suffix: Suffix = "",
    contains: Contains = None,
    pattern: Pattern = None,
    min_length: MinLength = None,
    max_length: MaxLength = None,
    length: Length = None,
    without: Without = "",
    avoid: Avoid = None,
    avoid_parts: AvoidParts = False,
    not_like: NotLike = None,
    label: Label = None,
    training: Training = None,
    new: Annotated[bool, typer.Option("--new", help="Skip names of the training list.")] = False,
    memory: Annotated[
        int,
        typer.Option(
            metavar="MB",
            help="End with what is proved so far when open prefixes take more, or after a million of them and 1,000 "
            "for each name.",
        ),
    ] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Print the most probable names and their probabilities: exactly these, with nothing better left out."""
    from mangosaurus.api import load

    loaded = load(model) if label is None else load(model).with_label(label)
    found = loaded.top(
        n,
        prefix=prefix,
        suffix=suffix,
        contains=contains or (),
        pattern=pattern or (),
        min_length=min_length,
        max_length=max_length,
        length=length,
        without=without,
        avoid=avoid,
        avoid_parts=avoid_parts,
        not_like=not_like,
        training=training,
        new=new,
        memory=memory,
    )
    if as_json:
        names = [{"text": name, "log_probability": p} for name, p in zip(found, found.log_probs, strict=True)]
        result = {"names": names, "asked": n, "prefixes": found.prefixes, "ended_early": found.ended_early}
        print(json.dumps(result, ensure_ascii=False))
    else:
        lines = (f"{name}\t{math.exp(p):.3g}\n" for name, p in zip(found, found.log_probs, strict=True))
        sys.stdout.write("".join(lines))
    say(found.summary())
