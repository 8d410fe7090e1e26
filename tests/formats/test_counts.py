"""Models from counts of n-grams: the same automaton as from the names that were counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from commands import one_line, run
from examples import NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

import mangosaurus
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.counts import discounts_of, model_of
from mangosaurus.formats.words import word_of
from mangosaurus.models.ngram import NGram, NGramCounts
from mangosaurus.training.ngram_counts import USUAL, count_ngrams

LISTS = st.lists(st.text("ab c", min_size=1, max_size=6), min_size=1, max_size=8)


def written(names: list[str], order: int, padding: int = 1, shortest: int = 1) -> str:
    """The counts of all n-grams of `shortest` to `order` symbols, and of shorter ones that begin with <s>."""
    counts: Counter[tuple[str, ...]] = Counter()
    for name in names:
        words = ["<s>"] * padding + [word_of(each) for each in name] + ["</s>"]
        for length in range(1, order + 1):
            for first in range(len(words) - length + 1):
                gram = tuple(words[first : first + length])
                if length >= shortest or gram[0] == "<s>":
                    counts[gram] += 1
    return "".join(f"{' '.join(gram)}\t{count}\n" for gram, count in counts.items())


def counts_of(text: str) -> NGramCounts:
    distribution = model_of(text, "counts.txt").distribution
    assert isinstance(distribution, NGram)
    return distribution.counts


def assert_equal(found: NGramCounts, names: list[str], order: int) -> None:
    vocabulary = Vocabulary.of(names)
    expected = count_ngrams([vocabulary.encode(name) for name in names], len(vocabulary), order)
    for each in fields(NGramCounts):
        np.testing.assert_array_equal(getattr(found, each.name), getattr(expected, each.name), each.name)


@settings(max_examples=40, deadline=None)
@given(LISTS, st.integers(1, 4), st.booleans())
def test_the_automaton_is_that_of_the_names(names: list[str], order: int, only_longest: bool) -> None:
    order = min(order, max(map(len, names)) + 2)  # there are no longer n-grams
    assert_equal(counts_of(written(names, order, shortest=order if only_longest else 1)), names, order)


def test_as_kenlm_pads() -> None:
    names = ["anna", "an", "bob"]
    vocabulary = Vocabulary.of(names)
    text = "".join(
        f"{' '.join(gram)}\t{count}\n"
        for gram, count in Counter(
            tuple(words[first : first + 3])
            for name in names
            for words in [["<s>", "<s>", *name, "</s>"]]
            for first in range(len(words) - 2)
        ).items()
    )
    found = counts_of(text)
    expected = count_ngrams([vocabulary.encode(name) for name in names], len(vocabulary), 3)
    for each in fields(NGramCounts):
        np.testing.assert_array_equal(getattr(found, each.name), getattr(expected, each.name), each.name)


def test_a_model_that_samples_and_is_kept(tmp_path: Path) -> None:
    counts, out = tmp_path / "counts.txt", tmp_path / "m.safetensors"
    counts.write_text(written(NAMES, 4), encoding="utf-8")
    done = run("import-counts", counts, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "which names were counted is not known, and no held-out loss" in done.stderr
    model = mangosaurus.load(out)
    assert len(model.sample(5, seed=1)) == 5
    assert isinstance(model.distribution, NGram)
    alone = mangosaurus.import_counts(counts)
    assert [each.tolist() for each in alone.score(NAMES)] == [each.tolist() for each in model.score(NAMES)]
    one_line(run("import-counts", counts, "--out", out), "exists already")
    assert "from counts of n-grams" in run("info", out).stdout
    again = run("import-counts", "-", "--out", out, "--force", input=counts.read_text(encoding="utf-8"))
    assert "read standard input: " in again.stderr


def test_tokens_and_clusters(tmp_path: Path) -> None:
    counts = tmp_path / "counts.txt"
    counts.write_text("<s> tʃ\t3\ntʃ aː\t3\naː n\t2\nn </s>\t2\naː </s>\t1\n", encoding="utf-8")
    model = mangosaurus.import_counts(counts)
    assert model.vocabulary.characters == ("aː", "n", "tʃ")
    assert model.vocabulary.unit == "phoneme"
    assert all(len(name.split(" ")) == 3 for name in model.sample(2, seed=1, length=3))
    assert mangosaurus.Model.from_bytes(model.to_bytes()).vocabulary == model.vocabulary
    assert "a word is a phoneme" in mangosaurus.export(model, tmp_path / "m.arpa")[0]
    counts.write_text("<s> e\u0332\t3\ne\u0332 a\t3\na </s>\t3\n", encoding="utf-8")
    model = mangosaurus.import_counts(counts)
    assert model.vocabulary.unit == "character"
    assert model.vocabulary.split("ae\u0332") == ["a", "e\u0332"]


def test_counts_in_another_encoding(tmp_path: Path) -> None:
    counts, out = tmp_path / "counts.txt", tmp_path / "m.safetensors"
    counts.write_bytes("<s> é\t3\né </s>\t3\n<s> a\t1\na </s>\t1\n".encode("cp1252"))
    one_line(run("import-counts", counts, "--out", out), "or name its encoding by --encoding")
    done = run("import-counts", counts, "--out", out, "--encoding", "cp1252")
    assert "knows:         2 characters: aé" in run("info", out).stdout, done.stderr
    done = run("import-counts", counts, "--out", out, "--skip-bad-lines", "--force")
    assert "; 2 lines that do not decode were left out: 1, 2" in done.stderr
    one_line(run("import-counts", counts, "--out", out, "--encoding", "klingon", "--force"), "--encoding is 'klingon'")


def test_repeated_lines_add_up_and_unknown_words_are_left_out() -> None:
    text = written(["anna"], 2)
    more = model_of(f"{text}\r\n{text}<unk> a 3\na  b\t2\n", "counts.txt")
    assert isinstance(more.distribution, NGram)
    assert "1 with <unk> left out" in more.training["corpus"]
    once, twice = counts_of(text + "a b\t1\n"), more.distribution.counts
    assert twice.count[int(once.degree[0]) :].tolist() == (2 * once.count[int(once.degree[0]) :]).tolist()


def test_discounts_follow_from_counts_of_counts() -> None:
    grams = {f"<s> {chr(97 + place)}": count for place, count in enumerate([1, 1, 1, 1, 2, 2, 3, 4])}
    counts = counts_of("".join(f"{gram}\t{count}\n" for gram, count in grams.items()) + "a </s>\t14\n")
    level = counts.count[int(counts.degree[0]) :]
    n1, n2, n3, n4 = (int((level == count).sum()) for count in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    expected = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
    assert discounts_of(counts)[1] == pytest.approx(expected)
    assert discounts_of(counts)[0].tolist() == USUAL.tolist()  # no unigram has a count of 2


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "counts.txt is empty"),
        ("<s>\t3\n", "counts.txt is empty"),
        ("<s> a\t3\na </s>\n", "line 2: 'a </s>' is no n-gram with a count"),
        ("<s> a\t3\na </s>\t0\n", "line 2: 'a </s>\\t0' is no n-gram with a count"),
        ("<s> a\t2.5\n", "line 1: '<s> a\\t2.5' is no n-gram"),
        ("7\n", "line 1: '7' is no n-gram"),
        ("a <s>\t3\n", "line 1: <s> can only be the first"),
        ("</s> a\t3\n", "</s> the last"),
        ("<s> <U+110000>\t3\n", "line 1: '<U+110000>' is no symbol"),
        ("<s> <U+D800>\t3\n", "line 1: '<U+D800>' is no symbol"),
        (f"<s> {'a' * 257}\t3\n", "is no symbol: a character, or a token of 256 at most"),
        ("<s> an\t3\n<U+0020> </s>\t3\n", "counts.txt has the symbol ' ' and the token 'an': white space"),
        ("<s> a\t3\n", "has no n-gram that ends in </s>"),
        ("a </s>\t3\n", "has no n-gram that begins with <s>"),
        (" ".join("a" * 33) + "\t1\n", "line 1 has 33 symbols; n-grams of 32 at most"),
        (f"<s> a\t{10**30}\na </s>\t1\n", "larger than those of any corpus"),
        (f"<s> a\t{2**53}\na </s>\t1\n", "larger than those of any corpus"),
    ],
)
def test_what_is_no_file_of_counts_is_refused_by_its_line(text: str, part: str) -> None:
    with pytest.raises(mangosaurus.CorpusError) as error:
        model_of(text, "counts.txt")
    assert part in str(error.value)
    assert "\n" not in str(error.value)


LINE = st.tuples(
    st.lists(st.sampled_from(["a", "b", "é", "<s>", "</s>", "<unk>", "<U+0020>", "ab", "\0", ""]), max_size=4),
    st.sampled_from(["\t", " ", "\t\t"]),
    st.sampled_from(["1", "2", "9", "0", "x", "-1", "٣", "9" * 25]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(LINE, max_size=6), st.booleans())
def test_any_lines_are_a_model_or_refused(lines: list[tuple[list[str], str, str]], enough: bool) -> None:
    text = "".join(f"{' '.join(words)}{gap}{count}\n" for words, gap, count in lines)
    model, said = None, ""
    try:
        model = model_of(("<s> a\t1\na </s>\t1\n" if enough else "") + text, "counts.txt")
    except mangosaurus.CorpusError as error:
        said = str(error)
    assert "\n" not in said
    if model is None:
        return
    ngram = model.distribution
    assert isinstance(ngram, NGram)
    assert ngram.probabilities(np.arange(len(ngram.counts.suffix))).sum(axis=1) == pytest.approx(1)
