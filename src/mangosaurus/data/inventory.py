"""An inventory of symbols: a list of them, a string with commas between, or a file."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from mangosaurus.core.errors import CorpusError, plain

A_PATH = re.compile(r"[/\\]|\w\.\w{1,4}$")
"""What hardly any symbol has, and paths have."""


def inventory_of(given: str | os.PathLike[str] | Iterable[str]) -> tuple[str, ...]:
    """The symbols of an inventory, in NFC and sorted: of a list of them, a string with commas between, or a file.

    In a file they stand one a line, with white space or commas between, or in a list of JSON; it may have comments.
    Raises CorpusError if it cannot be read, and for what seems to be the path of a file that is not there.
    """
    if isinstance(given, str | os.PathLike):
        text = os.fspath(given)
        if isinstance(given, os.PathLike) or ("," not in text and text and Path(text).is_file()):
            given = _in_file(Path(given))
        elif "," not in text and A_PATH.search(text):
            raise CorpusError(f"there is no inventory {plain(text)}; if it is a symbol, write a comma after it")
        else:
            given = _parted(text)
    entries = {unicodedata.normalize("NFC", entry.strip()) for entry in given}
    return tuple(sorted(entries - {""}))


def _in_file(path: Path) -> list[str]:
    from mangosaurus.data.json_lists import looks_like_json, read_json
    from mangosaurus.data.read import read_text
    from mangosaurus.data.rows import COMMENT_WITH_SPACE
    from mangosaurus.data.tables import Names

    text = read_text(path)
    if looks_like_json(text[:1000]):
        found = read_json(text, str(path))
        if isinstance(found, Names):
            return found.names
        raise CorpusError(f"the inventory {path} is a table in JSON; give a list of symbols")
    lines = [line.strip() for line in text.splitlines()]
    return _parted("\n".join(line for line in lines if not COMMENT_WITH_SPACE.match(line)))


def _parted(text: str) -> list[str]:
    return re.split(r"[,\s]+", text)
