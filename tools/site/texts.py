"""Pages that stand elsewhere in the project: the changelog, and the docstring that describes the file format."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

from markup import definitions, entries, plain

import mangosaurus.storage

ROOT = Path(__file__).resolve().parents[2]


def release_notes() -> str:
    """CHANGELOG.md as a page. Its links are seen from the root of the project, the page's from docs/."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return re.sub(r"\]\(docs/", "](", text).replace("# Changelog", "# Release notes", 1)


def model_files() -> str:
    """The format, as `mangosaurus.storage` describes it: its tables as lists of definitions."""
    parts = []
    for part in re.split(r"\n\n", inspect.getdoc(mangosaurus.storage) or ""):
        if part.startswith("    "):
            parts.append(definitions((f"`{term}`", plain(meaning)) for term, meaning in entries(textwrap.dedent(part))))
        else:
            parts.append(plain(part))
    return "\n\n".join(parts)
