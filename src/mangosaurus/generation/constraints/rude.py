"""Rude words to keep out of names: the lists of glin-profanity, which the extra `clean` installs.

A short word is rude by itself and harmless inside others, as in Scunthorpe. So a word of three letters or fewer must
stand alone, one of four must begin a word, and a longer one may stand anywhere. That is so of the English list, and of
words in wide characters, such as Chinese ones, each of which counts as two letters. The lists of the other languages
have together so many short words that Janita and Petronila would be lost: there a word of up to five letters must stand
alone. Words are parted by whatever is no letter, mark or digit. Case and accents do not count.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mangosaurus.core.errors import MissingExtraError, Option
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.generation.constraints.dfa import DFA, everything, minimized
from mangosaurus.generation.constraints.spelling import in_words, words
from mangosaurus.generation.constraints.strings import free_of, strings_of

NOTICE = """\
The rude words are those of glin-profanity, by glinr, under the MIT License:
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:
The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""
"""What its licence wants to stand beside copies of the lists, such as those in pages."""
SPACE = 1
"""The letter of `words` that is one."""
ALONE, BEGINNING, ALONE_ELSEWHERE = 3, 4, 5
"""The most letters of words that must stand alone, of words that must begin one, and of words in languages other than
English that must stand alone."""


@cache
def rude_words() -> tuple[str, ...]:
    """The words of all languages as `in_words` writes them, with a space where one must begin or end.

    Raises MissingExtraError if the lists are not installed.
    """
    found = find_spec("glin_profanity")  # the package itself is not imported: it takes a tenth of a second
    if found is None or found.origin is None:
        raise MissingExtraError(
            Option("clean"),
            ' needs lists of rude words, which are not installed: run pip install "mangosaurus[clean]"',
        )
    framed: set[str] = set()
    for file in sorted((Path(found.origin).parent / "data" / "dictionaries").glob("*.json")):
        listed = json.loads(file.read_text(encoding="utf-8")).get("words", ())
        framed.update(_framed(word.strip(), file.stem == "english") for word in listed)
    return tuple(sorted(framed - {""}))


def rude_words_file() -> bytes:
    """The words for pages: `NOTICE`, an empty line, and the words, one a line; empty if they are not installed."""
    try:
        return "\n".join([NOTICE, "", *rude_words()]).encode()
    except MissingExtraError:
        return b""


def _framed(word: str, english: bool) -> str:
    """A listed word with spaces at the ends that must be ends of words; empty if it is more than letters."""
    if not all(unicodedata.category(c)[0] in "LM" or c in " -'’" for c in word):
        return ""
    plain = in_words(word)
    length = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in plain)
    if length <= (ALONE if english or length > len(plain) else ALONE_ELSEWHERE):
        return f" {plain} " if plain.strip() else ""
    return f" {plain}" if length <= BEGINNING else plain


@lru_cache(maxsize=8)
def free_of_rude_words(vocabulary: Vocabulary) -> DFA:
    """Every string over `vocabulary` in which no rude word stands."""
    spelling = words(vocabulary)
    known = [word for word in map(spelling.find, rude_words()) if (word > END).all()]
    if not known:
        return everything(len(vocabulary))
    dfa = free_of(strings_of(known), spelling.size)
    after = dfa.moves[:, dfa.columns[SPACE]]
    # A name stands between two spaces: it begins after one, and may end where one may follow.
    ends = np.where(after < 0, 1, 0).astype(np.int32)
    return minimized(spelling.symbols(DFA(dfa.columns, dfa.moves, ends, int(after[dfa.start]))))
