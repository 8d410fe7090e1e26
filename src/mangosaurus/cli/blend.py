"""`mangosaurus blend`: one model out of several."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mangosaurus.cli.command import spelled
from mangosaurus.cli.options import AsJson, Force, Quiet
from mangosaurus.cli.streams import print_json, print_lines, say
from mangosaurus.core.typed import argument, option

NAMES_TO_SHOW = 10


def blend(
    models: Annotated[list[str], argument("MODEL", "Two or more model files or bundled models.")],
    out: Annotated[Path, option(metavar="FILE", help="Save the blend here, such as both.safetensors.")],
    weights: Annotated[
        str | None,
        option(metavar="NUMBERS", help="The weight of each model, such as 0.7,0.3. Default: equal weights."),
    ] = None,
    how: Annotated[
        str,
        option(
            help="product: all models choose each character together, so that every name resembles all of them. "
            "mixture: each name comes from a single model, which the weights choose."
        ),
    ] = "product",
    force: Force = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Blend several models into one, such as elves and dwarves, and print ten of its names."""
    from mangosaurus.api import verbs
    from mangosaurus.core.files import check_writable

    check_writable(out, force)
    blended = verbs.blend(models, None if weights is None else parse_weights(weights), how)  # type: ignore[arg-type]
    blended.save(out, overwrite=force)
    samples = blended.sample(1 if blended.kind == "text" else NAMES_TO_SHOW, seed=0)
    if as_json:
        print_json({"out": str(out), "info": blended.info(), "samples": list(samples)})
    else:
        print_lines(samples)
    if not quiet:
        for remark in samples.remarks(spelled):
            say(remark)
        say(f"the blend is in {out}; more: mangosaurus sample {out} -n 100")


def parse_weights(weights: str) -> list[float]:
    """Reads numbers with commas between them. Raises OptionError if it cannot."""
    from mangosaurus.core.errors import Option, OptionError

    try:
        return [float(part) for part in weights.split(",")]
    except ValueError:
        raise OptionError(
            Option("weights"), f" is {weights!r}; give a number for each model, such as 0.7,0.3"
        ) from None
