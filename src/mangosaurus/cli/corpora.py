"""`mangosaurus corpora`: the corpora that have a name."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

PLACES = {
    "bundled": "bundled",
    "data": "in $MANGOSAURUS_DATA",
    "changed": "in $MANGOSAURUS_DATA, but not the original",
    "cache": "in the cache",
    "web": "to be downloaded",
}


def corpora(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """List the corpora that have a name, which train and evaluate take in place of a file."""
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
        print(json.dumps({"corpora": rows}, ensure_ascii=False))
        return
    widths = {key: max(len(str(row[key])) for row in rows) for key in ("name", "about", "format")}
    for row in rows:
        cells = [f"{row[key]!s:{width}}" for key, width in widths.items()]
        print(*cells, f"{row['size']:>9,} bytes", PLACES[row["place"]], sep="  ")
