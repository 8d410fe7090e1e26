"""Models of tokens that are models of single letters under other names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from examples import random_network, random_prior, tiny_mixture

from mangosaurus.core.segmentation import Segmentation
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram

TOKENS = {"a": "a", "b": "aː", "c": "t͡ʃ"}
"""In the order of their letters."""
SPACED = Segmentation(separator=" ")


def spaced(letters: str) -> str:
    """The tokens of these letters, with spaces between."""
    return " ".join(TOKENS.get(letter, letter) for letter in letters)


def of_tokens(seed: int = 0, segmentation: Segmentation = SPACED, tokens: dict[str, str] = TOKENS) -> Mixture:
    """`tiny_mixture` with tokens in place of its letters: the same numbers."""
    letters = tiny_mixture(seed, prior=True)
    vocabulary = Vocabulary(tokens.values(), segmentation)
    ngram = NGram(vocabulary, letters.ngram.counts, letters.ngram.discounts)
    networks = [random_network(vocabulary, hidden=5, seed=seed)]
    return Mixture(ngram, networks, letters.weights, random_prior(vocabulary, seed=seed))


def asked(wishes: Constraints) -> Constraints:
    """Wishes of letters as wishes of tokens."""
    several = ("prefix", "suffix", "contains", "avoid")
    texts: dict[str, Any] = {name: tuple(map(spaced, getattr(wishes, name))) for name in several}
    texts |= {
        name: tuple("".join(TOKENS.get(each, each) for each in pattern) for pattern in getattr(wishes, name))
        for name in ("pattern", "not_pattern")
    }
    return replace(wishes, without=spaced(wishes.without), **texts)
