"""A parsed regular expression as its positions: which of them can be first and last, and which can follow which.

This is the first half of Glushkov's construction (1961). A position reads one character out of a class, and `re`
itself says which characters of the vocabulary that class takes. An anchor or a word boundary is a position that reads
nothing and can be passed where it holds.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mangosaurus.core.arrays import BoolArray
from mangosaurus.core.vocabulary import Vocabulary, describe

MOST_POSITIONS = 20_000
MOST_WORK = 2_000_000
"""Steps of the whole construction before an expression is refused: about a second."""
START = 0
"""The position before the first character."""
_UNSUPPORTED = {
    "GROUPREF": "back-references",
    "GROUPREF_EXISTS": "conditional groups",
    "ASSERT": "look-around",
    "ASSERT_NOT": "look-around",
    "FAILURE": "look-around",
    "ATOMIC_GROUP": "atomic groups",
    "POSSESSIVE_REPEAT": "possessive repeats",
}
_CATEGORIES = {
    f"CATEGORY_{negated}{name}": letter
    for name, small in (("DIGIT", "d"), ("SPACE", "s"), ("WORD", "w"))
    for negated, letter in (("", f"\\{small}"), ("NOT_", f"\\{small.upper()}"))
}
_TYPES = re.ASCII | re.LOCALE | re.UNICODE


class TooMuchError(Exception):
    """The expression takes too many positions, states or steps."""


class UnsupportedError(Exception):
    """The expression has something, named here, that no automaton can do."""


def copies(items: Any) -> int:
    """How many positions a parsed sequence takes, or a little more."""
    total = 0
    for operation, argument in items:
        name = operation.name
        if name == "BRANCH":
            total += sum(copies(item) for item in argument[1])
        elif name == "SUBPATTERN":
            total += copies(argument[3])
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, item = argument
            total += max(copies(item), 1) * max(int(least) if _unbounded(most) else int(most), 1)
        else:
            total += 1
    return total


def _unbounded(most: Any) -> bool:
    """Whether the upper limit of a repeat is the parser's constant for none."""
    return getattr(most, "name", "") == "MAXREPEAT"


@dataclass(frozen=True)
class _Part:
    """Part of an expression; sets of positions are bits of a number."""

    nullable: bool = True
    first: int = 0
    last: int = 0


@dataclass
class Expression:
    """The positions of an expression, and which can follow which."""

    vocabulary: Vocabulary
    follow: list[int] = field(default_factory=lambda: [0])
    """Of each position, the positions that can come next."""
    takes: dict[tuple[str, int], int] = field(default_factory=dict)
    """Of each class of characters (its source and flags), the positions that read one of them."""
    anchors: dict[tuple[str, bool], int] = field(default_factory=dict)
    """Of each kind of anchor (and whether words are of ASCII alone), its positions."""
    work: int = 0

    def spend(self, steps: int, most: int = MOST_WORK) -> None:
        """Counts the work; raises TooMuchError when it is too much."""
        self.work += steps
        if self.work > most:
            raise TooMuchError

    def position(self) -> _Part:
        """A new position by itself."""
        self.follow.append(0)
        bit = 1 << (len(self.follow) - 1)
        return _Part(False, bit, bit)

    def characters(self, source: str, flags: int) -> _Part:
        """One character out of those that `source` matches."""
        part = self.position()
        key = (source, flags & (re.IGNORECASE | re.ASCII | re.DOTALL))
        self.takes[key] = self.takes.get(key, 0) | part.first
        return part

    def sequence(self, items: Any, flags: int) -> _Part:
        """The parts of a parsed sequence one after the other, built from the last to the first."""
        whole = _Part()
        for operation, argument in reversed(list(items)):
            whole = self.join(self.item(operation.name, argument, flags), whole)
        return whole

    def join(self, left: _Part, right: _Part) -> _Part:
        """`left`, then `right`."""
        self.connect(left.last, right.first)
        return _Part(
            left.nullable and right.nullable,
            left.first | (right.first if left.nullable else 0),
            right.last | (left.last if right.nullable else 0),
        )

    def connect(self, sources: int, targets: int) -> None:
        """Lets each of `targets` follow each of `sources`."""
        if targets:
            for source in self.each(sources):
                self.follow[source] |= targets

    def each(self, positions: int) -> list[int]:
        """The numbers of the bits of `positions`."""
        found = []
        while positions:
            low = positions & -positions
            found.append(low.bit_length() - 1)
            positions ^= low
        self.spend(len(found) * (1 + len(self.follow) // 2000))
        return found

    def after(self, positions: int) -> int:
        """All positions that can follow one of `positions`."""
        found = 0
        for position in self.each(positions):
            found |= self.follow[position]
        return found

    def item(self, name: str, argument: Any, flags: int) -> _Part:
        """One element of a parsed sequence."""
        if name == "LITERAL":
            return self.characters(re.escape(chr(argument)), flags)
        if name == "NOT_LITERAL":
            return self.characters(f"[^{re.escape(chr(argument))}]", flags)
        if name == "ANY":
            return self.characters(".", flags)
        if name == "IN":
            return self.characters(_bracketed(argument), flags)
        if name == "AT":
            part = self.position()
            kind = argument.name
            if kind == "AT_BEGINNING" and flags & re.MULTILINE:
                kind = "AT_BEGINNING_LINE"
            if kind == "AT_END" and flags & re.MULTILINE:
                kind = "AT_END_LINE"
            key = (kind, bool(flags & re.ASCII))
            self.anchors[key] = self.anchors.get(key, 0) | part.first
            return part
        if name == "BRANCH":
            parts = [self.sequence(branch, flags) for branch in reversed(argument[1])]
            first = last = 0
            for part in parts:
                first, last = first | part.first, last | part.last
            return _Part(any(part.nullable for part in parts), first, last)
        if name == "SUBPATTERN":
            _, added, removed, items = argument
            if added & _TYPES:
                flags &= ~_TYPES
            return self.sequence(items, (flags | added) & ~removed)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, repeated = argument
            return self.repeat(least, most, repeated, flags)
        raise UnsupportedError(_UNSUPPORTED.get(name, f"{name.lower().replace('_', ' ')} elements"))

    def repeat(self, least: int, most: Any, items: Any, flags: int) -> _Part:
        """A sequence from `least` to `most` times; every time has positions of its own."""
        whole = _Part()
        if _unbounded(most):
            part = self.sequence(items, flags)
            self.connect(part.last, part.first)
            whole = _Part(part.nullable or least == 0, part.first, part.last)
            optional, required = 0, max(least - 1, 0)
        else:
            optional, required = int(most) - least, least
        # x{0,3} is (x(x(x)?)?)?, in which each x is joined to what follows it once.
        for _ in range(optional):
            whole = self.join(self.sequence(items, flags), whole)
            whole = _Part(True, whole.first, whole.last)
        for _ in range(required):
            whole = self.join(self.sequence(items, flags), whole)
        return whole

    def members(self, source: str, flags: int) -> BoolArray:
        """Which characters of the vocabulary a class takes, (V - 1,)."""
        taken = np.zeros(len(self.vocabulary) - 1, bool)
        text = "".join(self.vocabulary.characters)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(source, flags)
        taken[[match.start() for match in compiled.finditer(text)]] = True
        return taken

    def why_empty(self, root: _Part) -> str:
        """Why nothing over this vocabulary matches."""
        missing = [key for key in reversed(self.takes) if not self.members(*key).any()]
        blocked = [key for key in missing if not self._passes(root, self.takes[key])]
        if not missing or not self._passes(root, 0):
            return "no text at all matches it"
        # One class that every match needs says it best; otherwise all the alternatives are named.
        named = blocked[:1] or missing
        shown = [describe(c) if (c := _literal(source)) else f"of {source}" for source, _ in named]
        shown[0] = f"{'the' if not shown[0].startswith('of') else 'a'} character {shown[0]}"
        return f"the model has never seen {' or '.join(shown)}; it knows {self.vocabulary.summary()}"

    def _passes(self, root: _Part, without: int) -> bool:
        """Whether some path of positions outside `without` leads through the expression."""
        if root.nullable:
            return True
        seen, waiting = 0, root.first & ~without
        while waiting:
            seen |= waiting
            waiting = self.after(waiting) & ~seen & ~without
        return bool(seen & root.last)


def _bracketed(items: Any) -> str:
    """The source of a parsed class such as `[^a-z\\d]`."""
    body, negated = "", ""
    for operation, argument in items:
        if operation.name == "NEGATE":
            negated = "^"
        elif operation.name == "LITERAL":
            body += re.escape(chr(argument))
        elif operation.name == "RANGE":
            body += f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
        else:
            body += _CATEGORIES[argument.name]
    return f"[{negated}{body}]"


def _literal(source: str) -> str | None:
    """The character of a class that `re.escape` wrote for one; None for other classes."""
    character = source[-1]
    return character if source == re.escape(character) and source != "." else None
