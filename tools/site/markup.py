"""Plain text, as docstrings and help have it, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable


def plain(text: str) -> str:
    """Text in which nothing is markup but `code`."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"([\\*_\[\]<>$|])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def definitions(entries: Iterable[tuple[str, str]]) -> str:
    """A list of terms and what each means, both Markdown."""
    return "\n\n".join(f"{term}\n:   {meaning}" for term, meaning in entries)


def entries(block: str) -> list[tuple[str, str]]:
    """The terms and meanings of a block such as

    format        the version,
                  a number
    kind          "names" or "text"
    """
    found: list[tuple[str, str]] = []
    for line in block.splitlines():
        if line.startswith(" ") and found:
            term, meaning = found.pop()
            found.append((term, f"{meaning} {line.strip()}".strip()))
        else:
            term, _, meaning = line.partition("  ")
            found.append((term, meaning.strip()))
    return found
