"""Large corpora from end to end, with a threshold at which small ones are large."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mangosaurus
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CheckpointError, CorpusError, OptionError
from mangosaurus.core.units import parse_memory
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.large import LargeCorpus, some_of, threshold
from mangosaurus.data.read import read_corpus
from mangosaurus.data.sources import bundled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.training.large.counts import count_mapped
from mangosaurus.training.status import Status

PROSE = "\n".join(
    f"{a} saw the {b}, and the {b} saw {a}." for a, b in zip(*[iter(bundled().split())] * 2, strict=False)
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("mangosaurus.data.large.LARGE", 10_000)
    return tmp_path / "cache" / "mangosaurus"


def file(folder: Path, text: str, name: str = "corpus.txt") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("kind", ["names", "text"])
def test_what_is_read_says_the_same_of_itself(kind: str, tmp_path: Path) -> None:
    path = file(tmp_path, bundled() + "\n\nAardonyx\n" if kind == "names" else PROSE)
    small, large = read_corpus([path]), read_corpus([path], encoded_from=10_000)
    assert isinstance(large, LargeCorpus)
    assert not isinstance(small, LargeCorpus)
    assert tuple(large.documents) == small.documents
    assert "; 1 duplicates kept" in large.summary() or large.summary() == small.summary()
    assert ("duplicates" in large.summary()) == (kind == "names")
    for name in ("kind", "sources", "characters", "distinct", "duplicates", "longest", "blank"):
        assert getattr(large, name) == getattr(small, name), name
    assert large.digest() == read_corpus([path], encoded_from=9_000).digest()
    assert small.digest() == read_corpus([path]).digest()
    path.write_text(path.read_text() + "x")
    assert large.digest() != read_corpus([path], encoded_from=9_000).digest()
    assert small.digest() != read_corpus([path]).digest()


def test_small_files_names_with_labels_and_lists_are_read_as_ever(tmp_path: Path, cache: Path) -> None:
    small = file(tmp_path, "Anna\nBo\n")
    labelled = file(tmp_path, "".join(f"{name}\tx{len(name) % 2}\n" for name in bundled().split()), "labelled.txt")
    for path in (small, labelled):
        assert type(read_corpus([path], encoded_from=10_000)) is Corpus
    assert not cache.exists()


def test_folders_standard_input_and_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        file(tmp_path, PROSE[number * 9_000 :][:9_000], f"{number}.txt")
    corpus = read_corpus([tmp_path], "text", encoded_from=10_000)
    assert isinstance(corpus, LargeCorpus)
    assert tuple(corpus.documents) == read_corpus([tmp_path], "text").documents
    for text in (PROSE, "Anna\nBo"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        read = read_corpus(["-"], encoded_from=10_000)
        assert isinstance(read, LargeCorpus) == (text is PROSE)
        assert tuple(read.documents) == ((PROSE,) if text is PROSE else ("Anna", "Bo"))
    with pytest.raises(CorpusError, match="does not exist"):
        read_corpus([tmp_path / "0.txt", tmp_path / "no.txt"], encoded_from=10)
    (tmp_path / "bad.txt").write_bytes(PROSE.encode() + b"\n\xff")
    with pytest.raises(CorpusError, match=r"bad.txt is not UTF-8: the byte 0xff at position"):
        read_corpus([tmp_path / "bad.txt"], encoded_from=10)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX has pipes with a name")
def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    """As `train <(command)` gives one: it can be read only once, and a large one is never in memory as a whole."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for text, others in ((PROSE, []), ("Anna\nBo", []), ("Anna\nBo", [file(tmp_path, PROSE)])):
        threading.Thread(target=path.write_text, args=(text, "utf-8"), daemon=True).start()
        read = read_corpus([path, *others], encoded_from=10_000)
        assert isinstance(read, LargeCorpus) == (text is PROSE or bool(others))
        assert read.sources == (str(path), *map(str, others))
        assert read.documents[0] == ("Anna" if text == "Anna\nBo" and not others else text)
    path.unlink()
    (tmp_path / "link").symlink_to("/dev/null")
    with pytest.raises(CorpusError, match="link is empty"):
        read_corpus([tmp_path / "link"], encoded_from=10_000)


@pytest.mark.parametrize("kind", ["names", "text"])
def test_the_n_gram_of_a_large_corpus_is_nearly_that_of_a_small_one(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(tmp_path, bundled() if kind == "names" else PROSE)
    large = mangosaurus.fit(path, budget=0)
    monkeypatch.setattr("mangosaurus.data.large.LARGE", 10**9)
    small = mangosaurus.fit(path, budget=0)
    assert isinstance(large.distribution, NGram)
    assert large.vocabulary == small.vocabulary
    assert large.known == small.known
    for entry in ("documents", "symbols", "longest", "order", "format"):
        assert large.training[entry] == small.training[entry]
    assert large.training["held_out"] == pytest.approx(small.training["held_out"], abs=0.3)  # on other parts
    assert "note" not in large.training or large.training["note"] == "the n-gram alone, as asked"


@pytest.mark.parametrize("kind", ["names", "text"])
def test_networks_learn_from_it_and_the_model_is_one_file(kind: str, tmp_path: Path) -> None:
    path = file(tmp_path, bundled() if kind == "names" else PROSE)
    holdout = file(tmp_path, "Zébrasaurus\nBo\n" if kind == "names" else "Zébra saw the end.", "holdout.txt")
    options: dict[str, Any] = {"steps": 40, "hidden": 16, "order": 1, "seed": 1, "memory": "1GB"}
    model = mangosaurus.fit(path, **options)
    assert isinstance(model.distribution, Mixture)
    assert model.training["held_out"] < model.training["held_out_ngram"]
    again = mangosaurus.fit(path, **options)
    model.save(tmp_path / "one")
    again.save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert len(mangosaurus.load(tmp_path / "one").sample(3, seed=1)) == 3
    with_holdout = mangosaurus.fit(path, holdout=holdout, budget=0, order=2)
    assert "é" in with_holdout.vocabulary.characters
    assert with_holdout.training["held_out_symbols"] == (15 if kind == "names" else 18)


def test_of_a_large_holdout_stretches_are_taken(tmp_path: Path) -> None:
    corpus = read_corpus([file(tmp_path, bundled() * 200)], encoded_from=10)
    some = some_of(corpus)
    assert set(some) <= set(bundled().split("\n"))
    assert 150_000 < sum(map(len, some)) < 210_000


def test_memory_is_a_size_and_not_too_little() -> None:
    assert parse_memory("2GB") == parse_memory("2000 MB") == parse_memory(2 * 10**9) == 2 * 10**9
    assert parse_memory("1.5GiB") == 3 * 2**29
    assert parse_memory(None) is None
    assert threshold(None) == 10_000
    for wrong, message in (
        *((wrong, "give bytes, as 2GB") for wrong in ("much", "-1GB", "٢GB")),
        ("50MB", "training takes 1,000MB"),
    ):
        with pytest.raises(OptionError, match=message):
            mangosaurus.fit(["Anna", "Bo"], memory=wrong)


class Killed(BaseException):
    """What stands for a process that is killed."""


@pytest.mark.parametrize(("kind", "drawn"), [("names", 1_000_000), ("names", 4000), ("text", 1_000_000)])
def test_resumed_it_is_the_same_model_bit_for_bit(
    kind: str, drawn: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangosaurus.training.large.documents.DRAWN", drawn)  # of names, other ones every epoch
    monkeypatch.setattr("mangosaurus.training.large.documents.DRAWN_AT_ONCE", min(drawn, 64))
    path = file(tmp_path, bundled() if kind == "names" else PROSE)
    options: dict[str, Any] = {"steps": 60, "hidden": 8, "order": 2, "members": 2, "memory": "1GB"}
    mangosaurus.fit(path, **options).save(tmp_path / "whole")
    steps = [0]

    def killing(status: Status) -> None:
        steps[0] += status.progress is not None
        if steps[0] == 25:
            steps[0] = 0
            raise Killed

    with pytest.raises(Killed):
        mangosaurus.fit(path, checkpoint=tmp_path / "kept", every=0, watch=killing, **options)
    for other, error, message in (
        ({"memory": "3GB"}, OptionError, "memory is 3000000000, and the run in .* has 1000000000"),
        ({"corpus": file(tmp_path, PROSE + bundled(), "other.txt")}, CheckpointError, "has another corpus"),
    ):
        with pytest.raises(error, match=message):
            mangosaurus.fit(**{"corpus": path, "resume": tmp_path / "kept"} | other)
    kills = 0
    while True:
        try:
            mangosaurus.fit(path, resume=tmp_path / "kept", watch=killing).save(tmp_path / "resumed")
            break
        except Killed:
            kills += 1
            assert kills < 9
    assert kills
    assert (tmp_path / "resumed").read_bytes() == (tmp_path / "whole").read_bytes()


def test_resumed_by_a_budget_as_much_is_counted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.training.large.counts.SLICE", 8)
    monkeypatch.setattr("mangosaurus.training.large.counts.BYTES_A_SYMBOL", 10**6)
    path = file(tmp_path, PROSE)
    counted = []

    def remember(*given: Any, **options: Any) -> Any:
        counted.append((options["groups"], count_mapped(*given, **options)))
        return counted[-1][1]

    monkeypatch.setattr("mangosaurus.training.recipe.count_mapped", remember)
    monkeypatch.setattr("mangosaurus.training.recipe.SHARE_OF_BUDGET", 1e-9)  # no time for more than the least

    def killing(status: Status) -> None:
        if status.progress is not None and status.progress.step == 2:
            raise Killed

    with pytest.raises(Killed):
        mangosaurus.fit(path, budget=60, hidden=8, checkpoint=tmp_path / "kept", every=0, watch=killing)
    monkeypatch.setattr("mangosaurus.training.recipe.SHARE_OF_BUDGET", 1e9)
    with pytest.raises(Killed):
        mangosaurus.fit(path, resume=tmp_path / "kept", watch=killing)
    (asked, first), (again, second) = counted
    assert (asked, again) == (None, first.groups)
    assert first.share == second.share < 1
    np.testing.assert_array_equal(first.counts.count, second.counts.count)


def test_names_with_labels_that_do_not_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, "".join(f"{name}\tx{len(name) % 2}\n" for name in bundled().split()))
    table = file(tmp_path, "name,kind\n" + "".join(f"{name},x\n" for name in bundled().split()), "table.csv")
    monkeypatch.setattr("mangosaurus.data.large.BYTES_A_BYTE", 100_000)
    for given, options in ((path, {}), (path, {"labels": True}), (table, {"label_column": "kind"})):
        with pytest.raises(
            CorpusError, match=r"read into memory whole: 0 MB of them take some .* GB, and memory is 2 GB"
        ):
            mangosaurus.fit(given, budget=0, memory="2GB", **options)
    assert mangosaurus.fit(path, budget=0, memory="9000GB", order=2, prior=False).labels


@pytest.mark.parametrize("in_a_set", [10, 10_000])
def test_known_documents_are_hashes(in_a_set: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.core.document_hashes.MOST_IN_A_SET", in_a_set)
    names = bundled().split()
    known = DocumentHashes.of(names)
    assert DocumentHashes.of_blocks(np.array_split(known.hashes, 7), len(known)) == known
    assert DocumentHashes.union([known.hashes, DocumentHashes.of(["Anna"]).hashes]) == DocumentHashes.of(
        [*names, "Anna"]
    )
    assert all(name in known and name + "x" not in known for name in names)
    assert (known.missing(names), known.missing(names[1:])) == (0, 1)
