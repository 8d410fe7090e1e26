"""`mangosaurus export`: a model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mangosaurus.cli.options import Force, ModelArgument
from mangosaurus.cli.streams import say
from mangosaurus.core.typed import option


def export(
    out: Annotated[Path, option(metavar="FILE", help="Save the export here, such as names.html.")],
    model: ModelArgument = None,
    to: Annotated[
        str | None,
        option(
            metavar="FORMAT",
            help="onnx: one step of the networks, for onnxruntime. html: a page that writes names or texts offline in "
            "any browser. arpa: the n-gram, for SRILM, KenLM and others. Default: by the ending of --out.",
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Export a model for other programs.

    Standard error says what the file contains, and what it leaves out.
    """
    from mangosaurus.api import verbs

    for note in verbs.export(model, out, to=to, overwrite=force):
        say(note)
    say(f"the export is in {out}")
