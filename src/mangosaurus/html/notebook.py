"""What a notebook shows of a result: a block with a style of its own, light or dark as the notebook is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from mangosaurus.html.page import COLOURS, DARK, LIGHT, STYLE, escape

Row = TypeVar("Row")
MOST_ROWS = 500
"""Rows that a notebook shows; tables and files have all."""
LONGEST_CELL = 1000
"""Characters of a text that a notebook shows."""
# The notebook's own theme goes before what the system prefers: those of JupyterLab, VS Code and Colab.
THEMES = f"""
:is([data-jp-theme-light="true"], .vscode-light, [theme="light"]) .mangosaurus {{ color-scheme: light; {LIGHT} }}
:is([data-jp-theme-light="false"], .vscode-dark, .vscode-high-contrast, [theme="dark"]) .mangosaurus {{
  color-scheme: dark; {DARK}
}}
.mangosaurus.block {{ padding: .1rem .8rem .5rem; }}
.mangosaurus td {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
.mangosaurus .star {{ color: var(--samples); }}
"""


def block(parts: Iterable[str], *styles: str) -> str:
    """HTML for a notebook; `parts` are HTML, in which text from a corpus must be escaped."""
    style = "".join([COLOURS, THEMES, STYLE, *styles])
    return f'<div class="mangosaurus block"><style>{style}</style>{"".join(parts)}</div>'


def title(text: str) -> str:
    return f"<p><strong>{escape(text)}</strong></p>"


def remark(text: str) -> str:
    """A line below a table, as it is said on the command line."""
    return f'<p class="faint">{escape(text[:1].upper() + text[1:])}.</p>'


def some(rows: Sequence[Row]) -> tuple[Sequence[Row], list[str]]:
    """The first MOST_ROWS rows, and a line that says how many are left out, if any are."""
    left_out = len(rows) - MOST_ROWS
    return rows[:MOST_ROWS], [remark(f"{left_out:,} more are not shown")] if left_out > 0 else []


def cut(text: str) -> str:
    """A text, cut after LONGEST_CELL characters."""
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…"
