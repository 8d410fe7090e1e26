"""Names in the prose of docstrings as links to where the same page describes them."""

from __future__ import annotations

import re

PARAGRAPH = re.compile(r"<(p|dd|li)>(.*?)</\1>", re.DOTALL)
# A link, which stays; a name as code, perhaps with its arguments; the name of an error or of a class of arrays.
NAME = re.compile(
    r"<a .*?</a>|<code>(?P<code>[A-Za-z_]\w*(?:\.\w+)*)</code>"
    r"|(?<![\w.\"#])(?P<bare>[A-Z]\w+Error|(?<=see )[A-Z][A-Za-z]+)\b",
    re.DOTALL,
)


def linked(page: str) -> str:
    """The page with links on the names that one of its anchors ends in, where no other does."""
    anchors = re.findall(r'<h\d id="(mangosaurus\.[\w.]+)"', page)

    def link(match: re.Match[str]) -> str:
        name = match["code"] or match["bare"]
        # A single word as code is mostly an argument; with a capital it is a class.
        if not name or not re.search(r"\.|^[A-Z]", name):
            return match[0]
        found = {anchor for anchor in anchors if anchor == name or anchor.endswith(f".{name}")}
        return f'<a href="#{found.pop()}">{match[0]}</a>' if len(found) == 1 else match[0]

    return PARAGRAPH.sub(lambda match: NAME.sub(link, match[0]), page)
