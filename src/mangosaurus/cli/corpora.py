"""`mangosaurus corpora`: the list of named corpora."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mangosaurus.cli.options import with_options
from mangosaurus.cli.output import Output

PLACES = {
    "bundled": "bundled",
    "data": "in $MANGOSAURUS_DATA",
    "changed": "in $MANGOSAURUS_DATA, but not the original",
    "cache": "in the cache",
    "web": "downloaded when used",
}
COLUMNS = ("name", "about", "format", "size", "place", "path", "file", "sha256", "address")
"""Of the table."""


@with_options
def corpora(
    *,
    output: Output,
) -> None:
    """List the corpora that you can use by name, in place of a file, in train and evaluate."""
    from dataclasses import asdict

    from mangosaurus.core.table import Table
    from mangosaurus.data import registry
    from mangosaurus.data.sources import bundled

    output.check()
    names = bundled()
    rows: list[dict[str, Any]] = [
        dict.fromkeys(("path", "file", "sha256", "address"))
        | {
            "name": registry.BUNDLED,
            "about": f"{names.count(chr(10)):,} genera of dinosaurs",
            "format": "names",
            "size": len(names.encode()),
            "place": "bundled",
        }
    ]
    for entry in registry.ENTRIES.values():
        place, path = registry.whereabouts(entry)
        rows.append(asdict(entry) | {"place": place, "path": str(path)})
    output.show(lambda: _lines(rows), lambda: Table.of(COLUMNS, rows), lambda: {"corpora": rows})


def _lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    widths = {key: max(len(str(row[key])) for row in rows) for key in ("name", "about", "format")}
    for row in rows:
        cells = [f"{row[key]!s:{width}}" for key, width in widths.items()]
        yield "  ".join([*cells, f"{row['size']:>9,} bytes", PLACES[row["place"]]])
