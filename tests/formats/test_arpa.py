"""An n-gram as an ARPA file, read by an evaluator that follows the format's definition alone."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from examples import LABELS, NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

import mangosaurus
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.arpa import arpa_lines
from mangosaurus.formats.words import symbol_of, word_of
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.training.ngram_counts import build_ngram

DIGITS = 1e-8
"""The relative error of a logarithm with nine digits."""


class Arpa:
    """log10 p by an ARPA file: that of the longest n-gram listed, plus the weights of the contexts left for it."""

    def __init__(self, text: str) -> None:
        self.log_p: dict[tuple[str, ...], float] = {}
        self.weight: dict[tuple[str, ...], float] = {}
        head, *sections = text.split("\n\n")
        assert head.startswith("\\data\\\n")
        counts = [int(line.split("=")[1]) for line in head.splitlines()[1:]]
        assert sections.pop() == "\\end\\\n"
        for length, (count, section) in enumerate(zip(counts, sections, strict=True), 1):
            title, *lines = section.splitlines()
            assert title == f"\\{length}-grams:"
            assert len(lines) == count
            for line in lines:
                log_p, gram, *weight = line.split("\t")
                words = tuple(gram.split())
                assert len(words) == length
                assert words not in self.log_p
                assert length == 1 or words[:-1] in self.log_p, "its context is not listed"
                assert float(log_p) <= 0
                self.log_p[words] = float(log_p)
                self.weight[words] = float(weight[0]) if weight else 0.0

    def predict(self, context: tuple[str, ...], word: str) -> float:
        if (*context, word) in self.log_p:
            return self.log_p[(*context, word)]
        return self.weight.get(context, 0.0) + self.predict(context[1:], word)

    def score(self, words: list[str], order: int) -> list[float]:
        read, scores = ["<s>"], []
        for word in [*words, "</s>"]:
            scores.append(self.predict(tuple(read[max(0, len(read) - order + 1) :]), word))
            read.append(word)
        return scores


def assert_same(ngram: NGram, documents: list[str]) -> None:
    arpa = Arpa("".join(arpa_lines(ngram)))
    expected = ngram.score([ngram.vocabulary.encode(document) for document in documents])
    for document, scores in zip(documents, expected, strict=True):
        found = np.array(arpa.score([word_of(each) for each in document], ngram.order)) * math.log(10)
        # A sum of `order` logarithms at most, each rounded.
        np.testing.assert_allclose(found, scores, rtol=ngram.order * DIGITS, atol=ngram.order * DIGITS)
    if len(ngram.vocabulary) < 40:  # after <s>, everything together has the probability one
        total = sum(10 ** arpa.predict(("<s>",), words[0]) for words in arpa.log_p if len(words) == 1)
        assert total == pytest.approx(1, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text("ab \u00a0é<\n", min_size=1, max_size=6), min_size=1, max_size=8),
    st.integers(1, 4),
    st.text("ab \u00a0é<\nx", max_size=8),
)
def test_the_probabilities_are_those_of_the_model(names: list[str], order: int, other: str) -> None:
    vocabulary = Vocabulary.of([*names, other])  # some of it never counted
    ngram = build_ngram([vocabulary.encode(name) for name in names], vocabulary, order)
    assert_same(ngram, [*names, other, ""])


def test_the_bundled_model() -> None:
    distribution = mangosaurus.load().distribution
    assert isinstance(distribution, Mixture)
    assert_same(distribution.ngram, ["Tyrannosaurus", "Qxz", "aB", "A" * 30, ""])


def test_an_order_beyond_the_names_is_not_written() -> None:
    ngram = mangosaurus.fit(["ab", "ba"], budget=0, order=6, prior=False).distribution
    assert isinstance(ngram, NGram)
    lines = list(arpa_lines(ngram))
    counts = lines[1 : lines.index("\n\\1-grams:\n")]
    assert len(counts) < 6
    assert not any(line.endswith("=0\n") for line in counts)


def test_a_file_of_a_model_with_labels_and_what_is_said(tmp_path: Path) -> None:
    model = mangosaurus.fit(NAMES, labels=LABELS, budget=0)
    out = tmp_path / "names.arpa"
    notes = mangosaurus.export(model, out)
    assert "-gram in the ARPA format" in notes[0]
    assert notes[1].startswith("KenLM, as it is usually built, reads n-grams of 6 at most")
    assert "the n-gram alone, without what is mixed with it" in notes[2]
    assert "of all names, whatever their labels" in notes[3]
    with pytest.raises(mangosaurus.OptionError, match="a model with a label chosen is part of another"):
        mangosaurus.export(model.with_label(LABELS[0]), tmp_path / "one.arpa")
    arpa = Arpa(out.read_text(encoding="utf-8"))
    assert isinstance(model.distribution, Labelled)
    probability = model.distribution.common.probabilities(np.zeros(1, dtype=np.int64))[0, 0]
    assert arpa.log_p[("</s>",)] == pytest.approx(math.log10(probability), rel=DIGITS)
    with pytest.raises(mangosaurus.OutputExistsError):
        mangosaurus.export(model, out)
    assert mangosaurus.export(model, tmp_path / "again.ARPA", to="arpa") == notes
    with pytest.raises(mangosaurus.OptionError, match=r"holds an n-gram, and this model is .* which has none"):
        mangosaurus.export(mangosaurus.blend([model, model]), tmp_path / "blend.arpa")


@given(st.text(st.sampled_from("a<>sU+0020/k \t\n\u3000\0é"), min_size=1, max_size=8))
def test_words_have_no_white_space_and_stand_for_one_symbol(symbol: str) -> None:
    word = word_of(symbol)
    assert symbol_of(word) == symbol
    assert not any(each.isspace() for each in word)
    assert word not in ("<s>", "</s>", "<unk>")
