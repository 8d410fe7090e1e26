"""Texts are cut into symbols, and put together again as they were."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from mangosaurus.core.errors import OptionError, UnknownCharacterError, VocabularyError
from mangosaurus.core.segmentation import CHARACTERS, JOINER, Segmentation, clusters_of, common
from mangosaurus.core.vocabulary import Vocabulary

MARKED = "aeẹ\u0301\u0300\u0323\u0302नक\u094d\u093e\u0902\u200d🇩🇪🇫👩🚀👍🏿\ufe0fשׁ\u05b8ก\u0e49\u0e33ㄱ가\u11a8"
"""Letters and what joins them: marks above and below, Devanagari, flags, joined emoji, skin tones, Thai, Hangul."""
marked = st.text(MARKED, max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
separators = st.sampled_from([" ", "\t", "-", " - ", "|", ", ", "::a"])


@given(st.text("ab-|,: \t\n", max_size=30) | st.text(max_size=20), separators)
def test_tokens_are_those_between_separators(text: str, separator: str) -> None:
    cut = Segmentation(separator=separator)
    tokens, canonical = cut.split(text), cut.canonical(text)
    assert cut.split(canonical) == tokens
    assert cut.canonical(canonical) == canonical
    mark: str | None = separator.strip() or separator
    if separator == " ":
        mark = None  # any white space, as for str.split
    assert all(token == "\n" or (token and (mark or " ") not in token and token == token.strip()) for token in tokens)
    lines = [[token.strip() for token in line.split(mark) if token.strip()] for line in text.split("\n")]
    assert [separator.join(line) for line in lines] == canonical.split("\n")


@given(st.lists(st.text("abcd", min_size=2, max_size=4), max_size=6), st.text("abcde", max_size=30))
def test_the_longest_entry_is_taken(entries: list[str], text: str) -> None:
    cut = Segmentation(inventory=frozenset(entries))
    symbols = cut.split(text)
    assert "".join(symbols) == cut.text_of(symbols) == text
    place = 0
    for symbol in symbols:
        fitting = [entry for entry in entries if text.startswith(entry, place)]
        assert symbol == max([*fitting, text[place]], key=len)
        place += len(symbol)


@given(st.lists(marked, max_size=4))
def test_clusters_are_those_of_unicode(names: list[str]) -> None:
    cut = clusters_of(names)
    for name in names:
        wanted: list[str] = []
        for cluster in regex.findall(r"\X", name):
            if wanted and wanted[-1].endswith(JOINER):
                wanted[-1] += cluster
            else:
                wanted.append(cluster)
        assert cut.split(name) == wanted
        assert "".join(cut.split(name)) == name


def test_lists_without_clusters_have_characters() -> None:
    assert clusters_of(["Ångström", "ñandú", "さくら", "Ελένη", "𝒜da", "가나"]) is CHARACTERS
    assert clusters_of([]) is CHARACTERS
    assert clusters_of(["a" + "\u0301" * 300]) is CHARACTERS  # too long for a symbol


def test_what_is_written_between_symbols() -> None:
    cut = Segmentation(separator=" - ", join="")
    assert cut.split("do - re-mi\nfa") == ["do", "re", "mi", "\n", "fa"]
    assert cut.canonical("do-re - mi\nfa") == "do - re - mi\nfa"
    assert cut.shown("do - re - mi\nfa") == "doremi\nfa"
    assert [cut.between(*pair) for pair in (("", "do"), ("do", "re"), ("mi", "\n"), ("\n", "fa"))] == ["", "", "", ""]
    assert Segmentation(separator=" ").between("do", "re") == " "
    assert Segmentation(inventory=frozenset({"tʃ"}), join="+").shown("atʃa") == "a+tʃ+a"
    assert CHARACTERS.shown("ab") == CHARACTERS.canonical("ab") == "ab"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"separator": "\n"}, r"separator is '\\n'; a line break ends a name"),
    ({"separator": "--"}, "separator is '--', which begins as it ends"),
    ({"separator": " ", "inventory": frozenset({"tʃ"})}, "separator and inventory both say what a symbol is"),
    ({"inventory": frozenset({"a\nb"})}, "an entry has from 2 to 256 characters on one line"),
    ({"inventory": frozenset({"a" * 257})}, "an entry has from 2 to 256 characters on one line"),
    ({"inventory": frozenset({"a"})}, "inventory has 'a'; an entry has from 2"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_what_cannot_be_a_segmentation(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Segmentation(**options)


def test_symbols_of_several_models() -> None:
    flags, cats = clusters_of(["🇩🇪"]), clusters_of(["🐱\ufe0f"])
    assert common([flags, CHARACTERS, cats]) == Segmentation(inventory=frozenset({"🇩🇪", "🐱\ufe0f"}), clusters=True)
    assert common([CHARACTERS, CHARACTERS]) == CHARACTERS
    spaces = Segmentation(separator=" ", join="")
    assert common([spaces, Segmentation(separator=" ")]) == spaces
    with pytest.raises(OptionError, match=r"the models differ in what a symbol is; .* same separator or inventory"):
        common([spaces, CHARACTERS])


def test_a_vocabulary_of_tokens() -> None:
    vocabulary = Vocabulary.of(["t͡ʃ aː n", "k aː"], Segmentation(separator=" "))
    assert vocabulary.characters == ("aː", "k", "n", "t͡ʃ")
    ids = vocabulary.encode("k  aː t͡ʃ")
    assert ids.tolist() == [2, 1, 4]
    assert vocabulary.decode(ids) == "k aː t͡ʃ"
    assert vocabulary.encode_all(["n", "k aː"])[1].tolist() == [2, 1]
    assert vocabulary.unit == "phoneme"
    assert vocabulary.summary() == "4 phonemes: aː k n t͡ʃ"
    assert vocabulary != Vocabulary(["aː", "k", "n", "t͡ʃ"], Segmentation(separator="-"))
    message = (
        "never seen the phoneme 'aːː', number 2 of 'k aːː'; the nearest that it knows is 'aː'; it knows 4 phonemes"
    )
    with pytest.raises(UnknownCharacterError, match=message):
        vocabulary.encode("k aːː")
    assert Vocabulary.of(["AA K"], Segmentation(separator=" ")).counted(1) == "1 token"


@pytest.mark.parametrize("symbol", ["a b", " a", "", "\ud800", "a\nb", "a" * 257])
def test_what_cannot_be_a_token(symbol: str) -> None:
    with pytest.raises(VocabularyError, match="cannot be a symbol: it must be whole"):
        Vocabulary(["x", symbol], Segmentation(separator=" "))


@pytest.mark.slow
def test_all_that_joins_is_looked_for() -> None:
    """Python's own table of Unicode may be older than that of `regex`: what it does not know is left out."""
    known = (chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs"))
    assert [c for c in known if regex.fullmatch(r"\X", "a" + c) and clusters_of(["a" + c]).plain] == []
