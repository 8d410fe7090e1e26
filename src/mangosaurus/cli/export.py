"""`mangosaurus export`: a model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import ModelArgument
from mangosaurus.cli.streams import say


def export(
    out: Annotated[Path, typer.Option(help="Where the file goes, such as names.html.")],
    model: ModelArgument = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="onnx: the step of the networks, for onnxruntime. html: a page that writes names or texts in any "
            "browser, without a network. If not given, the end of --out says which.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
) -> None:
    """Write a model for other programs to run.

    What the file is, and what of the model is not in it, is said on standard error.
    """
    from mangosaurus.api import verbs

    notes = verbs.export(model, out, to=to, overwrite=force)
    for note in notes:
        say(note)
    say(f"the export is in {out}")
