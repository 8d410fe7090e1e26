"""The command `serve`: reads the models, opens the socket, runs the application."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits

from mangosaurus.api.verbs import BUNDLED, load
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.data.corpus import source_of
from mangosaurus.server.app import create_app
from mangosaurus.server.limits import Limits
from mangosaurus.server.middleware import Address, is_loopback
from mangosaurus.server.models import ModelRegistry, check_folder, kept_models
from mangosaurus.server.run import listen, run

SHORTEST_TOKEN = 16
"""Characters: 16 random hexadecimal digits are 64 bits, too many to guess over a network."""
TOKEN_BYTES = 4096
"""The largest file of a token."""


def serve(models: Sequence[str | os.PathLike[str]], *, host: str, port: int, token: str | None, keep: Path) -> None:
    """Serves `models`, or both bundled ones, until SIGTERM or Ctrl-C.

    Raises OptionError for a token that is too short, for a host other machines reach without a token, and for an
    address in use; ModelFileError for a broken model; OutputError if the folder `keep` cannot be written.
    """
    if token is not None:
        check_token(token)
    elif not is_loopback(host):
        why = f"host {host} can be reached from other machines: set a token with "
        raise OptionError(why, Option("token_file"), " or MANGOSAURUS_TOKEN")
    check_folder(keep)
    limits = Limits()
    registry = ModelRegistry(keep, limits.unkept)
    for given in models or BUNDLED:
        name = os.fspath(given)
        registry.add(load(given), Path(source_of(name)).stem, "bundled" if name in BUNDLED else "given")
    for name, model in kept_models(keep, limits.kept):
        registry.add(model, name, "kept")
    listening = listen(host, port)
    address = Address(host, listening.getsockname()[1])
    # One thread for each product while the process lives: several requests use all cores anyway, and threads that wait
    # for each other on a busy machine take many times as long.
    with threadpool_limits(1, user_api="blas"):
        run(create_app(registry, address, token, limits), listening, address)


def find_token(token: str | None, file: Path | None) -> str | None:
    """The token: as given, or the line in a file, or MANGOSAURUS_TOKEN; None if there is none.

    Raises OptionError if it is given twice, or if the file cannot be read or is too large for a token.
    """
    if file is None:
        return os.environ.get("MANGOSAURUS_TOKEN") if token is None else token
    if token is not None:
        raise OptionError(Option("token"), " and ", Option("token_file"), " are both given; use one")
    try:
        with file.open("rb") as opened:
            data = opened.read(TOKEN_BYTES + 1)
        found = data.decode().strip()
    except (OSError, ValueError) as error:
        raise OptionError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > TOKEN_BYTES:
        raise OptionError(f"{file} has more than {TOKEN_BYTES:,} bytes; write only the token into it")
    return found


def check_token(token: str) -> None:
    """Raises OptionError for a token that could be guessed, or that no header can hold. The message omits it."""
    if not (token.isascii() and token.isprintable() and token.strip() == token):
        raise OptionError("the token must be one line of ASCII without leading or trailing spaces")
    if len(token) < SHORTEST_TOKEN:
        raise OptionError(f"the token has {len(token)} characters; take {SHORTEST_TOKEN} or more that nobody can guess")
