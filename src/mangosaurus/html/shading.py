"""Names and texts with every character shaded by its surprisal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.segmentation import Segmentation
from mangosaurus.html.page import escape

STEPS = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0)
"""Nats at which the shading gets one step darker."""

SHADES = "".join(
    f".mangosaurus .s{step} {{ background: rgb(var(--shade) / {0.085 * step:.3f}); }}\n"
    for step in range(len(STEPS) + 1)
)
SHADING = f"""
.mangosaurus .shaded {{ white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }}
.mangosaurus td .shaded {{ white-space: pre; font-family: ui-monospace, monospace; font-size: 1.05rem; }}
.mangosaurus .shaded span, .mangosaurus .legend span {{ padding: .1em 0; border-radius: .12em; }}
.mangosaurus .legend span {{ display: inline-block; padding: .05em .6em; margin: 0 .15em .3em 0; font-size: .9rem; }}
.mangosaurus .legend {{ max-width: none; }}
.mangosaurus .none {{ outline: 1px dashed currentColor; outline-offset: -1px; }}
.mangosaurus .outlier {{ text-decoration: underline solid 3px; text-underline-offset: .22em; }}
.mangosaurus .shaded .end {{
  display: inline-block; width: .45em; height: .8em; margin-inline-start: .2em; padding: 0; vertical-align: baseline;
  border: 1px solid var(--faint);
}}
.mangosaurus .break {{ color: var(--faint); user-select: none; }}
.mangosaurus article {{ margin: 2rem 0; }}
.mangosaurus article .shaded {{ line-height: 1.75; }}
{SHADES}"""


class Scored(Protocol):
    """A name or a text, and the surprisal of its symbols."""

    @property
    def text(self) -> str: ...
    @property
    def parts(self) -> Sequence[str]: ...
    @property
    def segmentation(self) -> Segmentation: ...
    @property
    def nats(self) -> FloatArray: ...
    @property
    def nats_per_symbol(self) -> float: ...
    @property
    def marked(self) -> bool: ...
    @property
    def outlier(self) -> int: ...
    def remark(self) -> str: ...


def explanation() -> str:
    """What the shading means."""
    return (
        "<p>The darker a character, the less the model expected it. Point at a character to see its surprisal in nats: "
        f"minus the natural logarithm of its probability.</p>{legend()}"
    )


def legend() -> str:
    """The shades in nats, and the signs."""
    ends = ("0", *(f"{step:g}" for step in STEPS))
    ranges = [f"{low} to {high}" for low, high in pairwise(ends)] + [f"{ends[-1]} and more"]
    shades = "".join(f'<span class="s{step}">{text}</span>' for step, text in enumerate(ranges))
    return (
        f'<p class="legend" role="note" aria-label="Legend: shades by nats">{shades} nats; '
        '<span class="none">dashed</span> no probability at all; '
        '<span class="outlier">underlined</span> the least likely symbol of an outlier; '
        '<span class="shaded"><span class="end s0"></span></span> the end of a name.</p>'
    )


def name_table(names: Iterable[Scored], what: str = "name") -> str:
    """A table of names; `what` heads the first column."""
    rows = "\n".join(
        f'<tr><td>{shaded(name)}</td><td class="number">{_nats(name.nats_per_symbol)}</td>'
        f"<td>{escape(name.remark())}</td></tr>"
        for name in names
    )
    head = "".join(f'<th scope="col">{heading}</th>' for heading in (what, "nats per symbol", "remark"))
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'


def articles(texts: Iterable[Scored]) -> str:
    """Texts, one after the other."""
    return "\n".join(
        f"<article><h2>Text {number}: {_nats(text.nats_per_symbol)} nats per symbol</h2>"
        f"<p>{escape(text.remark())}</p>{shaded(text)}</article>"
        for number, text in enumerate(texts, 1)
    )


def shaded(entry: Scored) -> str:
    """One name or text. Line breaks are kept; a screen reader is read a name in one piece, and a text as text."""
    outlier = entry.outlier if entry.marked else -1
    symbols, between = entry.parts, entry.segmentation.between
    inside = "".join(
        escape(between(symbols[place - 1] if place else "", symbol)) + _symbol(symbol, nats, place == outlier)
        for place, (symbol, nats) in enumerate(zip(symbols, entry.nats, strict=False))
    )
    end, nats = len(symbols), entry.nats[-1]
    if np.isfinite(nats):
        inside += f'<span class="end {_classes(nats, outlier == end)}" title="the end: {_nats(nats)} nats"></span>'
    if "\n" in entry.text or len(entry.text) > 200:
        return f'<div class="shaded" dir="auto">{inside}</div>'
    label = escape(f"{entry.text}: {_nats(entry.nats_per_symbol)} nats per symbol")
    return f'<span class="shaded" dir="auto" role="img" aria-label="{label}">{inside}</span>'


def _symbol(character: str, nats: float, outlier: bool) -> str:
    shown, title = escape(character), f"{_nats(nats)} nats"
    if character == "\n":
        return (
            f'<span class="break {_classes(nats, outlier)}" title="line break: {title}" aria-hidden="true">↵</span>\n'
        )
    return f'<span class="{_classes(nats, outlier)}" title="{title}">{shown}</span>'


def _classes(nats: float, outlier: bool) -> str:
    shade = f"s{int(np.searchsorted(STEPS, nats, side='right'))}" if np.isfinite(nats) else "none"
    return f"{shade} outlier" if outlier else shade


def _nats(nats: float) -> str:
    return f"{nats:.2f}" if np.isfinite(nats) else "infinitely many"
