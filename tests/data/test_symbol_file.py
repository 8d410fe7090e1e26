"""Encoded files: what is in them, and that a damaged one is never read."""

from __future__ import annotations

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError, OutputError
from mangosaurus.core.vocabulary import join
from mangosaurus.data import symbol_file as encoded
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.decoding import Source, clean
from mangosaurus.data.external_sort import Runs
from mangosaurus.data.read import read_corpus
from mangosaurus.data.symbol_file import Encoded, EncodedDocuments, encode, read_encoded

TEXTS = {
    "names": "Anna\n\n  Zoe\u0308 \r\nAnna\nBo\0b\n😀\n\u3000\nשלום\n",
    "text": "Anna\n\n  Zoe\u0308 \r\nwent to 東京. שלום 😀\0\n",
}


def sources(*paths: Path) -> list[Source]:
    return [Source(str(path), partial(path.open, "rb")) for path in paths]  # type: ignore[arg-type]


def check(made: Encoded, corpus: Corpus) -> None:
    """That an encoded corpus is the one read into memory."""
    assert tuple(EncodedDocuments(made)) == corpus.documents
    assert [EncodedDocuments(made)[i] for i in range(len(corpus.documents))] == list(corpus.documents)
    assert made.vocabulary.characters == tuple(sorted(set("".join(corpus.documents))))
    np.testing.assert_array_equal(made.stream, join(made.vocabulary.encode_all(corpus.documents)))
    np.testing.assert_array_equal(np.concatenate([*made.known()]), DocumentHashes.of(corpus.documents).hashes)
    np.testing.assert_array_equal(made.header.counts, np.bincount(made.stream) - (np.arange(len(made.vocabulary)) == 0))
    assert (made.header.longest, made.header.blank) == (corpus.longest, corpus.blank)
    assert made.header.documents == len(corpus.documents)


@pytest.mark.parametrize("kind", ["names", "text"])
@pytest.mark.parametrize("lowercase", [False, True])
def test_what_is_encoded_is_what_would_be_read(kind: str, lowercase: bool, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXTS[kind], encoding="utf-8", newline="")
    (tmp_path / "b.txt").write_text(" \n \n", encoding="utf-8")
    (tmp_path / "c.txt").write_text("Κάποιος ΣΑΣ\nx", encoding="utf-8")
    paths = [tmp_path / f"{name}.txt" for name in "abc"]
    made = encode(sources(*paths), kind, lowercase, tmp_path / "cache")
    check(made, read_corpus(paths, kind, lowercase, labels=False))  # type: ignore[arg-type]
    assert len(list((tmp_path / "cache").iterdir())) == 1


@settings(deadline=None, max_examples=30)
@given(texts=st.lists(st.text(max_size=30), min_size=1, max_size=4), kind=st.sampled_from(["names", "text"]))
def test_any_texts(texts: list[str], kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assume(any(clean(text, False).strip() for text in texts))
    assume(not any("\0" in text for text in texts))  # which a look at their share refuses
    folder = tmp_path_factory.mktemp("any")
    paths = [folder / f"{number}" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    check(encode(sources(*paths), kind, False, folder), read_corpus(paths, kind, labels=False))  # type: ignore[arg-type]


def test_many_names_and_large_alphabets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded, "BLOCK", 100)  # so that hashes are sorted on the disk, and ids in blocks
    names = [chr(0x4E00 + i % 700) * (i % 5 + 1) + str(i % 300) for i in range(800)]
    (tmp_path / "n.txt").write_text("\n".join(names), encoding="utf-8")
    made = encode(sources(tmp_path / "n.txt"), "names", False, tmp_path)
    assert made.stream.dtype == np.uint16
    check(made, read_corpus([tmp_path / "n.txt"], "names"))


def test_a_hundred_thousand_different_characters(tmp_path: Path) -> None:
    codes = [code for code in range(0, 0x110000, 7) if not 0xD800 <= code <= 0xDFFF]
    (tmp_path / "n.txt").write_text("".join(map(chr, codes)), encoding="utf-8", newline="")
    made = encode(sources(tmp_path / "n.txt"), "text", False, tmp_path)
    assert made.stream.dtype == np.uint32
    (text,) = EncodedDocuments(made)
    assert (text,) == read_corpus([tmp_path / "n.txt"], "text").documents


def test_a_file_is_made_once_and_again_where_it_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("Anna\nBerta\n")
    again = partial(encode, sources(tmp_path / "n.txt"), "names", False, tmp_path / "cache")
    path = again().path
    good = {file.name: file.read_bytes() for file in path.iterdir()}
    written = {file.name: file.stat().st_ino for file in path.iterdir()}
    assert again().path == path
    assert {file.name: file.stat().st_ino for file in path.iterdir()} == written
    for name, data in good.items():
        damages = [b"", data[:-1], data[: len(data) // 2], data + b"\0", b"foreign" * 9]
        damages += [data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :] for place in range(0, len(data), 11)]
        for damaged in damages:
            (path / name).write_bytes(damaged)
            assert read_encoded(path) is None
        assert tuple(EncodedDocuments(again())) == ("Anna", "Berta")
        assert (path / name).read_bytes() == data
    # Other bytes and other options have files of their own.
    others = {encode(sources(tmp_path / "n.txt"), "text", False, path.parent).path, path}
    others.add(encode(sources(tmp_path / "n.txt"), "names", True, path.parent).path)
    (tmp_path / "n.txt").write_text("Anna\nBerto\n")
    others.add(again().path)
    assert len(others) == 4


@pytest.mark.parametrize("kind", ["names", "text"])
def test_what_changes_while_it_is_read_is_not_taken_for_what_it_was(kind: str, tmp_path: Path) -> None:
    """The file is another one when it is encoded, and then what it was before again."""
    before, after, path, cache = "Anna\nBerta\n", "Zoe\nXaver\n", tmp_path / "n.txt", tmp_path / "cache"

    def again(written: str | None = None) -> Encoded:
        def begun() -> None:
            if written is not None:
                path.write_text(written)

        return encode(sources(path), kind, False, cache, begun)

    path.write_text(before)
    changed = again(after)
    check(changed, read_corpus([path], kind, labels=False))  # type: ignore[arg-type]
    assert again().path == changed.path
    path.write_text(before)
    check(again(), read_corpus([path], kind, labels=False))  # type: ignore[arg-type]


def test_several_at_once_and_what_a_killed_process_left(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("Anna\nBerta\n" * 50)
    cache = tmp_path / "cache"
    code = (
        "import sys, os, signal\nfrom pathlib import Path\nfrom mangosaurus.data import symbol_file\n"
        "with symbol_file._temporary(Path(sys.argv[1])) as file:\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(cache)], check=False).returncode < 0
    left = list(cache.iterdir())
    assert len(left) == 2  # a folder and its lock
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: encode(sources(tmp_path / "n.txt"), "names", False, cache), range(8)))
    assert all(tuple(EncodedDocuments(each)) == ("Anna", "Berta") * 50 for each in made)
    assert not any(path.exists() for path in left)
    assert [path.name for path in cache.iterdir()] == [made[0].path.name]


def test_nothing_in_it(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text(" \n\n")
    for kind, what in (("names", "name"), ("text", "text")):
        with pytest.raises(CorpusError, match=f"n.txt is empty: there is no {what} to learn from"):
            encode(sources(tmp_path / "n.txt"), kind, False, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())
    documents = EncodedDocuments(encode([_of("a\nb\nc")], "names", False, tmp_path))
    assert (documents[-1], documents[:2]) == ("c", ("a", "b"))
    with pytest.raises(IndexError):
        documents[3]


def test_an_endless_line_is_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoded, "LONGEST_NAME", 1_000)
    monkeypatch.setattr(encoded, "clean_pieces", lambda *words, **more: iter(["Anna\nB", "o" * 900, "o" * 900, "\n"]))
    with pytest.raises(CorpusError, match="a text has a line of more than 1,000 characters, which is no name"):
        encode([_of("Anna")], "names", False, tmp_path)


def _of(text: str) -> Source:
    return Source("a text", lambda: io.BytesIO(text.encode()))


@pytest.mark.parametrize("most", [1, 5000, 10**6])
def test_runs_are_merged_in_order(tmp_path: Path, most: int) -> None:
    rng = np.random.default_rng(0)
    parts = [
        np.sort(rng.integers(0, high, size, dtype=np.uint64)) for high, size in ((9, 5000), (2**63, 7000), (50, 1))
    ]
    runs = Runs(tmp_path / "new")
    for part in parts:
        runs.append(part)
    assert runs.entries == 12_001
    assert not list((tmp_path / "new").iterdir())  # it has no name: nothing is left if the process is killed
    blocks = list(runs.merged(most))
    np.testing.assert_array_equal(np.concatenate(blocks), np.sort(np.concatenate(parts)))
    runs.close()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"the cache folder .* cannot be written: .*XDG_CACHE_HOME"):
        Runs(tmp_path / "file")
