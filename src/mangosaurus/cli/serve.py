"""`mangosaurus serve`: the page and the HTTP interface."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    models: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[MODEL]...", help="Model files, or names of bundled models. Without one, both bundled models."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Where to listen. Any but this machine itself needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            help="Require this token; open the page as /?token=... Other users can see it in the process list: prefer "
            "--token-file or MANGOSAURUS_TOKEN."
        ),
    ] = None,
    token_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Read the token from this file.")] = None,
    keep: Annotated[Path, typer.Option(metavar="DIR", help="The folder for models that are trained and kept.")] = Path(
        "mangosaurus-models"
    ),
) -> None:
    """Serve a page in the browser, and the models over HTTP, until Ctrl-C."""
    try:
        from mangosaurus.server.serve import find_token
        from mangosaurus.server.serve import serve as serve_models
    except ModuleNotFoundError as error:
        from mangosaurus.errors import MissingExtraError

        raise MissingExtraError(
            f"the server needs {error.name}, which is not installed: run pip install 'mangosaurus[serve]'"
        ) from error
    serve_models(models or [], host=host, port=port, token=find_token(token, token_file), keep=keep)
