"""Pieces of a file joined are the file, whatever is at their ends."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mangosaurus.core.errors import CorpusError
from mangosaurus.data.decoding import clean, clean_pieces, last_safe
from mangosaurus.data.read import read_corpus

TRICKY = "aeΣσς'. \n\r\u0301\u0308\u0323\u0345\u1100\u1161\u11a8가각\u09c7\u09be\u0958İ中\u2126\ufeff😀\0"
"""Letters with marks, marks out of order, parts of Hangul and Bengali that compose, sigmas, line ends."""


def whole(text: str, lowercase: bool) -> str:
    """As `read` has it for a small file."""
    return clean(text.removeprefix("\ufeff").removeprefix("\ufeff"), lowercase)


TEXTS = st.text(st.sampled_from(TRICKY), max_size=80) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(deadline=None, max_examples=200)
@example("a.Σ", 1, True)  # a sigma looks back across a full stop, at what is in another piece
@given(TEXTS, st.integers(1, 9), st.booleans())
def test_pieces_of_any_size_are_the_whole(text: str, size: int, lowercase: bool) -> None:
    pieces = clean_pieces(io.BytesIO(text.encode()), "a file", lowercase, size)
    assert "".join(pieces) == whole(text, lowercase)


def test_a_long_line_is_cut_inside() -> None:
    pieces = list(clean_pieces(io.BytesIO(b"ab" * 5000), "a file", False, 1000))
    assert max(map(len, pieces)) <= 1001
    assert last_safe("aaa\u0301", False) == 2
    assert last_safe("a\n" + "\u0301" * 9, False) == 2


@pytest.mark.parametrize(
    "data", [b"Anna\nB\xffo\n", b"\xef\xbb\xbfAnna\n\n\xc3", b"caf\xc3\xa9\n\xe4\xb8", b"\n\n\xed\xa0\x80"]
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_byte_that_does_not_decode_is_named_as_in_a_small_file(data: bytes, size: int, tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_bytes(data)
    with pytest.raises(CorpusError) as expected:
        read_corpus([tmp_path / "n.txt"])
    with pytest.raises(CorpusError) as found:
        list(clean_pieces(io.BytesIO(data), str(tmp_path / "n.txt"), False, size))
    assert str(found.value) == str(expected.value)
