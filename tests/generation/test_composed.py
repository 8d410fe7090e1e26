"""Whatever is drawn is in NFC, follows the model's distribution given that, and can be scored as it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import product
from types import SimpleNamespace
from typing import Literal
from unicodedata import is_normalized

import numpy as np
import pytest
from chi_square import chi_square, total_variation
from examples import every_name, random_network, small_ngram
from hypothesis import given, settings
from hypothesis import strategies as st

from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import Vocabulary, normalize
from mangosaurus.generation import collect as collecting
from mangosaurus.generation import conditional
from mangosaurus.generation.constraints import composed as composing
from mangosaurus.generation.constraints.composed import composed, composed_dfa
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.writer import write
from mangosaurus.models.blend import Product
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import Labelled
from mangosaurus.training.ngram_counts import build_ngram

ALPHABETS = {
    "Latin": "qeêę\u0323\u0301\u0302\u0328\u0321\u0334",
    "Greek": "aΩ\u2126\u0344\u0308\u0301ι\u0345ᾳᾴ\u0342ώ",
    "Hebrew": "\u05d0\u05e9\ufb2a\u05b0\u05bc\u05c1",
    "Bengali": "\u0995\u09c7\u09be\u09d7\u09bc\u09cb",
    "Tibetan": "\u0f40\u0fb2\u0f71\u0f72\u0f74\u0f80\u0f73",
    "Kannada": "\u0cc6\u0cc2\u0cd5\u0cca\u0ccb",
    "Hangul": "\u1100\u1161\u11a8가각a\u0300",
    "Kana": "\u30ab\u30ac\u304b\u3099\u309a",
    "Chakma": "\U00011127\U00011131\U00011132\U0001112e",
}


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_the_automaton_knows_nfc_of_every_short_string(alphabet: str) -> None:
    vocabulary = Vocabulary(ALPHABETS[alphabet])
    automaton = composed(vocabulary)
    assert automaton is not None
    for length in range(6 if len(vocabulary) < 8 else 5):
        ids = np.array(list(product(range(1, len(vocabulary)), repeat=length)), dtype=np.int64)
        states = np.full(len(ids), automaton.start)
        for column in ids.T:
            states = automaton.step(states, column)
        wanted = [is_normalized("NFC", vocabulary.decode(row)) for row in ids]
        np.testing.assert_array_equal(automaton.accepting(states), wanted)


@settings(deadline=None)
@given(st.text(st.sampled_from("".join(sorted(set("".join(ALPHABETS.values()))))), max_size=12))
def test_and_of_longer_ones_of_all_scripts_together(text: str) -> None:
    vocabulary = Vocabulary(set("".join(ALPHABETS.values())))
    automaton = composed(vocabulary)
    assert automaton is not None
    assert automaton.accepts(vocabulary.encode(text)) == is_normalized("NFC", text)


@pytest.mark.parametrize("characters", ["", "abcé", "Ангара", "Ελένη", "東京さくら", "서울", "שלום", "😀𝒜"])
def test_without_marks_there_is_no_automaton(characters: str) -> None:
    assert composed_dfa(Vocabulary(set(characters))) is None


NAMES = ["q\u0301ea", "bq\u0301e", "eq\u0323\u0301a", "leq\u0301", "ebq\u0323", "ne", "ela", "bel", "tele", "lena"]
"""Of which an n-gram that sees one character puts marks behind e, and in any order."""


def ngram() -> CharModel:
    return small_ngram(1, NAMES)


def labelled() -> CharModel:
    common = small_ngram(1, NAMES)
    parts = [[common.vocabulary.encode(name) for name in part] for part in (NAMES[::2], NAMES[1::2])]
    own = [build_ngram(part, common.vocabulary, 1) for part in parts]
    return Labelled(("x", "y"), np.array([5, 5]), own, common, [], np.full((8, 2), 0.1))


def blend() -> CharModel:
    return Product([ngram(), small_ngram(2)], [0.6, 0.4])


@pytest.mark.parametrize(
    ("make", "label"),
    [(ngram, None), (blend, None), (labelled, None), (labelled, "x"), (labelled, "x:0.5,y:0.5")],
)
def test_every_name_is_in_nfc_and_can_be_scored(make: Callable[[], CharModel], label: str | None) -> None:
    model = Model(make(), "names", DocumentHashes.of([]), {"longest": 20})
    if label:
        model = model.with_label(label)
    found: dict[str, list[str]] = {
        "sample": list(model.sample(300, seed=3, allow_duplicates=True)),
        "prefix": list(model.sample(100, prefix="q", seed=3, allow_duplicates=True)),
        "suffix": list(model.sample(100, suffix="\u0301", seed=3, allow_duplicates=True)),
        "gumbel": list(model.sample(100, seed=3, method="gumbel")),
        "top": list(model.top(500)),
        "best": [ranked.text for ranked in model.best(20, 50, seed=3, training=NAMES)],
    }
    for way, names in found.items():
        assert len(names) >= 20, way
        assert [name for name in names if not is_normalized("NFC", name)] == [], way
        scores = [float(score.sum()) for score in model.score(names)]
        ids = [model.vocabulary.encode(name) for name in names]
        np.testing.assert_array_equal(scores, [float(s.sum()) for s in model.distribution.score(ids)])
    assert any("\u0301" in name for name in found["sample"])
    np.testing.assert_allclose(model.top(500).log_probs, [float(s.sum()) for s in model.score(found["top"])])


@pytest.mark.parametrize("suffix", ["", "\u0301"])
def test_names_follow_the_models_distribution_given_nfc(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (collecting, conditional):
        monkeypatch.setattr(module, "LARGEST_BLOCK", 8192)
    vocabulary = Vocabulary("eq\u0301\u0323")
    model = Model(random_network(vocabulary, seed=2, scale=0.5), "names", DocumentHashes.of([]), {"longest": 4})
    names = every_name(model.distribution, 4)
    probability = {name: p for name, p in names.items() if name.endswith(suffix) and normalize(name) == name and name}
    assert sum(probability.values()) < 0.9 * sum(p for name, p in names.items() if name.endswith(suffix))
    found = model.sample(20_000, seed=1, max_length=4, allow_duplicates=True, suffix=suffix)
    assert found.exact
    assert total_variation(found, probability) <= 0.03
    assert chi_square(found, probability) < 3.1


def test_texts_go_on_in_nfc_behind_any_prompt() -> None:
    model = Model(ngram(), "text", DocumentHashes.of([]), {"documents": 1})
    marks = 0
    for seed in range(30):
        for prompt in ("e", "q\u0323", "lq\u0301", ""):
            text = normalize(prompt) + "".join(model.stream(prompt, seed=seed, length=30))
            assert is_normalized("NFC", text)
            marks += text.count("\u0301")
    assert marks > 100
    for sample in model.sample(20, seed=3, max_length=50):
        assert is_normalized("NFC", sample)
    # A prompt that is not in NFC itself is gone on from its last character.
    ids = model.vocabulary.encode("e\u0301e")
    text = "".join(write(model.distribution, ids, SamplingParameters(seed=1), length=200, endless=True))
    assert is_normalized("NFC", "e" + text)
    assert len(text) == 200


def test_why_fewer_come_is_told() -> None:
    model = Model(ngram(), "names", DocumentHashes.of([]), {"longest": 20})
    found = model.sample(300, seed=1, max_length=2)
    assert found.unmet > 0
    assert found.too_long > 0
    assert "were longer than max_length" in (found.shortfall() or "")
    assert "were not in Unicode normal form (NFC)" in (found.shortfall() or "")
    with pytest.raises(OptionError, match=r"pattern 'qe.' cannot be met .* the composed form of Unicode \(NFC\)"):
        model.top(3, suffix="\u0301", pattern="qe.")


def test_a_vocabulary_of_nearly_all_of_unicode_is_compiled_without_trying_all_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = [0]

    def counted(form: Literal["NFC"], text: str) -> bool:
        calls[0] += 1
        return is_normalized(form, text)

    characters = [chr(code) for code in (*range(0x21, 0x7F), *range(0x300, 0x345), *range(0x1160, 0x1200))]
    characters += [chr(code) for code in (*range(0x4E00, 0x5E00), *range(0xAC00, 0xBC00))]
    monkeypatch.setattr(composing, "unicodedata", SimpleNamespace(**vars(unicodedata) | {"is_normalized": counted}))
    assert composed_dfa.__wrapped__(Vocabulary(characters)) is not None
    assert calls[0] < 4 * len(characters)
