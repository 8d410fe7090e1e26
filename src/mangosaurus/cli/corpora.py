"""`mangosaurus corpora`: the corpora that have a name."""

from __future__ import annotations

import json
from typing import Annotated

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
    """List the corpora that have a name, which train and evaluate take where a file would stand."""
    from mangosaurus.corpora import registry
    from mangosaurus.read import bundled

    list_ = bundled()
    rows: list[dict[str, str | int | None]] = [
        {
            "name": registry.BUNDLED,
            "about": f"{list_.count(chr(10)):,} genera of dinosaurs",
            "format": "names",
            "size": len(list_.encode()),
            "place": "bundled",
            "path": None,
            "file": None,
            "sha256": None,
            "address": None,
        }
    ]
    for entry in registry.ENTRIES.values():
        place, path = registry.whereabouts(entry)
        rows.append(
            {
                "name": entry.name,
                "about": entry.about,
                "format": entry.format,
                "size": entry.size,
                "place": place,
                "path": str(path),
                "file": entry.file,
                "sha256": entry.sha256,
                "address": entry.address,
            }
        )
    if as_json:
        print(json.dumps({"corpora": rows}, ensure_ascii=False))
        return
    widths = {key: max(len(str(row[key])) for row in rows) for key in ("name", "about", "format")}
    for row in rows:
        cells = [f"{row[key]!s:{width}}" for key, width in widths.items()]
        print(*cells, f"{row['size']:>9,} bytes", PLACES[str(row["place"])], sep="  ")
