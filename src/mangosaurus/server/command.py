"""`mangosaurus serve`: the page and the HTTP API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mangosaurus.core.typed import argument, option


def serve(
    models: Annotated[
        list[Path] | None,
        argument("MODEL", "Model files, or names of bundled models. Default: both bundled models."),
    ] = None,
    host: Annotated[
        str, option(help="The address to listen on. If other machines can reach it, a token is required.")
    ] = "127.0.0.1",
    port: Annotated[int, option(limits=(0, 65535), help="The port; 0 takes a free one.")] = 8000,
    token: Annotated[
        str | None,
        option(
            help="Require this token; open the page as /?token=... The process list shows it to other users: prefer "
            "--token-file or MANGOSAURUS_TOKEN."
        ),
    ] = None,
    token_file: Annotated[Path | None, option(metavar="FILE", help="Read the token from this file.")] = None,
    allow_origin: Annotated[
        list[str] | None,
        option(
            metavar="URL",
            help="Also answer your own web page there, such as https://example.org. Can be repeated. Pages of other "
            "sites are refused.",
        ),
    ] = None,
    keep: Annotated[Path, option(metavar="DIR", help="The folder of kept models.")] = Path("mangosaurus-models"),
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
