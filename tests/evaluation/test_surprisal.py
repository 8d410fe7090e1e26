"""Surprisal against the models' own scores and by hand; which names are marked."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from examples import NAMES, small_mixture, small_ngram, small_window_model
from rounding import rounding

import mangosaurus
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.corpus import Kind
from mangosaurus.evaluation.surprisal import Scored, Surprisal, surprisal
from mangosaurus.models import scoring
from mangosaurus.models.blend import DocumentMixture
from mangosaurus.models.interface import CharModel
from mangosaurus.training.ngram_counts import build_ngram

NONE = DocumentHashes.of([])


def flat(characters: str) -> CharModel:
    """A model that gives every symbol the same probability."""
    vocabulary = Vocabulary(characters)
    return build_ngram([vocabulary.encode(characters)], vocabulary, 1, np.full((1, 3), 1e-12))


def scored(model: CharModel, names: list[str], kind: Kind = "names") -> Surprisal:
    return surprisal(model, names, kind, NONE)


def test_the_numbers_are_those_of_the_model() -> None:
    model = small_mixture()
    within = rounding(np.float32, 10 * (7 + 5), size=4)  # of networks that read ten symbols
    for entry, score in zip(scored(model, NAMES), model.score(list(map(model.vocabulary.encode, NAMES))), strict=True):
        np.testing.assert_allclose(entry.nats, -score, rtol=0, atol=within)
        assert entry.nats_per_symbol == pytest.approx(-score.mean(), abs=within)
        assert len(entry.nats) == len(entry.text) + 1


def test_by_hand() -> None:
    """Three symbols, a, b and END, each with probability 1/3."""
    (entry,) = scored(flat("ab"), ["abba"])
    np.testing.assert_allclose(entry.nats, np.full(5, math.log(3)), rtol=1e-9)
    assert entry.peak == pytest.approx(2 * math.log(3))


def test_unknown_characters_are_told_and_the_rest_is_read_without_them() -> None:
    model = small_ngram()
    first, second, third = scored(model, ["anqna", "???", ""])
    assert (first.unknown, second.unknown, third.unknown) == ((2,), (0, 1, 2), ())
    expected = -model.score([model.vocabulary.encode("anna")])[0]
    np.testing.assert_allclose(first.counted, expected)
    assert np.isinf(first.nats[2])
    assert first.nats_per_symbol == math.inf
    assert first.remark() == f"unknown: 'q', number 3; {expected.mean():.3f} nats per symbol without"
    assert second.remark().startswith("unknown: '?', number 1, '?', number 2, '?', number 3; ")
    assert "and 2 more" in scored(model, ["???????"])[0].remark()
    assert json.loads(json.dumps(first.as_dict(), allow_nan=False))["nats"][2] is None
    assert third.nats_per_symbol == pytest.approx(-model.score([model.vocabulary.encode("")])[0][0])


def test_what_a_mixture_rules_out_is_told() -> None:
    blend = DocumentMixture([small_ngram(2, ["ab", "ba"]), small_ngram(2, ["bc", "cb"])], [0.5, 0.5])
    (entry,) = scored(blend, ["acb"])
    assert entry.nats_per_symbol == math.inf
    assert entry.remark().startswith("impossible after the others: 'c', number 2; ")


def test_models_that_never_end_a_text() -> None:
    entry, empty = scored(small_window_model(), ["annalena", ""], "text")
    assert entry.nats_per_symbol == pytest.approx(entry.nats[:-1].mean())
    assert empty.nats_per_symbol == math.inf
    assert entry.remark() == ""
    assert empty.remark() == ""


def of_peaks(*peaks: float) -> list[Scored]:
    """Names of which each has one symbol and END with half its peak."""
    return [Scored("a", np.array([peak / 2, peak / 2]), (), False) for peak in peaks]


def test_the_rule_by_hand() -> None:
    """Peaks 1 to 11: the median is 6, and the median of the distances from it 3."""
    threshold = mangosaurus.evaluation.surprisal._threshold
    assert threshold(of_peaks(*range(1, 12))) == pytest.approx(6 + 3 * 1.4826 * 3)
    assert threshold(of_peaks(*[6.0] * 20, 99)) == pytest.approx(6 + 3)  # no deviation: 3 nats at least
    assert threshold(of_peaks(*range(9))) is None
    infinite = [Scored("x", np.array([np.inf, 1.0]), (0,), False)] * 5
    assert threshold([*of_peaks(*range(1, 12)), *infinite]) == pytest.approx(6 + 3 * 1.4826 * 3)
    assert threshold([*of_peaks(*range(1, 9)), *infinite]) is None


def test_typing_errors_are_marked_with_their_character() -> None:
    names = [name for name in mangosaurus.read_corpus().documents if name.endswith("saurus")][:60]
    wrong = {"Tyranosuarus": "u", "Brachqiosaurus": "q", "Allosaurrus": "r", "Stegosauurs": "u"}
    found = mangosaurus.load().surprisal([*names, *wrong, "Zoë"])
    marked = [entry for entry in found if entry.marked]
    assert [entry.text for entry in marked] == [*wrong, "Zoë"]
    assert [entry.text[entry.outlier] for entry in marked] == [*wrong.values(), "ë"]
    assert "unlikely: 'q', number 6, " in marked[1].remark()
    assert sum(entry.known for entry in found) == 60
    assert found.summary().startswith("5 of 65 names are marked: ")
    ordered = [entry.nats_per_symbol for entry in found.sorted()]
    assert ordered == sorted(ordered, reverse=True)
    assert ordered[0] == math.inf


def test_of_few_names_and_of_texts_nothing_is_marked() -> None:
    model = small_ngram()
    few = scored(model, ["anna"] * 8 + ["mmmmm"])
    assert few.threshold is None
    assert not any(entry.marked for entry in few)
    assert "10 names or more" in few.summary()
    assert scored(model, ["anna"] * 10 + ["mmmmm"])[-1].marked
    assert scored(model, ["anna"] * 10 + ["mmmmm"], "text").threshold is None


def test_the_lines_of_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_ngram(3, ["anna\nlena\n\nhanne"])
    text = scored(model, ["anna\nlxna\n\nhanne", "lena"], "text")
    lines = text.lines()
    assert [line.text for line in lines] == ["anna", "lxna", "hanne", "lena"]
    np.testing.assert_array_equal(lines[0].nats, text[0].nats[:5])
    np.testing.assert_array_equal(lines[1].nats, text[0].nats[5:10])
    np.testing.assert_array_equal(lines[2].nats, text[0].nats[11:])
    assert lines[1].unknown == (1,)
    assert not any(line.marked for line in lines)
    whole = scored(model, ["anna\nlena\n" * 20], "text")
    monkeypatch.setattr(scoring, "LONGEST_PIECE", 50)
    monkeypatch.setattr(scoring, "LEAD_IN", 10)
    np.testing.assert_allclose(scored(model, ["anna\nlena\n" * 20], "text")[0].nats, whole[0].nats)


def test_corpora_are_read_as_for_evaluate() -> None:
    model = mangosaurus.fit(["Anna", "Hannah", "Johanna"], budget=0, lowercase=True)
    found = model.surprisal(["ANNA", "  Hannah "])
    assert [entry.text for entry in found] == ["anna", "hannah"]
    assert found[:1] == (found[0],)
    assert [entry.known for entry in found] == [True, True]
