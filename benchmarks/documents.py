"""The figures in README and docs, written from what was recorded: `python -m benchmarks.documents`.

A figure stands between two marks, which a reader of the page does not see:

    <!-- figure: speed.start.sample .2f -->0.45<!-- end -->

`speed` is the benchmark, `start.sample` the key of the figure in its record, `.2f` how Python formats it. The median is
shown; `speed.start.sample@highest` and `@lowest` are the ends of the spread. A whole table can stand between two
marks as well:

    <!-- table: loss.bundled -->
    ...
    <!-- end -->

is made by the function that `TABLES` names so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.record import Figure, Record, load
from benchmarks.tables import TABLES

ROOT = Path(__file__).resolve().parent.parent
FIGURE = re.compile(r"<!-- figure: (\w+)\.([\w.+-]+?)(?:@(lowest|highest))? (\S+) -->(.*?)<!-- end -->", re.DOTALL)
TABLE = re.compile(r"<!-- table: ([\w.]+) -->\n(.*?)<!-- end -->", re.DOTALL)


def documents() -> list[Path]:
    """README and every page of the site."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def find(records: Mapping[str, Record], name: str, key: str) -> Figure:
    """The recorded figure.

    Raises:
        LookupError: there is none, with the name of the benchmark that has to be run.
    """
    if name not in records or key not in records[name].figures:
        raise LookupError(f"no figure {name}.{key} is recorded: python -m benchmarks.{name} --record")
    return records[name].figures[key]


def fill(text: str, records: Mapping[str, Record]) -> str:
    """The text with all its figures and tables as they were recorded last."""

    def written(match: re.Match[str]) -> str:
        name, key, part, format, _ = match.groups()
        value = format_figure(find(records, name, key), part, format)
        whole = match.group()
        return whole[: whole.index("-->") + 3] + value + "<!-- end -->"

    def table(match: re.Match[str]) -> str:
        return f"<!-- table: {match[1]} -->\n{TABLES[match[1]](records)}<!-- end -->"

    return TABLE.sub(table, FIGURE.sub(written, text))


def format_figure(figure: Figure, part: str | None, format: str) -> str:
    value: float = getattr(figure, part or "median")
    return f"{value:{format}}"


def strays(text: str, records: Mapping[str, Record]) -> Iterator[str]:
    """The figures that lie outside what the last run measured, its spread, by more than their rounding."""
    for match in FIGURE.finditer(text):
        name, key, _, format, shown = match.groups()
        measured = find(records, name, key)
        least, most = (float(f"{end:{format}}".replace(",", "")) for end in (measured.lowest, measured.highest))
        if not least <= float(shown.replace(",", "")) <= most:
            yield f"{name}.{key}: {shown} is shown, {least} to {most} were measured"


def main() -> None:
    records = load()
    for path in documents():
        text = path.read_text(encoding="utf-8")
        filled = fill(text, records)
        if filled != text:
            path.write_text(filled, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
