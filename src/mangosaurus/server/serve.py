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
from mangosaurus.server.kept import kept_models
from mangosaurus.server.limits import Limits
from mangosaurus.server.run import listen, run
from mangosaurus.server.security import Address, is_loopback
from mangosaurus.server.shelf import Shelf


def serve(models: Sequence[str | os.PathLike[str]], *, host: str, port: int, token: str | None, keep: Path) -> None:
    """Serves `models`, or both bundled ones, until it is told to end.

    Raises OptionError for a foreign host without a token and for an address that is taken, ModelFileError for a model
    that cannot be read.
    """
    if token is not None and not (token.isascii() and token.isprintable() and token.strip() == token and token):
        raise OptionError("the token must be of ASCII characters without spaces around it, and not empty")
    if token is None and not is_loopback(host):
        raise OptionError(f"host {host} can be reached from other machines; give a --token that only friends know")
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
