"""`mangosaurus sample`: new names from a model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

ModelArgument = Annotated[
    Path | None, typer.Argument(metavar="[MODEL]", help="A model file. Without one, the bundled dinosaurs.")
]


def sample(
    model: ModelArgument = None,
    n: Annotated[int, typer.Option("-n", "--n", help="How many.")] = 20,
    prefix: Annotated[str, typer.Option(help="What they begin with.")] = "",
    temperature: Annotated[
        float, typer.Option(help="Below 1 more usual, above 1 more daring; 0 is always the likeliest character.")
    ] = 1.0,
    top_k: Annotated[int | None, typer.Option(help="Draw from the k likeliest characters only.")] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest characters that make up this probability.")
    ] = None,
    min_p: Annotated[
        float | None, typer.Option(help="Draw from characters at least this fraction as likely as the likeliest.")
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(help="Of a model with labels: names of this one, or a blend, as elf:0.6,dwarf:0.4."),
    ] = None,
    max_length: Annotated[int | None, typer.Option(help="The most characters, the prefix included.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same names.")] = None,
    allow_known: Annotated[bool, typer.Option("--allow-known", help="Keep names of the training list.")] = False,
    allow_duplicates: Annotated[bool, typer.Option("--allow-duplicates", help="Keep repeated names.")] = False,
    scores: Annotated[
        bool, typer.Option("--scores", help="Add a tab and the name's nats per symbol: lower is more typical.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Write new names: one a line, distinct, and none of the training list."""
    from mangosaurus.api import load

    loaded = load(model) if label is None else load(model).with_label(label)
    samples = loaded.sample(
        n,
        prefix=prefix,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        max_length=max_length,
        seed=seed,
        allow_known=allow_known,
        allow_duplicates=allow_duplicates,
    )
    losses = [-float(each.mean()) for each in loaded.score(samples)] if scores or as_json else []
    if as_json:
        described = [{"text": text, "nats_per_symbol": loss} for text, loss in zip(samples, losses, strict=True)]
        result = {"samples": described, "asked": samples.asked, "drawn": samples.drawn, "seed": samples.seed}
        print(json.dumps(result, ensure_ascii=False))
    else:
        lines = [f"{text}\t{loss:.3f}" for text, loss in zip(samples, losses, strict=True)] if scores else samples
        sys.stdout.write("".join(line + "\n" for line in lines))
    shortfall = samples.shortfall()
    if shortfall:
        print(shortfall, file=sys.stderr)
