"""Tables inside a page or a notebook."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from mangosaurus.html.page import escape


def grid(head: Sequence[str], rows: Iterable[Sequence[str]], figures: Collection[int] = ()) -> str:
    """A table with a head; the columns of these numbers, from 0, have `figures`, which are aligned to the right."""
    kinds = ['class="number" ' if place in figures else "" for place in range(len(head))]
    heads = "".join(f'<th {kind}scope="col">{escape(cell)}</th>' for kind, cell in zip(kinds, head, strict=True))
    body = "\n".join(
        "<tr>" + "".join(_cell(cell, place in figures) for place, cell in enumerate(row)) + "</tr>" for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def names_table(names: Iterable[str], starred: Iterable[bool]) -> str:
    """A table of names, numbered from 1; those that are starred have a star."""
    star = '<td class="star" role="img" aria-label="starred">★</td>'
    rows = "\n".join(
        f"<tr>{_cell(str(number), True)}{_cell(name, False)}{star if liked else '<td></td>'}</tr>"
        for number, (name, liked) in enumerate(zip(names, starred, strict=True), 1)
    )
    return f'<div class="scroll"><table><tbody>\n{rows}\n</tbody></table></div>'


def facts_table(facts: Mapping[str, str | None]) -> str:
    """A table with a row for each fact that there is."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>' for name, text in facts.items() if text
    )
    return f'<div class="scroll"><table>{rows}</table></div>'


def _cell(text: str, figure: bool) -> str:
    return f'<td class="number">{escape(text)}</td>' if figure else f'<td dir="auto">{escape(text)}</td>'
