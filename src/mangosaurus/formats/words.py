"""Symbols as the words of other programs' n-gram files: ARPA, and the counts of SRILM and KenLM.

White space parts words there, `<s>` stands before a document and `</s>` after it. A symbol is a word as it is, unless
it holds white space or a control character: each of these is written by its code point, a space as `<U+0020>`.
"""

from __future__ import annotations

import re

START, STOP, UNKNOWN = "<s>", "</s>", "<unk>"
"""The words for END before and after a document, and for what a vocabulary lacks."""
CODE = re.compile("<U[+]([0-9A-F]{4,6})>")


def word_of(symbol: str) -> str:
    """The word of a symbol. A symbol of several characters that looks like one of this module's own is marked too."""
    own = symbol in (START, STOP, UNKNOWN) or CODE.search(symbol) is not None
    return "".join(
        f"<U+{ord(each):04X}>" if each.isspace() or not each.isprintable() or (own and each == "<") else each
        for each in symbol
    )


def symbol_of(word: str) -> str:
    """The symbol of a word. Raises ValueError for a code that is none of Unicode's."""
    return CODE.sub(lambda match: chr(int(match[1], 16)), word)
