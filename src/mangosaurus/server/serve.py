"""What the command `serve` does: the models read, the socket opened, the application run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits

from mangosaurus.api import load
from mangosaurus.bundled import NAMES
from mangosaurus.errors import OptionError
from mangosaurus.server.app import create_app
from mangosaurus.server.kept import check_folder, kept_models
from mangosaurus.server.limits import Limits
from mangosaurus.server.run import listen, run
from mangosaurus.server.security import Address, is_loopback
from mangosaurus.server.shelf import Shelf

SHORTEST_TOKEN = 16
"""Characters: sixteen random hexadecimal digits take longer than a life to guess over a network."""
TOKEN_BYTES = 4096
"""A file of a token is not read further."""


def serve(models: Sequence[str | os.PathLike[str]], *, host: str, port: int, token: str | None, keep: Path) -> None:
    """Serves `models`, or both bundled ones, until it is told to end.

    Raises OptionError for a token that is too short, for a foreign host without a token and for an address that is
    taken, ModelFileError for a model that cannot be read, OutputError for a folder `keep` that cannot be written.
    """
    if token is not None:
        check_token(token)
    elif not is_loopback(host):
        raise OptionError(
            f"host {host} can be reached from other machines; give --token-file, with a secret word in it"
        )
    check_folder(keep)
    limits = Limits()
    shelf = Shelf(keep, limits.unkept)
    for given in models or NAMES:
        name = os.fspath(given)
        shelf.add(load(given), Path(name).stem, "bundled" if name in NAMES else "given")
    for name, model in kept_models(keep, limits.kept):
        shelf.add(model, name, "kept")
    listening = listen(host, port)
    address = Address(host, listening.getsockname()[1])
    # One thread a product, for the whole life of the process: two requests at once keep two cores busy, and threads
    # that wait for each other on a busy machine take many times as long.
    with threadpool_limits(1, user_api="blas"):
        run(create_app(shelf, address, token, limits), listening, address)


def find_token(token: str | None, file: Path | None) -> str | None:
    """The token: as given, or the line in a file, or what MANGOSAURUS_TOKEN says; None if there is none.

    Raises OptionError if it is given twice, or if the file cannot be read.
    """
    if token is not None and file is not None:
        raise OptionError("--token and --token-file are given; one is enough")
    if file is None:
        return os.environ.get("MANGOSAURUS_TOKEN") if token is None else token
    try:
        with file.open("rb") as opened:
            return opened.read(TOKEN_BYTES).decode().strip()
    except (OSError, ValueError) as error:
        raise OptionError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def check_token(token: str) -> None:
    """Raises OptionError for a token that could be guessed, or that no header can carry. It is not repeated."""
    if not (token.isascii() and token.isprintable() and token.strip() == token):
        raise OptionError("the token must be of ASCII characters, in one line and without spaces around it")
    if len(token) < SHORTEST_TOKEN:
        raise OptionError(f"the token has {len(token)} characters; take {SHORTEST_TOKEN} or more that nobody can guess")
