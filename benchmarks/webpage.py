"""The page of the benchmarks: one HTML file with a chart and a table for each part."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmarks.charts import chart
from benchmarks.listing import PARTS, cells, where
from benchmarks.record import Record
from mangosaurus.pages.charts import CHARTS as CHART_STYLE
from mangosaurus.pages.page import escape, page


def benchmarks_page(records: Sequence[Record], corpus: str) -> str:
    """The page of these runs; `corpus` says what the losses are of."""
    parts = "".join(section(record) for record in records)
    return page("Benchmarks of Mangosaurus", f"<h1>Benchmarks</h1>\n<p>{escape(corpus)}</p>\n{parts}", CHART_STYLE)


def section(record: Record) -> str:
    part, svg = PARTS[record.name], chart(record)
    drawn = "" if svg is None else f'<figure><div class="scroll">{svg}</div></figure>'
    return (
        f"<h2>{escape(part.title)}</h2>\n<p>{inline(part.about)}</p>\n{drawn}\n{table(cells(record))}\n"
        f'<p class="faint">{escape(where(record))}</p>\n'
    )


def table(lines: Sequence[Sequence[str]]) -> str:
    head, *rest = lines
    heads = "".join(f"<th>{inline(cell)}</th>" for cell in head)
    rows = "".join("<tr>" + "".join(f"<td>{inline(cell)}</td>" for cell in row) + "</tr>\n" for row in rest)
    return f'<div class="scroll"><table>\n<tr>{heads}</tr>\n{rows}</table></div>'


def inline(text: str) -> str:
    """Text with Markdown's inline code as HTML."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
