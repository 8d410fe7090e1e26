"""`mangosaurus serve`: the page and the HTTP API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    models: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[MODEL]...", help="Model files, or names of bundled models. Default: both bundled models."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on. If other machines can reach it, a token is required.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            help="Require this token; open the page as /?token=... The process list shows it to other users: prefer "
            "--token-file or MANGOSAURUS_TOKEN."
        ),
    ] = None,
    token_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Read the token from this file.")] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Also answer your own web page there, such as https://example.org. Can be repeated. Pages of other "
            "sites are refused.",
        ),
    ] = None,
    keep: Annotated[Path, typer.Option(metavar="DIR", help="The folder of kept models.")] = Path("mangosaurus-models"),
) -> None:
    """Serve the models over HTTP, with a page for the browser, until Ctrl-C."""
    try:
        from mangosaurus.server.serve import find_token
        from mangosaurus.server.serve import serve as serve_models
    except ModuleNotFoundError as error:
        from mangosaurus.core.errors import MissingExtraError

        raise MissingExtraError(
            f'the server needs {error.name}, which is not installed: run pip install "mangosaurus[serve]"'
        ) from error
    token = find_token(token, token_file)
    serve_models(models or [], host=host, port=port, token=token, keep=keep, origins=allow_origin or [])
