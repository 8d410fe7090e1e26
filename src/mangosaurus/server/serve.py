"""What the command `serve` does: the models read, the socket opened, the application run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits

from mangosaurus.api import load
from mangosaurus.bundled import NAMES
from mangosaurus.corpus import source_of
from mangosaurus.errors import OptionError
from mangosaurus.server.app import create_app
from mangosaurus.server.kept import check_folder, kept_models
from mangosaurus.server.limits import Limits
from mangosaurus.server.models import Shelf
from mangosaurus.server.run import listen, run
from mangosaurus.server.security import Address, is_loopback

SHORTEST_TOKEN = 16
"""Characters: 16 random hexadecimal digits are 64 bits: too many to guess over a network."""
TOKEN_BYTES = 4096
"""The most that a file of a token may have."""


def serve(models: Sequence[str | os.PathLike[str]], *, host: str, port: int, token: str | None, keep: Path) -> None:
    """Serves `models`, or both bundled ones, until it is told to end.

    Raises OptionError for a token that is too short, for a foreign host without a token and for an address that is
    taken, ModelFileError for a model that cannot be read, OutputError for a folder `keep` that cannot be written.
    """
    if token is not None:
        check_token(token)
    elif not is_loopback(host):
        raise OptionError(
            f"host {host} can be reached from other machines: set a token with --token-file or MANGOSAURUS_TOKEN"
        )
    check_folder(keep)
    limits = Limits()
    shelf = Shelf(keep, limits.unkept)
    for given in models or NAMES:
        name = os.fspath(given)
        shelf.add(load(given), Path(source_of(name)).stem, "bundled" if name in NAMES else "given")
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

    Raises OptionError if it is given twice, or if the file cannot be read or is too large for a token.
    """
    if token is not None and file is not None:
        raise OptionError("--token and --token-file are both given; use one")
    if file is None:
        return os.environ.get("MANGOSAURUS_TOKEN") if token is None else token
    try:
        with file.open("rb") as opened:
            data = opened.read(TOKEN_BYTES + 1)
        said = data.decode().strip()
    except (OSError, ValueError) as error:
        raise OptionError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > TOKEN_BYTES:
        raise OptionError(f"{file} has more than {TOKEN_BYTES:,} bytes; write only the token into it")
    return said


def check_token(token: str) -> None:
    """Raises OptionError for a token that could be guessed, or that no header can carry. It is not repeated."""
    if not (token.isascii() and token.isprintable() and token.strip() == token):
        raise OptionError("the token must be one line of ASCII without leading or trailing spaces")
    if len(token) < SHORTEST_TOKEN:
        raise OptionError(f"the token has {len(token)} characters; take {SHORTEST_TOKEN} or more that nobody can guess")
