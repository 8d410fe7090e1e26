"""`mangosaurus blend`: one model out of several."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.command import spelled
from mangosaurus.cli.streams import say

NAMES_TO_SHOW = 10


def blend(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL...", help="Two model files or more, or names of bundled models.")
    ],
    out: Annotated[Path, typer.Option(help="Where the blend goes, such as both.safetensors.")],
    weights: Annotated[
        str | None,
        typer.Option(help="How much each model counts, such as 0.7,0.3; they are scaled to sum to one. Equal if left."),
    ] = None,
    how: Annotated[
        str,
        typer.Option(
            help="product: all models choose every character together, so that each name has something of all of "
            "them. mixture: each name comes from one model alone, chosen by the weights."
        ),
    ] = "product",
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No notes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of names.")] = False,
) -> None:
    """Make one model of several, such as of elves and dwarves, and print ten names of it."""
    from mangosaurus.api import verbs
    from mangosaurus.core.files import check_writable

    check_writable(out, force)
    blended = verbs.blend(models, None if weights is None else parse_weights(weights), how)  # type: ignore[arg-type]
    blended.save(out, overwrite=force)
    samples = blended.sample(1 if blended.kind == "text" else NAMES_TO_SHOW, seed=0)
    if as_json:
        result = {"out": str(out), "info": blended.info(), "samples": list(samples)}
        print(json.dumps(result, ensure_ascii=False))
    else:
        sys.stdout.write("".join(line + "\n" for line in samples))
        sys.stdout.flush()
    if not quiet:
        for remark in samples.remarks(spelled):
            say(remark)
        say(f"the blend is in {out}; more: mangosaurus sample {out} -n 100")


def parse_weights(weights: str) -> list[float]:
    """Numbers between commas. Raises OptionError if one cannot be read."""
    from mangosaurus.core.errors import Option, OptionError

    try:
        return [float(part) for part in weights.split(",")]
    except ValueError:
        raise OptionError(
            Option("weights"), f" is {weights!r}; give a number for each model, such as 0.7,0.3"
        ) from None
