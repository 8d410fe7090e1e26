"""The workshop: one HTML file that learns from lists of names by itself, and writes new ones. No server, no network.

It holds the prior, compressed and in base64; `browser/engine` and `browser/learning`, which run in a worker; and the
page that a model is exported as, which it fills in as `webpage` does. It allows its own scripts and styles by their
hashes, and fetches nothing: see `POLICY`.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from importlib.resources import files
from pathlib import Path

from mangosaurus.core.files import write
from mangosaurus.formats.pages import filled, joined, json_in_html, text_of
from mangosaurus.formats.webpage import POLICY, hash_of, in_planes, learning_script, page_of

STYLES = ("style/base.css", "style/views.css", "style/workshop.css")


def write_workshop(path: Path, overwrite: bool = False) -> tuple[str, ...]:
    """Writes the workshop to a file, atomically; returns what to know of it, a line each.

    Raises OutputError as `write` does.
    """
    page = workshop().encode()
    write(path, page, overwrite)
    return (f"a page of {len(page) / 1e6:.1f} MB that learns from lists of names in any browser, without a network",)


def workshop() -> str:
    """The HTML of the workshop."""
    theme, page, style = text_of("controls/theme.js"), joined("workshop/workshop.js"), "".join(map(text_of, STYLES))
    logo = text_of("style/logo.svg")
    # Places for what depends on the model are left in it.
    template = page_of("names", *(f"{{{{{part}}}}}" for part in ("title", "facts", "model")))
    prior = files("mangosaurus.bundled").joinpath("prior.safetensors").read_bytes()
    parts = {
        "policy": POLICY.format(scripts=f"{hash_of(theme)} {hash_of(page)}", style=hash_of(style)),
        "icon": b64encode(logo.encode()).decode(),
        "logo": logo,
        "style": style,
        "theme": theme,
        "page": page,
        "model": "",  # the list chooses it
        "separator": "",
        "examples": json_in_html(json.loads(text_of("workshop/examples.json"))),
        "engine": learning_script(),
        "template": _packed(template.encode()),
        "prior": _packed(in_planes(prior)),
    }
    return filled("workshop/workshop.html", parts)


def _packed(data: bytes) -> str:
    return b64encode(zlib.compress(data, 9)).decode()
