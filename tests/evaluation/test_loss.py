"""Losses by hand, long documents in pieces, novelty."""

from __future__ import annotations

import math

import numpy as np
import pytest
from examples import NAMES, small_mixture, small_ngram, small_window_model
from rounding import rounding

from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.read import corpus_of
from mangosaurus.evaluation.loss import evaluate, evaluate_in_windows, novelty
from mangosaurus.models import scoring
from mangosaurus.models.blend import DocumentMixture
from mangosaurus.models.scoring import in_pieces
from mangosaurus.training.ngram_counts import build_ngram


def test_the_losses_divide_by_the_stated_counts() -> None:
    """A model of order 1 without text: every symbol of V = 3 is as likely as it is in "ab"."""
    vocabulary = Vocabulary("ab")
    model = build_ngram([vocabulary.encode("ab")], vocabulary, 1, np.array([[0.0, 0.0, 0.0]]) + 1e-12)
    measured = evaluate(model, corpus_of(["aba", "b", "xa"]))
    assert (measured.symbols, measured.characters, measured.documents) == (8, 5, 3)
    assert (measured.unknown_characters, measured.unknown) == (1, ("x",))
    assert measured.nats_per_symbol == pytest.approx(math.log(3))
    assert measured.bits_per_character == pytest.approx(8 * math.log2(3) / 5)


def test_characters_that_a_mixture_rules_out_are_left_out_and_counted() -> None:
    blend = DocumentMixture([small_ngram(2, ["ab", "ba"]), small_ngram(2, ["bc", "cb"])], [0.5, 0.5])
    measured = evaluate(blend, corpus_of(["ab", "acb", "x"]))
    assert (measured.characters, measured.symbols) == (4, 7)
    assert (measured.unknown_characters, set(measured.unknown)) == (2, {"c", "x"})
    scores = np.concatenate(blend.score([blend.vocabulary.encode(text) for text in ("ab", "acb", "")]))
    assert measured.nats_per_symbol == pytest.approx(-scores[np.isfinite(scores)].mean())


def test_an_end_that_is_never_given_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_window_model(window=12)
    documents = ["".join(NAMES), "anna", "x" + NAMES[1]]
    scores = model.score([model.vocabulary.encode(document.lstrip("x")) for document in documents])
    assert all(score[-1] == -np.inf for score in scores)
    characters = np.concatenate([score[:-1] for score in scores])
    # A window longer than the lead-in of a piece would otherwise be cut short.
    monkeypatch.setattr(scoring, "LONGEST_PIECE", 20)
    monkeypatch.setattr(scoring, "LEAD_IN", 5)
    measured = evaluate(model, corpus_of(documents))
    assert measured.symbols == measured.characters == len(characters)
    assert measured.nats_per_symbol == pytest.approx(-characters.mean(), abs=1e-12)
    assert measured.bits_per_character == pytest.approx(-characters.mean() / math.log(2), abs=1e-12)


def test_nothing_known_is_an_error() -> None:
    with pytest.raises(CorpusError, match="knows none of the characters"):
        evaluate(small_ngram(), corpus_of(["ЖЖ"]))


def test_pieces_give_the_same_scores_to_an_n_gram_and_nearly_to_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "LONGEST_PIECE", 7)
    monkeypatch.setattr(scoring, "LEAD_IN", 5)
    model = small_ngram(order=4)
    documents = [model.vocabulary.encode(text) for text in ("".join(NAMES), "anna", "", "".join(NAMES[:2]))]
    for whole, pieces in zip(model.score(documents), in_pieces(model.score, documents), strict=True):
        np.testing.assert_allclose(pieces, whole)
    monkeypatch.setattr(scoring, "LONGEST_PIECE", 60)
    monkeypatch.setattr(scoring, "LEAD_IN", 40)
    network = small_mixture().score
    (whole,), (pieces,) = network(documents[:1]), in_pieces(network, documents[:1])
    assert len(whole) == len(pieces) == len(documents[0]) + 1
    assert abs(whole.mean() - pieces.mean()) < 0.01


def test_novelty() -> None:
    measured = novelty(["anna", "annx", "annx", "zzzz"], DocumentHashes.of(NAMES), NAMES)
    assert (measured.new, measured.distinct) == (0.75, 0.75)
    assert measured.nearest[0] == ("anna", "anna", 0)
    assert measured.nearest[1] == ("annx", "anna", 1)
    assert measured.nearest[3][2] == 4
    with pytest.raises(ValueError, match="no samples"):
        novelty([], DocumentHashes.of(NAMES))


def test_known_documents_are_kept_as_hashes() -> None:
    known = DocumentHashes.of([*NAMES, NAMES[0]])
    assert len(known) == len(set(NAMES))
    assert all(name in known for name in NAMES)
    assert "hannah " not in known
    assert (np.diff(known.hashes.astype(object)) > 0).all()
    assert DocumentHashes(known.hashes) == known


def test_windows_are_predicted_from_so_many_characters_and_no_others() -> None:
    model = small_mixture()
    documents = ["johannaanna", "lena", "emanuelanneke"]
    measured = evaluate_in_windows(model, corpus_of(documents), 4, 3)
    losses, right = [], []
    for document in documents:
        for place in range(4, len(document), 3):
            state = model.start(1)
            for symbol in model.vocabulary.encode(document[place - 4 : place]):
                state = model.advance(state, np.array([symbol]))
            row = model.log_probs(state)[0]
            target = model.vocabulary.encode(document[place])[0]
            losses.append(-row[target])
            right.append(row.argmax() == target)
    assert measured.symbols == measured.characters == len(losses) == 6
    assert measured.documents == 2
    assert measured.nats_per_symbol == pytest.approx(np.mean(losses), abs=rounding(np.float32, 5 * 12, size=4))
    assert measured.bits_per_character == pytest.approx(
        np.mean(losses) / np.log(2), abs=rounding(np.float32, 5 * 12, size=6)
    )
    assert measured.accuracy == np.mean(right)


def test_windows_that_cannot_be_are_refused() -> None:
    with pytest.raises(OptionError, match="window is 0; it must be 1 or more"):
        evaluate_in_windows(small_ngram(), corpus_of(["anna"]), 0)
    with pytest.raises(OptionError, match="stride is 0"):
        evaluate_in_windows(small_ngram(), corpus_of(["anna"]), 2, 0)
    with pytest.raises(CorpusError, match="more than 9 characters that the model knows: no window is full"):
        evaluate_in_windows(small_ngram(), corpus_of(["anna"]), 9)
