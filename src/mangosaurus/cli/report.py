"""`mangosaurus report`: one page about a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mangosaurus.cli.options import Force, ModelArgument
from mangosaurus.cli.streams import say
from mangosaurus.core.typed import option


def report(
    model: ModelArgument = None,
    out: Annotated[Path, option(metavar="FILE", help="Save the page here.")] = Path("report.html"),
    holdout: Annotated[
        str | None,
        option(metavar="FILE", help="Measure the loss on this file, and show its most surprising names."),
    ] = None,
    training: Annotated[
        str | None,
        option(
            metavar="FILE",
            help="The training list or text, to compare samples with; a model file has only hashes of it. Not needed "
            "for models of the bundled dinosaurs.",
        ),
    ] = None,
    seed: Annotated[int, option(help="Random seed of the samples. The same seed gives the same page.")] = 0,
    force: Force = False,
) -> None:
    """Write one HTML page about a model. It can be read offline.

    It shows the training, compares the lengths and characters of samples with the data, and says how many samples are
    new. It lists the nearest names of fifty samples, and the most surprising names of the training list.
    """
    from mangosaurus.api.report import report as page_of
    from mangosaurus.core.files import check_writable, write

    check_writable(out, force, [holdout, training])
    write(out, page_of(model, holdout, training, seed).encode(), force)
    say(f"the report is in {out}")
