"""Reading corpora, good and bad, whole and in pieces; the bundled list."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.data.corpus import Corpus, guess_kind
from mangosaurus.data.decoding import clean, clean_pieces, last_safe
from mangosaurus.data.read import as_corpus, corpus_of, read_corpus
from mangosaurus.data.sources import bundled


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_names_are_lines_stripped_and_blank_ones_dropped(tmp_path: Path) -> None:
    corpus = read_corpus([write(tmp_path / "n.txt", "  Anna \n\n\tBerta\n \nAnna\n")], "names")
    assert corpus.documents == ("Anna", "Berta", "Anna")
    assert (corpus.blank, corpus.duplicates, corpus.characters, corpus.distinct) == (2, 1, 13, 7)
    said = "2 names; 9 characters, 7 distinct; 2 blank lines dropped; 1 of them counts more than once (most often"
    assert f"{said} 'Anna', 2 times)" in corpus.summary()


def test_once_has_each_name_where_it_stands_first_with_the_sum_of_its_weights() -> None:
    lines = corpus_of(["Bo", "Anna", "Bo", "Cy", "Anna", "Bo"])
    assert lines.once.documents == ("Bo", "Anna", "Cy")
    assert lines.once.weights == (3, 2, 1)
    assert lines.once.once.weights == (3, 2, 1)
    given = corpus_of(["Bo", "Anna", "Cy", "Bo"], weights=[4, 4, 2, 2])
    assert given.once.weights == (6, 4, 2)
    assert given.reduced().weights == (3, 2, 1)
    assert given.digest() == lines.digest() != corpus_of(["Bo", "Anna", "Cy"]).digest()
    assert corpus_of(["Bo", "Anna"] * 3).reduced().weights is None
    assert corpus_of(["Bo", "Anna"] * 3).digest() == corpus_of(["Bo", "Anna"]).digest()
    paired = corpus_of(["Bo", "Bo", "Bo"], labels=["x", "y", "x"]).once
    assert (paired.documents, paired.labels, paired.weights) == (("Bo", "Bo"), ("x", "y"), (2, 1))
    for alone in (corpus_of(["a text"] * 2, "text"), corpus_of(["Bo", "Anna"]), corpus_of(["Bo"], labels=["x"])):
        assert alone.once is alone
    assert corpus_of(["Bo", "Anna"], weights=[1, 1]).once.weights is None
    with pytest.raises(CorpusError, match="weights belong to names"):
        Corpus(("a text",), "text", ("a list",), weights=(2,)).reduced()


def test_a_summary_says_what_counts_more_than_once() -> None:
    said = corpus_of(["Bo", "Anna", "Cy"], weights=[1, 5000, 20]).summary()
    assert (
        said
        == "a list: 3 names; 8 characters, 7 distinct; 2 of them count more than once (most often 'Anna', 5,000 times)"
    )
    assert corpus_of(["Bo", "Cy"] * 3).summary().endswith("; each of them 3 times, which changes nothing")
    assert "labels (x 1, y 1)" in corpus_of(["Bo", "Bo", "Bo"], labels=["x", "y", "x"]).summary()


def test_byte_order_marks_carriage_returns_and_decomposed_letters(tmp_path: Path) -> None:
    corpus = read_corpus([write(tmp_path / "n.txt", b"\xef\xbb\xbfZoe\xcc\x88\r\nAnna\rBo")], "names")
    assert corpus.documents == ("Zoë", "Anna", "Bo")


def test_lower_case_is_never_silent(tmp_path: Path) -> None:
    path = write(tmp_path / "n.txt", "Anna\nÉMILE\n")
    assert read_corpus([path], "names").documents == ("Anna", "ÉMILE")
    lowered = read_corpus([path], "names", lowercase=True)
    assert lowered.documents == ("anna", "émile")
    assert "lower-cased" in lowered.summary()


def test_a_text_is_one_document_a_file_with_its_line_breaks(tmp_path: Path) -> None:
    write(tmp_path / "b.txt", "Second\r\nbook.\n")
    write(tmp_path / "a.txt", "First book.\n\n")
    write(tmp_path / "c.md", "no text file")
    corpus = read_corpus([tmp_path], "text")
    assert corpus.documents == ("First book.\n\n", "Second\nbook.\n")
    assert len(corpus.sources) == 2


def test_several_files_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Øystein\n".encode())))
    corpus = read_corpus([write(tmp_path / "n.txt", "Anna"), "-"], "names")
    assert corpus.documents == ("Anna", "Øystein")


def test_the_bundled_list_is_the_default() -> None:
    corpus = read_corpus()
    assert corpus.kind == "names"
    assert "Tyrannosaurus" in corpus.documents


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Anna\nBerta\nClara\n", "names"),
        ("Bad Neustadt an der Saale\nUlm\nSankt Peter-Ording\n", "names"),
        ("กรุงเทพ\nเชียงใหม่\n", "names"),
        ("Acme Inc.\nWidgets Ltd.\nFoo\nBar\nBaz Co\nQuux\nNorth\nSouth\nEast\n", "names"),
        ("First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n" * 9, "text"),
        ("It was the best of times, it was the worst of times.", "text"),
        ("x" * 5000, "text"),
        ("", "names"),
    ],
)
def test_the_kind_is_guessed_from_the_lines(text: str, kind: str) -> None:
    assert guess_kind([text]) == kind


@pytest.mark.parametrize(
    ("name", "kind"), [("dinos.txt", "names"), ("sonnets.txt", "text"), ("tinyshakespeare.txt", "text")]
)
def test_the_kind_of_the_reference_corpora(name: str, kind: str, reference) -> None:  # type: ignore[no-untyped-def]
    assert read_corpus([reference(name)]).kind == kind


def test_python_lists(tmp_path: Path) -> None:
    assert as_corpus(["Anna ", "Bo"]).documents == ("Anna", "Bo")
    assert as_corpus(["Two\nlines", "Another"], "text").documents == ("Two\nlines", "Another")
    corpus = as_corpus([write(tmp_path / "n.txt", "Anna\nBo")])
    assert corpus.documents == ("Anna", "Bo")
    assert as_corpus(corpus) is corpus
    for name in ("Two\nlines", "Two\rlines"):
        with pytest.raises(CorpusError, match="line break"):
            corpus_of([name])
    with pytest.raises(CorpusError, match="give it as \\[text\\]"):
        as_corpus("To be,\nor not to be")
    with pytest.raises(CorpusError, match="cannot be read"):
        as_corpus("a" * 300)
    with pytest.raises(CorpusError, match="surrogate"):
        corpus_of(["\ud800"])
    with pytest.raises(CorpusError, match="its item number 2 is 3"):
        as_corpus(["Anna", 3])  # type: ignore[arg-type]
    with pytest.raises(CorpusError, match="is empty"):
        as_corpus([])


@pytest.mark.parametrize(
    ("data", "place", "line"),
    [
        (b"Anna\nB\xffo\n", "0xff at position 6", "line 2"),
        (b"\xef\xbb\xbfAnna\n\n\xc3", "0xc3 at position 9", "line 3"),
    ],
)
def test_bytes_that_are_not_utf_8_are_located(data: bytes, place: str, line: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=f"is not UTF-8: the byte {place}, in {line}"):
        read_corpus([write(tmp_path / "n.txt", data)])


def test_missing_and_empty_things(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no\.txt does not exist"):
        read_corpus([tmp_path / "no.txt"])
    with pytest.raises(CorpusError, match="is empty: there is no name to learn from"):
        read_corpus([write(tmp_path / "e.txt", "\n \n")], "names")
    (tmp_path / "folder").mkdir()
    with pytest.raises(CorpusError, match=r"has no \.txt files"):
        read_corpus([tmp_path / "folder"])
    with pytest.raises(OptionError, match="format is 'csv'; it must be one of names, text, auto"):
        read_corpus([], "csv")  # type: ignore[arg-type]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=8))
def test_whatever_is_read_is_clean(texts: list[str]) -> None:
    lines = [text.replace("\n", "").replace("\r", "") for text in texts]
    assume(any(clean(line, False).strip() for line in lines))
    corpus: Corpus = as_corpus(lines)
    assert all(document and document == document.strip() for document in corpus.documents)


KNOWN = ["Allosaurus", "Ankylosaurus", "Brachiosaurus", "Diplodocus", "Iguanodon", "Mei", "Stegosaurus", "Triceratops"]
KNOWN += ["Tyrannosaurus", "Velociraptor", "Yi"]


def test_the_list_is_sorted_capitalised_words_each_once() -> None:
    assert bundled().endswith("\n")
    names = bundled().removesuffix("\n").split("\n")
    assert len(names) >= 1000
    assert names == sorted(names)
    assert len({name.lower() for name in names}) == len(names)
    assert [name for name in names if not re.fullmatch(r"[A-Z][a-z]+", name)] == []


def test_well_known_genera_are_there_and_birds_and_marine_reptiles_are_not() -> None:
    names = bundled().split()
    assert set(KNOWN) <= set(names)
    assert {"Archaeopteryx", "Dakosaurus", "Ichthyosaurus", "Plesiosaurus"}.isdisjoint(names)


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
    pieces = clean_pieces(io.BytesIO(text.encode()).read, "a file", lowercase, size)
    assert "".join(pieces) == whole(text, lowercase)


def test_a_long_line_is_cut_inside() -> None:
    pieces = list(clean_pieces(io.BytesIO(b"ab" * 5000).read, "a file", False, 1000))
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
        list(clean_pieces(io.BytesIO(data).read, str(tmp_path / "n.txt"), False, size))
    assert str(found.value).split("decode")[0] == str(expected.value).split("decode")[0]


@pytest.mark.parametrize("ending", ["txt", "csv", "json", "tsv"])
def test_the_case_of_a_list_is_known_after_it_is_lower_cased(tmp_path: Path, ending: str) -> None:
    names = ["Anna Lee", "Bo", "Çelik", "O'Brien"]
    text = {
        "txt": "\n".join(names),
        "csv": "name,count\n" + "\n".join(f"{name},2" for name in names),
        "json": json.dumps(names),
        "tsv": "\n".join(f"{name}\tgirl" for name in names * 3),
    }[ending]
    file = tmp_path / f"list.{ending}"
    file.write_text(text, encoding="utf-8")
    assert read_corpus(file, lowercase=True).case == "title"
    assert read_corpus(file).case is None


def test_a_misspelt_file_is_told_with_the_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "elves.txt").write_text("Elrond\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"elvse\.txt does not exist; did you mean .*elves\.txt\?$"):
        read_corpus(tmp_path / "elvse.txt")
    with pytest.raises(CorpusError, match=r"dwarves\.txt does not exist$"):
        read_corpus(tmp_path / "dwarves.txt")
