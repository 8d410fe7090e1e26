"""Regular expressions as automata, exactly as `re.fullmatch` reads them.

Python's own parser reads the expression, so that its grammar, its flags and its error messages are those that users
know. Glushkov's construction (1961) turns it into positions: each reads one character of a class, and `re` itself says
which characters of the vocabulary the class takes. An anchor or a word boundary is a position that reads nothing and
can be passed where it holds. A state of the automaton is a set of positions, those whose character was just read.

Where symbols have several characters, one character without a meaning stands for each of them, in the vocabulary as in
the expression: a symbol is written there as it stands, the longest one that fits is taken, and the separator may stand
between two. So `.` and classes such as `[^a]` take such a symbol, and classes such as `[a-z]` or `\\w` do not.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mangosaurus.core.arrays import BoolArray, IntArray
from mangosaurus.core.errors import Message, Option, OptionError, plain
from mangosaurus.core.vocabulary import Vocabulary, describe, shorten
from mangosaurus.generation.constraints.dfa import DEAD, DFA, distinct_columns, minimized, trimmed
from mangosaurus.generation.constraints.spelling import same_case

PATTERN = Option("pattern")
MOST_STATES = 20_000
Beside = tuple[bool, ...]
"""What a character is to the anchors beside it: of a word, of a word in ASCII, a line feed; () is no character."""
OUTSIDE: Beside = ()
"""What stands before the first and after the last character."""
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
SPECIAL = frozenset(".^$*+?{}[]|()\\")
"""Characters that mean something else than themselves."""
_TYPES = re.ASCII | re.LOCALE | re.UNICODE


def compile_pattern(
    pattern: str,
    vocabulary: Vocabulary,
    option: Option = PATTERN,
    *,
    ignore_case: bool = False,
) -> DFA:
    """The minimal automaton of the strings over `vocabulary` that match the whole of `pattern`, which is in NFC.

    With `ignore_case`, letters are taken in both cases, as by `re.IGNORECASE`. `option` is named in messages. Where it
    is another one than `pattern`, the pattern may match nothing.

    Raises OptionError with the position if the expression is broken, if it uses what no automaton can do
    (back-references, look-around, conditional and atomic groups, possessive repeats), if it would take more than
    MOST_STATES states, and if nothing over this vocabulary matches it: the message then names the characters missing.
    """
    named: Message = (option, f" '{plain(shorten(pattern, 80))}'")
    flags = re.IGNORECASE if ignore_case else 0
    fold: Callable[[str], str] = same_case if ignore_case else str
    letters = _letters(vocabulary, fold)
    read, places = _with_letters(pattern, vocabulary, letters, fold)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what future versions of Python may read differently
            parsed = importlib.import_module("re._parser").parse(read, flags)
        expression = Expression(vocabulary, letters)
        root = expression.sequence(parsed, int(parsed.state.flags))
        expression.follow[START] = root.first
        dfa = _determinized(expression, root.last | (1 << START if root.nullable else 0))
        if dfa.empty and option == PATTERN:
            raise OptionError("no name can meet ", *named, f": {expression.why_empty(root)}")
    except re.error as error:
        where = "" if error.pos is None else f" at character {places[error.pos] + 1}"
        raise OptionError(*named, f" is not a regular expression: {plain(error.msg)}{where}") from None
    except (OverflowError, RecursionError):
        raise OptionError(*named, " repeats or nests too much") from None
    except TooMuchError:
        why = f" explodes: it would take more than {MOST_STATES:,} states, or too long to build"
        lengths = Option("min_length"), " and ", Option("max_length")
        raise OptionError(*named, why, "; repeat less, or leave lengths to ", *lengths) from None
    except UnsupportedError as error:
        if str(error) == _UNSUPPORTED["GROUPREF"]:
            repeats = Option("max_repeat", 1)
            raise OptionError(
                *named, f" uses {error}, unsupported here: no automaton can remember; ", repeats, " forbids doubles"
            ) from None
        several = (
            " several ",
            option,
            f", which must all {'match' if option == PATTERN else 'not match'}, may say the same",
        )
        raise OptionError(*named, f" uses {error}, unsupported here;", *several) from None
    return minimized(dfa)


def _letters(vocabulary: Vocabulary, fold: Callable[[str], str]) -> str:
    """One character for each symbol of the vocabulary: its own, or one without a meaning that is no symbol itself.

    Symbols of several characters that `fold` makes the same text have the same one.
    """
    if vocabulary.segmentation.plain:
        return "".join(vocabulary.characters)
    taken = set().union(*vocabulary.characters)
    free = (letter for letter in map(chr, range(0x40000, 0x110000)) if letter not in taken)
    several = {fold(symbol) for symbol in vocabulary.characters if len(symbol) > 1}
    letter_of = dict(zip(sorted(several), free, strict=False))
    return "".join(symbol if len(symbol) == 1 else letter_of[fold(symbol)] for symbol in vocabulary.characters)


def _with_letters(
    pattern: str, vocabulary: Vocabulary, letters: str, fold: Callable[[str], str]
) -> tuple[str, Sequence[int]]:
    """An expression with symbols of several characters as their letters, and where each character of it stood."""
    if vocabulary.segmentation.plain:
        return pattern, range(len(pattern) + 1)
    several: dict[str, str] = {}
    for symbol, letter in zip(vocabulary.characters, letters, strict=True):
        if len(symbol) > 1:
            several[fold(re.escape(symbol))] = letter
            if not SPECIAL.intersection(symbol):
                several[fold(symbol)] = letter
    separator = vocabulary.segmentation.separator.strip() or vocabulary.segmentation.separator
    lengths = sorted({len(written) for written in several}, reverse=True)
    found: list[str] = []
    places: list[int] = []
    place, in_class = 0, False
    while place < len(pattern):
        written = next((part for n in lengths if (part := fold(pattern[place : place + n])) in several), "")
        if written:
            step, letter = len(written), several[written]
        elif (
            separator and not in_class and not SPECIAL.intersection(separator) and pattern.startswith(separator, place)
        ):
            place += len(separator)
            continue
        else:
            step = 2 if pattern[place] == "\\" else 1
            letter = pattern[place : place + step]
            in_class = letter == "[" or (in_class and letter != "]")
        found.append(letter)
        places += range(place, place + len(letter))
        place += step
    return "".join(found), [*places, len(pattern)]


def _determinized(expression: Expression, last: int) -> DFA:
    """The automaton whose states are sets of positions; `last` are those after which the text may end."""
    vocabulary = expression.vocabulary
    members = [expression.members(*key) for key in expression.takes]
    context = [np.zeros(len(vocabulary) - 1, bool)]
    if expression.anchors:  # what a character is to the anchors beside it
        context = [expression.members(r"\w", 0), expression.members(r"\w", re.ASCII), expression.members(r"\n", 0)]
    traits = np.array(context + members)
    chosen, columns = distinct_columns(traits)
    kinds = traits[:, chosen]
    masks = [0] * kinds.shape[1]
    for row, positions in zip(kinds[len(context) :], expression.takes.values(), strict=True):
        for column in np.flatnonzero(row):
            masks[column] |= positions
    beside = [tuple(bool(flag) for flag in column) for column in kinds[: len(context)].T]

    # A state is (positions, positions after which nothing may follow, what the last character was to anchors).
    first: tuple[int, int, Beside] = (1 << START, 0, OUTSIDE)
    numbers, states = {first: 0}, [first]
    rows, accepting = [], []
    for free, ending, before in states:
        at_end = _through(expression, free | ending, before, OUTSIDE)[0]
        reached = {}
        for after in set(beside):
            some, finals = _through(expression, free, before, after)
            reached[after] = (expression.after(some), expression.after(finals), after)
        accepting.append(bool(at_end & last))
        row = []
        expression.spend(len(masks) * (1 + len(expression.follow) // 2000))
        for mask, (some, finals, after) in zip(masks, map(reached.__getitem__, beside), strict=True):
            state = (some & mask, finals & mask, after)
            if not state[0] and not state[1]:
                row.append(DEAD)
                continue
            if state not in numbers:
                if len(states) == MOST_STATES:
                    raise TooMuchError
                numbers[state] = len(states)
                states.append(state)
            row.append(numbers[state])
        rows.append(row)
    moves: IntArray = np.array(rows, np.int32).reshape(len(states), len(masks))
    return trimmed(np.append(0, columns), moves, np.array(accepting))


def _through(expression: Expression, positions: int, before: Beside, after: Beside) -> tuple[int, int]:
    """What is reached from `positions` by passing anchors between two characters.

    Apart from that, what is reached by a `$` before a line feed, which must be the last character.
    """
    holding = ending = 0
    for (kind, ascii_only), anchors in expression.anchors.items():
        if _holds(kind, ascii_only, before, after):
            holding |= anchors
        elif kind == "AT_END" and after[2]:
            ending |= anchors
    free, last = positions, 0
    while holding or ending:
        more_last = expression.after(free) & ending | expression.after(last) & (holding | ending)
        more_free = expression.after(free) & holding
        if not (more_free & ~free or more_last & ~last):
            break
        free, last = free | more_free, last | more_last
    return free, last


def _holds(kind: str, ascii_only: bool, before: Beside, after: Beside) -> bool:
    """Whether an anchor holds between two characters, each given by what it is to anchors."""
    if kind in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
        return before == OUTSIDE
    if kind == "AT_BEGINNING_LINE":
        return before == OUTSIDE or before[2]
    if kind in ("AT_END", "AT_END_STRING"):
        return after == OUTSIDE
    if kind == "AT_END_LINE":
        return after == OUTSIDE or after[2]
    word = [side != OUTSIDE and side[int(ascii_only)] for side in (before, after)]
    return (word[0] != word[1]) == (kind == "AT_BOUNDARY")


class TooMuchError(Exception):
    """The expression takes too many positions, states or steps."""


class UnsupportedError(Exception):
    """The expression has something, named here, that no automaton can do."""


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
    letters: str
    """One character for each symbol of the vocabulary."""
    follow: list[int] = field(default_factory=lambda: [0])
    """Of each position, the positions that can come next."""
    takes: dict[tuple[str, int], int] = field(default_factory=dict)
    """Of each class of characters (its source and flags), the positions that read one of them."""
    anchors: dict[tuple[str, bool], int] = field(default_factory=dict)
    """Of each kind of anchor (and whether words are of ASCII alone), its positions."""
    work: int = 0
    copies: int = 0
    """Positions, and repeats of what has none."""

    def count_copy(self) -> None:
        """Raises TooMuchError for more than MOST_POSITIONS."""
        self.copies += 1
        if self.copies > MOST_POSITIONS:
            raise TooMuchError

    def spend(self, steps: int) -> None:
        """Counts the work; raises TooMuchError for more than MOST_WORK."""
        self.work += steps
        if self.work > MOST_WORK:
            raise TooMuchError

    def position(self) -> _Part:
        self.follow.append(0)
        self.count_copy()
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
        self.connect(left.last, right.first)
        return _Part(
            left.nullable and right.nullable,
            left.first | (right.first if left.nullable else 0),
            right.last | (left.last if right.nullable else 0),
        )

    def connect(self, sources: int, targets: int) -> None:
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
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return self.characters(_source(name, argument), flags)
        if name == "AT":
            part = self.position()
            kind = argument.name
            if kind in ("AT_BEGINNING", "AT_END") and flags & re.MULTILINE:
                kind += "_LINE"
            key = (kind, bool(flags & re.ASCII))
            self.anchors[key] = self.anchors.get(key, 0) | part.first
            return part
        if name == "BRANCH":
            part = _Part(False)
            for branch in reversed(argument[1]):
                other = self.sequence(branch, flags)
                part = _Part(part.nullable or other.nullable, part.first | other.first, part.last | other.last)
            return part
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
        whole, required = _Part(), least
        if getattr(most, "name", "") == "MAXREPEAT":  # the parser's constant for no limit
            whole, required, most = self.sequence(items, flags), max(least - 1, 0), least
            self.connect(whole.last, whole.first)
            if least == 0:
                whole = _Part(True, whole.first, whole.last)
        optional = int(most) - least
        # x{0,3} is (x(x(x)?)?)?, in which each x is joined to what follows it once.
        for place in range(optional + required):
            part = self.sequence(items, flags)
            if not part.first:
                self.count_copy()
            whole = self.join(part, whole)
            if place < optional:
                whole = _Part(True, whole.first, whole.last)
        return whole

    def members(self, source: str, flags: int) -> BoolArray:
        """Which symbols of the vocabulary a class takes, (V - 1,)."""
        taken = np.zeros(len(self.vocabulary) - 1, bool)
        text = self.letters
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
        shown[0] = f"{'the' if not shown[0].startswith('of') else 'a'} {self.vocabulary.unit} {shown[0]}"
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


def _source(name: str, argument: Any) -> str:
    """The source of a parsed class of characters such as `[^a-z\\d]`, or of one character."""
    match name:
        case "LITERAL":
            return re.escape(chr(argument))
        case "NOT_LITERAL":
            return f"[^{re.escape(chr(argument))}]"
        case "ANY":
            return "."
        case "NEGATE":
            return "^"
        case "RANGE":
            return "-".join(re.escape(chr(end)) for end in argument)
        case "CATEGORY":
            return _CATEGORIES[argument.name]
    return f"[{''.join(_source(operation.name, each) for operation, each in argument)}]"


def _literal(source: str) -> str | None:
    """The character of a class that `re.escape` wrote for one; None for other classes."""
    character = source[-1]
    return character if source == re.escape(character) and source != "." else None
