"""Reads the built documentation back: what its pages load, where their links lead, and which anchors they have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

LOADING = dict.fromkeys(["audio", "embed", "iframe", "img", "input", "script", "source", "track", "video"], "src")
LOADING |= {"image": "href", "object": "data", "use": "href"}
"""The attribute by which an element fetches something when the page is shown."""
HARMLESS = {"alternate", "author", "canonical", "license", "next", "prev"}
"""Relations of a `link` that fetches nothing."""
LOCAL = "https://built.invalid/"
"""Stands for the folder, so that addresses are joined as a browser joins them."""


@dataclass
class BuiltPage(HTMLParser):
    """One page."""

    name: str
    """Its path in the folder."""
    anchors: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    loaded: set[str] = field(default_factory=set)
    text: list[str] = field(default_factory=list)
    """What is shown, without scripts and styles."""
    _hidden: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def __hash__(self) -> int:
        return hash(self.name)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        if tag == "link" and not set(given.get("rel", "").split()) <= HARMLESS:
            self.loaded.add(given["href"])
        if given.get(LOADING.get(tag, "")):
            self.loaded.add(given[LOADING[tag]])
        self.loaded |= {part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()}
        self.loaded |= fetched_by_css(given.get("style", ""))
        if tag in ("script", "style"):
            self._hidden = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = None

    def handle_data(self, data: str) -> None:
        if self._hidden == "style":
            self.loaded |= fetched_by_css(data)
        elif self._hidden is None:
            self.text.append(data)

    def address(self, link: str) -> str:
        """A link of this page in full."""
        return urljoin(LOCAL + self.name, link)


def fetched_by_css(text: str) -> set[str]:
    """What a style sheet fetches by @import and url(...)."""
    imported = re.findall(r"@import\s+[\"']([^\"']+)", text)
    return {*imported, *(found.strip("\"' ") for found in re.findall(r"url\(([^)]*)\)", text))}


def read_site(folder: Path) -> dict[str, BuiltPage]:
    """All pages of a built site, by their paths."""
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        page = BuiltPage(path.relative_to(folder).as_posix())
        page.feed(path.read_text(encoding="utf-8"))
        pages[page.name] = page
    return pages


def broken(pages: dict[str, BuiltPage], folder: Path) -> list[str]:
    """The links and loaded files within the site that lead nowhere, and anchors that are not there."""
    found = []
    for page in pages.values():
        for link in sorted(page.links | page.loaded):
            parts = urlsplit(page.address(link))
            if f"{parts.scheme}://{parts.netloc}/" != LOCAL:
                continue
            path = unquote(parts.path).lstrip("/")
            path = path + "index.html" if not path or path.endswith("/") else path
            there = (folder / path).is_file()
            if there and parts.fragment and path in pages and link in page.links:
                there = unquote(parts.fragment) in pages[path].anchors
            if not there:
                found.append(f"{page.name}: {link}")
    return found


def foreign(page: BuiltPage, addresses: set[str]) -> set[str]:
    """Those of a page's addresses that are of another host."""
    full = {page.address(address) for address in addresses if not address.startswith("data:")}
    return {address for address in full if not address.startswith(LOCAL)}
