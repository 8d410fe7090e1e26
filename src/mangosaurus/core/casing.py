"""Lower case, capitals and titles, by the rules of a language where they differ from those of all others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, get_args

from mangosaurus.core.errors import OptionError

Language = Literal["tr", "az", "lt"]
"""Those with rules of their own. Turkish and Azerbaijani have I without a dot beside İ; Lithuanian keeps the dot of i
under an accent. The lower case of all other languages is the same: see Unicode's SpecialCasing.txt."""
Lowering = bool | Language
"""Whether text is lower-cased; a language: by its rules."""
Shape = Literal["title", "upper", "lower"]
SHAPES: tuple[Shape, ...] = ("title", "upper", "lower")
MOST_LOOKED_AT = 1000
"""Names of a list, evenly spread, that tell in which case it is written."""
ABOVE = "[\u0300-\u0304\u0306-\u030c]"
"""Accents that stand above a letter, as in Lithuanian."""


def lower(text: str, rule: Lowering = True) -> str:
    """`text` in lower case: as in most languages, or by the rule of a `Language`; False leaves it as it is."""
    if rule is False:
        return text
    if rule in ("tr", "az"):
        text = text.replace("I\u0307", "i").replace("İ", "i").replace("I", "ı")
    elif rule == "lt":
        for capital, small in (("Ì", "i\u0307\u0300"), ("Í", "i\u0307\u0301"), ("Ĩ", "i\u0307\u0303")):
            text = text.replace(capital, small)
        text = re.sub(f"([IJĮ])(?={ABOVE})", lambda found: found[1].lower() + "\u0307", text)
    return text.lower()


def small(text: str, rule: Lowering = False) -> str:
    """`text` in small letters, with as many characters: where one would become two, it keeps to one."""
    changed = lower(text, rule or True)
    return changed if len(changed) == len(text) else "".join(_one(c, lower(c, rule or True)) for c in text)


def capitals(text: str, rule: Lowering = False) -> str:
    """`text` in capitals, with as many characters: ß becomes ẞ, and what has no capital of one character stays."""
    if rule in ("tr", "az"):
        text = text.replace("i", "İ")
    changed = text.upper()
    return changed if len(changed) == len(text) else "".join(_one(c, c.upper()) for c in text)


def titled(text: str, rule: Lowering = False) -> str:
    """`text` with a capital at the beginning of each word and small letters otherwise.

    A word goes on after an apostrophe, except after a single letter: O'Brien, and Qo'nos.
    """
    dotted = {"i": "İ"} if rule in ("tr", "az") else {}
    found, length = "", 0  # of the word so far, with its apostrophe
    for character in small(text, rule):
        within = character.isalnum() or unicodedata.category(character)[0] == "M"
        if within and length == 0:
            character = dotted.get(character) or _one(character, character.title())
        found += character
        if character in "'’" and length > 1:
            continue
        length = length + 1 if within else 0
    return found


def shape_of(names: Sequence[str], rule: Lowering = False) -> Shape | None:
    """The case in which nearly all of `names` are written; None if there is no such case."""
    some = [name for name in names[:: 1 + len(names) // MOST_LOOKED_AT] if name.lower() != name.upper()]
    written = zip(SHAPES, (titled, capitals, small), strict=True)
    alike = {shape: sum(write(name, rule) == name for name in some) for shape, write in written}
    return next((shape for shape, count in alike.items() if some and count >= 0.9 * len(some)), None)


def _one(character: str, changed: str) -> str:
    if len(changed) == 1:
        return changed
    return {"ß": "ẞ", "İ": "i"}.get(character, character)


def lower_pattern(pattern: str, rule: Lowering = True) -> str:
    """A regular expression with its letters in lower case; what follows a backslash stays, and so do names."""
    return re.sub(
        r"(\\(?:N\{[^}]*\}|.)|\(\?P?[<=][^>)]*|\(\?[A-Za-z-]+)|([^\\(]+|\()",
        lambda found: found[1] or lower(found[2], rule),
        pattern,
        flags=re.DOTALL,
    )


def check_language(language: object) -> None:
    """Raises OptionError for what is not a `Language`."""
    if language not in get_args(Language):
        known = ", ".join(get_args(Language))
        why = "{language} is {!r}; it must be one of {}, whose lower case differs from that of all other languages"
        raise OptionError.of(why, language, known)
