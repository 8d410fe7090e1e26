"""A model that nobody said where to keep: on a terminal, its user is asked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from mangosaurus.cli.streams import say
from mangosaurus.core.errors import OutputError

if TYPE_CHECKING:
    from mangosaurus.api.model import Model


def can_ask() -> bool:
    """Whether somebody can read a question and answer it: not in a script, nor where the corpus is standard input."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def suggested(corpus: Sequence[str]) -> Path:
    """A file that does not exist, of the name of the first file, folder or list that was learnt from."""
    name = Path(corpus[0]).stem if corpus else "dinosaurs"
    names = (f"{name or 'names'}{'' if number == 1 else f'-{number}'}.safetensors" for number in count(1))
    return next(Path(each) for each in names if not Path(each).exists())


def offer(model: Model, what: str, corpus: Sequence[str]) -> Path | None:
    """Asks whether to keep the model, and keeps it; returns where, or None. `what` is "it" or longer.

    A path that cannot be written is asked for again. No answer at all, as by Ctrl-D, is no.
    """
    from mangosaurus.core.files import check_writable

    while True:
        usual = suggested(corpus)
        sys.stderr.write(f"Keep {what} as {usual}? [Enter, another path, or n] ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            say("")
        answer = line.strip()
        if not line or answer.lower() in ("n", "no"):
            return None
        path = usual if answer.lower() in ("", "y", "yes") else Path(answer).expanduser()
        if path.exists():
            say(f"error: {path} exists already")
            continue
        try:
            check_writable(path, False, corpus)
            model.save(path)
        except OutputError as error:
            say(f"error: {error}")
            continue
        return path
