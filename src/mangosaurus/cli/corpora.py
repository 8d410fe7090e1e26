"""`mangosaurus corpora`: the list of named corpora."""

from __future__ import annotations

from typing import Any

from mangosaurus.cli.options import AsJson
from mangosaurus.cli.streams import print_json

PLACES = {
    "bundled": "bundled",
    "data": "in $MANGOSAURUS_DATA",
    "changed": "in $MANGOSAURUS_DATA, but not the original",
    "cache": "in the cache",
    "web": "downloaded when used",
}


def corpora(
    as_json: AsJson = False,
) -> None:
    """List the corpora that you can use by name, in place of a file, in train and evaluate."""
    from dataclasses import asdict

    from mangosaurus.data import registry
    from mangosaurus.data.read import bundled

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
    if as_json:
        print_json({"corpora": rows})
        return
    widths = {key: max(len(str(row[key])) for row in rows) for key in ("name", "about", "format")}
    for row in rows:
        cells = [f"{row[key]!s:{width}}" for key, width in widths.items()]
        print(*cells, f"{row['size']:>9,} bytes", PLACES[row["place"]], sep="  ")
