"""`mangosaurus report`: one page about a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import ModelArgument
from mangosaurus.cli.streams import say


def report(
    model: ModelArgument = None,
    out: Annotated[Path, typer.Option(help="Where the page goes.")] = Path("report.html"),
    holdout: Annotated[
        str | None, typer.Option(help="A file to measure the model on; its most surprising names are shown too.")
    ] = None,
    training: Annotated[
        str | None,
        typer.Option(
            help="The training list or text, to compare samples with: a model file has only hashes of it. Not needed "
            "for models of the bundled list of dinosaurs."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of the samples: the same seed gives the same page.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
) -> None:
    """Write one HTML page about a model, to be read without a network.

    It shows the training, the lengths and characters of samples against the data, how new they are, the nearest
    neighbours of fifty, and the most surprising names of the list.
    """
    from mangosaurus.api import verbs
    from mangosaurus.core.files import check_writable, write

    check_writable(out, force, [holdout, training])
    write(out, verbs.report(model, holdout, training, seed).encode(), force)
    say(f"the report is in {out}")
