"""Regular expressions as automata, exactly as `re.fullmatch` reads them.

Python's own parser reads the expression, so that its grammar, its flags and its error messages are those that users
know. A state of the automaton is a set of positions in the expression, those whose character was just read.
"""

from __future__ import annotations

import importlib
import re
import warnings

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.errors import Message, Option, OptionError, plain
from mangosaurus.core.vocabulary import Vocabulary, shorten
from mangosaurus.generation.constraints.dfa import DEAD, DFA, distinct_columns, minimized, trimmed
from mangosaurus.generation.constraints.regex_positions import (
    MOST_POSITIONS,
    START,
    Expression,
    TooMuchError,
    UnsupportedError,
    copies,
)

MOST_STATES = 20_000
Beside = tuple[bool, ...]
"""What a character is to the anchors beside it: of a word, of a word in ASCII, a line feed; () is no character."""
OUTSIDE: Beside = ()
"""What stands before the first and after the last character."""


def compile_pattern(pattern: str, vocabulary: Vocabulary) -> DFA:
    """The minimal automaton of the strings over `vocabulary` that match the whole of `pattern`, which is in NFC.

    Raises OptionError with the position if the expression is broken, if it uses what no automaton can do
    (back-references, look-around, conditional and atomic groups, possessive repeats), if it would take more than
    MOST_STATES states, and if nothing over this vocabulary matches it: the message then names the characters missing.
    """
    named: Message = (Option("pattern"), f" {shorten(pattern, 80)!r}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what future versions of Python may read differently
            parsed = importlib.import_module("re._parser").parse(pattern)
        expression = Expression(vocabulary)
        expression.spend(copies(parsed), MOST_POSITIONS)
        root = expression.sequence(parsed, int(parsed.state.flags))
        expression.follow[START] = root.first
        dfa = _determinized(expression, root.last | (1 << START if root.nullable else 0))
        if dfa.empty:
            raise OptionError("no name can meet ", *named, f": {expression.why_empty(root)}")
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        raise OptionError(*named, f" is not a regular expression: {plain(error.msg)}{where}") from None
    except (OverflowError, RecursionError):
        raise OptionError(*named, " repeats or nests too much") from None
    except TooMuchError:
        raise OptionError(
            *named,
            f" explodes: it would take more than {MOST_STATES:,} states, or too long to build; repeat less, ",
            "or leave lengths to ",
            Option("min_length"),
            " and ",
            Option("max_length"),
        ) from None
    except UnsupportedError as error:
        raise OptionError(
            *named,
            f" uses {error}, unsupported here; several ",
            Option("pattern"),
            ", which must all match, may say the same",
        ) from None
    return minimized(dfa)


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
    follows: list[tuple[int, int, Beside]]
    for free, ending, before in states:
        if expression.anchors:
            at_end = _through(expression, free | ending, before, OUTSIDE)[0]
            passed = {after: _through(expression, free, before, after) for after in set(beside)}
            reached = {
                after: (expression.after(some), expression.after(finals)) for after, (some, finals) in passed.items()
            }
            follows = [(*reached[after], after) for after in beside]
        else:
            at_end = free
            follows = [(expression.after(free), 0, OUTSIDE)] * len(masks)
        accepting.append(bool(at_end & last))
        row = []
        expression.spend(len(masks) * (1 + len(expression.follow) // 2000))
        for mask, (some, finals, after) in zip(masks, follows, strict=True):
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
    while True:
        more_last = expression.after(free) & ending | expression.after(last) & (holding | ending)
        more_free = expression.after(free) & holding
        if not (more_free & ~free or more_last & ~last):
            return free, last
        free, last = free | more_free, last | more_last


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
