"""Small corpora and models that the tests use."""

from __future__ import annotations

import numpy as np

from mangosaurus.arrays import FloatArray
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.recurrent import GATES, Cell, Layer, Parameters, Recurrent
from mangosaurus.training.kneser_ney import build_ngram
from mangosaurus.vocabulary import Vocabulary

_NAMES = """
anna hannah johanna susanna anneke hanne joanna lena helena milena marlene lene elena alena anton leon noel joel manuel
samuel daniel emanuel nathanael michael raphael gabriel ariel muriel isabel mabel abel amabel clarabel
"""
_BOYS = """
anton leon noel joel manuel samuel daniel emanuel nathanael michael raphael gabriel ariel abel
"""
NAMES = _NAMES.split()
LABELS = ["boy" if name in _BOYS.split() else "girl" for name in NAMES]


def small_ngram(order: int = 4, names: list[str] = NAMES) -> NGram:
    """An n-gram of a few names."""
    vocabulary = Vocabulary.of(names)
    return build_ngram([vocabulary.encode(name) for name in names], vocabulary, order)


def random_network(
    vocabulary: Vocabulary,
    cell: Cell = "lstm",
    hidden: int = 12,
    layers: int = 1,
    seed: int = 0,
    scale: float = 0.7,
    labels: int = 0,
) -> Recurrent:
    """A network with random weights, that may read so many labels."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> FloatArray:
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    gates, symbols = GATES[cell] * hidden, len(vocabulary)
    made = tuple(
        Layer(draw(5 if level == 0 else hidden, gates), draw(hidden, gates), draw(gates), draw(gates))
        for level in range(layers)
    )
    return Recurrent(
        vocabulary, Parameters(cell, draw(symbols + labels, 5), made, draw(hidden, symbols), draw(symbols))
    )


def small_mixture(order: int = 4, networks: int = 2, seed: int = 0) -> Mixture:
    """An n-gram mixed with random networks, with random weights."""
    ngram = small_ngram(order)
    weights = np.random.default_rng(seed).uniform(0, 0.6, (order + 3, 2))
    others = [random_network(ngram.vocabulary, hidden=6 + m, seed=m) for m in range(networks)]
    return Mixture(ngram, others, weights)


def small_labelled(order: int = 4, networks: int = 2, seed: int = 0) -> Labelled:
    """A model of boys' and girls' names: n-grams and random networks, with random weights."""
    common = small_ngram(order)
    vocabulary, labels = common.vocabulary, ("boy", "girl")
    own = [
        build_ngram(
            [vocabulary.encode(n) for n, of in zip(NAMES, LABELS, strict=True) if of == label], vocabulary, order
        )
        for label in labels
    ]
    weights = np.random.default_rng(seed).uniform(0, 0.3, (2 * (order + 3), 3 if networks else 2))
    others = [random_network(vocabulary, hidden=6 + m, seed=m, labels=2) for m in range(networks)]
    return Labelled(labels, np.array([LABELS.count(label) for label in labels]), own, common, others, weights)
