"""Lower case, by the rules of a language where they differ from those of all others."""

from __future__ import annotations

import re
from typing import Literal, get_args

from mangosaurus.core.errors import OptionError

Language = Literal["tr", "az", "lt"]
"""Turkish and Azerbaijani have I without a dot beside İ; Lithuanian keeps the dot of i under an accent. The lower case
of all other languages is the same: see Unicode's SpecialCasing.txt."""
ABOVE = "[\u0300-\u0304\u0306-\u030c]"
"""Accents that stand above a letter, as in Lithuanian."""


def lower(text: str, language: str | None = None) -> str:
    """`text` in lower case."""
    if language in ("tr", "az"):
        text = text.replace("I\u0307", "i").replace("İ", "i").replace("I", "ı")
    elif language == "lt":
        for capital, small in (("Ì", "i\u0307\u0300"), ("Í", "i\u0307\u0301"), ("Ĩ", "i\u0307\u0303")):
            text = text.replace(capital, small)
        text = re.sub(f"([IJĮ])(?={ABOVE})", lambda found: found[1].lower() + "\u0307", text)
    return text.lower()


def lower_pattern(pattern: str, language: str | None = None) -> str:
    """A regular expression with its letters in lower case; what follows a backslash stays, and so do names."""
    return re.sub(
        r"(\\(?:N\{[^}]*\}|.)|\(\?P?[<=][^>)]*|\(\?[A-Za-z-]+)|([^\\(]+|\()",
        lambda found: found[1] or lower(found[2], language),
        pattern,
        flags=re.DOTALL,
    )


def check_language(language: str | None, lowercase: bool) -> None:
    """Raises OptionError for a language that lower-cases like all others, and for one without lower-casing."""
    if language is None:
        return
    if language not in get_args(Language):
        known = ", ".join(get_args(Language))
        why = "{language} is {!r}; it must be one of {}, whose lower case differs from that of all other languages"
        raise OptionError.of(why, language, known)
    if not lowercase:
        raise OptionError.of("{language} is {!r}, and nothing is lower-cased: it goes with {lowercase}", language)
