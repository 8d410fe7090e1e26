"""What README and the pages of `docs/` hold between fences: blocks of code, and the commands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from conftest import ROOT

FENCE = re.compile(r"^( *)```(.*?)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
ELSEWHERE = re.compile(r"^ {4,}(?:\$ |(?:mangosaurus|pip|python|curl|torchrun|git) )", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """What stands between two fences."""

    language: str
    """The first word behind the fence, "" if there is none."""
    line: int
    """The number of its first line in the page."""
    text: str


@dataclass(frozen=True)
class Command:
    """One command of a block."""

    line: int
    text: str
    """With lines that end in a backslash joined."""
    output: str | None = None
    """What stands below it; None if the block shows no output."""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(text: str) -> Iterator[Block]:
    """All of a page's blocks, in order."""
    for match in FENCE.finditer(text):
        words = match[2].split()
        yield Block(words[0] if words else "", text.count("\n", 0, match.start(3)) + 1, dedent(match[3]))


def outside(text: str) -> str:
    """The page without its blocks."""
    return FENCE.sub("", text)


def commands(block: Block) -> Iterator[Command]:
    """The commands of a block of `sh`, a line each, or of `console`, behind a `$` and a space each."""
    shown = block.language == "console"
    lines = block.text.splitlines()
    place = 0
    while place < len(lines):
        first = place
        place += 1
        if shown and not lines[first].startswith("$ "):
            raise AssertionError(f"line {block.line + first}: a block of console begins with a command behind $")
        words = lines[first].removeprefix("$ ") if shown else lines[first]
        while words.endswith("\\"):
            words = words.removesuffix("\\").rstrip() + " " + lines[place].strip()
            place += 1
        output = []
        while shown and place < len(lines) and not lines[place].startswith("$ "):
            output.append(lines[place] + "\n")
            place += 1
        if words and not words.startswith("#"):
            yield Command(block.line + first, words, "".join(output) if shown else None)
