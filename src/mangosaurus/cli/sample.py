"""`mangosaurus sample`: new names from a model."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mangosaurus.cli.options import MinP, Temperature, TopK, TopP
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

if TYPE_CHECKING:
    from mangosaurus.model import Model


class Method(StrEnum):
    """How names are drawn."""

    independent = "independent"
    gumbel = "gumbel"


def sample(
    model: ModelArgument = None,
    n: Annotated[
        int | None,
        typer.Option("-n", "--n", help="How many; with --best, of how many.", show_default="20; with --best 1000"),
    ] = None,
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
    training: Training = None,
    temperature: Temperature = 1.0,
    top_k: TopK = None,
    top_p: TopP = None,
    min_p: MinP = None,
    label: Label = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same names.")] = None,
    method: Annotated[
        Method, typer.Option(help="gumbel draws distinct names in one pass, the likely ones rather first.")
    ] = Method.independent,
    best: Annotated[
        int | None, typer.Option(metavar="K", help="Keep the K best of many: likely, and unlike the known ones.")
    ] = None,
    allow_known: Annotated[bool, typer.Option("--allow-known", help="Keep names of the training list.")] = False,
    allow_duplicates: Annotated[bool, typer.Option("--allow-duplicates", help="Keep repeated names.")] = False,
    scores: Annotated[
        bool, typer.Option("--scores", help="Add a tab and the name's nats per symbol: lower is more typical.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Write new names: one a line, distinct, none of the training list, and with all that is asked of them."""
    from mangosaurus.api import load
    from mangosaurus.evaluation import without_impossible_end

    options: dict[str, Any] = {
        "prefix": prefix,
        "suffix": suffix,
        "contains": contains or (),
        "pattern": pattern or (),
        "min_length": min_length,
        "max_length": max_length,
        "length": length,
        "without": without,
        "avoid": avoid,
        "avoid_parts": avoid_parts,
        "not_like": not_like,
        "training": training,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "min_p": min_p,
        "seed": seed,
        "method": method.value,
        "allow_known": allow_known,
        "allow_duplicates": allow_duplicates,
    }
    loaded = load(model) if label is None else load(model).with_label(label)
    if best is not None:
        _best(loaded, best, n, options, as_json)
        return
    samples = loaded.sample(20 if n is None else n, **options)
    scored = loaded.score(samples) if scores or as_json else []
    losses = [-float(without_impossible_end(score).mean()) for score in scored]
    if as_json:
        described: list[dict[str, Any]] = [
            {"text": text, "nats_per_symbol": loss} for text, loss in zip(samples, losses, strict=True)
        ]
        for each, inclusion in zip(described, samples.inclusion or (), strict=False):
            each["inclusion"] = inclusion
        result = {"samples": described, "asked": samples.asked, "drawn": samples.drawn, "seed": samples.seed}
        if samples.probability is not None:
            result |= {"probability": samples.probability, "exact": samples.exact, "effective": samples.effective}
        print(json.dumps(result, ensure_ascii=False))
    else:
        lines = [f"{text}\t{loss:.3f}" for text, loss in zip(samples, losses, strict=True)] if scores else samples
        sys.stdout.write("".join(line + "\n" for line in lines))
    for remark in (samples.manner(), samples.shortfall()):
        if remark:
            say(remark)


def _best(loaded: Model, best: int, n: int | None, options: dict[str, Any], as_json: bool) -> None:
    """Prints the best, each with its score, its loss, the known name that it is closest to, and the edits between."""
    ranked = loaded.best(best, n, **options)
    if as_json:
        print(json.dumps({"best": [vars(each) for each in ranked]}, ensure_ascii=False))
        return
    for each in ranked:
        print(f"{each.text}\t{each.score:.3f}\t{each.nats_per_symbol:.3f}\t{each.nearest}\t{each.edits}")
    say(
        "each name, its score, its nats per symbol, the name of the training list that it is closest to, and the edits "
        "between them; score = edits / length - nats per symbol"
    )
    if len(ranked) < best:
        say(f"only {len(ranked):,} names to choose from were found")
