"""Reading a page back: is it well-formed, what does it say, and does it fetch anything?"""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """The elements of a page; every element is closed where it should be, and no id is there twice."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.errors: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        if self._open:
            self.errors.append(f"never closed: {self._open}")
        ids = [attributes["id"] for _, attributes in self.elements if "id" in attributes]
        self.errors += [f"twice: {each}" for each in ids if ids.count(each) > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.errors.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def tags(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of that name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def having(self, attribute: str) -> list[str]:
        """The values of an attribute, in order."""
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def read_page(html: str) -> Page:
    """The page, which must be well-formed, have no script, and name nothing outside itself."""
    page = Page(html)
    assert page.errors == []
    names = {tag for tag, _ in page.elements}
    assert not names & {"script", "link", "iframe", "img", "object", "base", "form"}
    assert "://" not in html
    assert "url(" not in html.replace("url(#", "")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    for target in page.having("href"):
        assert target.startswith("#")
    assert not page.having("src")
    return page
