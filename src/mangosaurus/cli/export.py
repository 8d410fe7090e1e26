"""`mangosaurus export`: a model for other programs, or the workshop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mangosaurus.cli.options import Force, ModelArgument
from mangosaurus.cli.streams import say
from mangosaurus.core.errors import Option, OptionError
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
    workshop: Annotated[
        bool,
        option(
            "--workshop",
            help="No model, but a page that learns from any list of names by itself, offline in any browser.",
        ),
    ] = False,
    force: Force = False,
) -> None:
    """Export a model for other programs, or a page that makes models.

    Standard error says what the file contains, and what it leaves out.
    """
    from mangosaurus.api import verbs

    if workshop:
        _check_alone(model, to)
        notes = verbs.export_workshop(out, overwrite=force)
    else:
        notes = verbs.export(model, out, to=to, overwrite=force)
    for note in notes:
        say(note)
    say(f"the export is in {out}")


def _check_alone(model: Path | None, to: str | None) -> None:
    """Raises OptionError where --workshop has company: it takes no model, and is always a page."""
    if model is not None:
        raise OptionError(
            Option("workshop"), f" makes a page that learns from lists: it takes no model, and {str(model)!r} is given"
        )
    if to not in (None, "html"):
        raise OptionError(Option("workshop"), " makes an HTML page; ", Option("to"), f" is {to!r}: leave it out")
