"""The workshop: one HTML file that learns from lists of names by itself, and writes new ones. No server, no network.

It holds the prior and the lists of rude words, if they are installed, compressed and in base64; `browser/engine` and
`browser/learning`, which run in a worker; and the page that a model is exported as, which it fills in as `webpage`
does. It allows its own scripts and styles by their hashes, and fetches nothing: see `POLICY`.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from mangosaurus.core.files import write
from mangosaurus.formats.pages import filled, joined, json_in_html, text_of
from mangosaurus.formats.webpage import frame_of, in_planes, learning_script, packed, page_of
from mangosaurus.generation.constraints.rude import NOTICE, rude_words_file

STYLES = ("style/base.css", "style/views.css", "style/workshop.css")


def write_workshop(path: Path, overwrite: bool = False) -> tuple[str, ...]:
    """Writes the workshop to a file, atomically; returns what to know of it, a line each.

    Raises OutputError as `write` does.
    """
    page = workshop().encode()
    write(path, page, overwrite)
    notes = (f"a page of {len(page) / 1e6:.1f} MB that learns from lists of names in any browser, without a network",)
    if rude_words_file():
        return notes
    return (
        *notes,
        "it cannot leave out rude words, whose lists are not installed: for a page that can, "
        'run pip install "mangosaurus[clean]" and export again',
    )


def workshop() -> str:
    """The HTML of the workshop."""
    # Places for what depends on the model are left in it.
    template = page_of("names", *(f"{{{{{part}}}}}" for part in ("title", "facts", "model")))
    prior = files("mangosaurus.bundled").joinpath("prior.safetensors").read_bytes()
    parts = {
        "model": "",  # the list chooses it
        "separator": "",
        "one-text": "",  # it learns names alone
        "examples": json_in_html(json.loads(text_of("workshop/examples.json"))),
        "engine": learning_script(),
        "template": packed(template.encode()),
        "prior": packed(in_planes(prior)),
        "rude": _rude_words(),
    }
    return filled("workshop/workshop.html", parts | frame_of(joined("workshop/workshop.js"), STYLES))


def _rude_words() -> str:
    """The HTML that has the rude words, and the notice of their licence; none if they are not installed."""
    words = rude_words_file()
    if not words:
        return ""
    return f'<!-- {NOTICE} -->\n<script id="rude" type="application/octet-stream">{packed(words)}</script>'
