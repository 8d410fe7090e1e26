"""Small corpora and models that the tests use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mangosaurus.core.arrays import FloatArray, rounded_to_8_bits, rounded_to_16_bits
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.blend import DocumentMixture, Product
from mangosaurus.models.interface import CharModel, Network, state_after
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.prior_network import PriorNetwork, PriorParameters
from mangosaurus.models.recurrent import GATES, Cell, Layer, Parameters, Recurrent
from mangosaurus.models.transformer import Transformer, TransformerLayer, TransformerParameters
from mangosaurus.models.window import WindowLayer, WindowModel, WindowParameters
from mangosaurus.models.words import FEATURES, Words, letters_of
from mangosaurus.training.held_out import Counted
from mangosaurus.training.ngram_counts import build_ngram
from mangosaurus.training.so_far import SoFar
from mangosaurus.training.word_counts import count_words

_NAMES = """
anna hannah johanna susanna anneke hanne joanna lena helena milena marlene lene elena alena anton leon noel joel manuel
samuel daniel emanuel nathanael michael raphael gabriel ariel muriel isabel mabel abel amabel clarabel
"""
_BOYS = """
anton leon noel joel manuel samuel daniel emanuel nathanael michael raphael gabriel ariel abel
"""
NAMES = _NAMES.split()
VERSES = "Anna and Leon, and Lena's abel; a Leon and Anna. And so a noel and the leon's milena, the Anna"
LABELS = ["boy" if name in _BOYS.split() else "girl" for name in NAMES]


def drawing(seed: int, scale: float, kind: type = np.float32) -> Callable[..., FloatArray]:
    """A function that draws arrays of a shape."""
    rng = np.random.default_rng(seed)
    return lambda *shape: (rng.standard_normal(shape) * scale).astype(kind)


def small_ngram(order: int = 4, names: list[str] = NAMES) -> NGram:
    """An n-gram of a few names."""
    vocabulary = Vocabulary.of(names)
    return build_ngram([vocabulary.encode(name) for name in names], vocabulary, order)


def so_far(ngram: NGram, held_out: float | None = None) -> SoFar:
    """The mixture so far of a run that has counted this n-gram."""
    return SoFar(Counted([], [], ngram, [], ngram.order, ""), None, ngram, [], held_out, text=False)


def endless_ngram(names: list[str] = NAMES) -> NGram:
    """An n-gram of which next to no name ends: all characters are alike, and END has one chance in 2^44."""
    ngram = small_ngram(1, names)
    count = np.where(ngram.counts.symbol == END, 1, 2**40)
    return NGram(ngram.vocabulary, replace(ngram.counts, count=count), ngram.discounts)


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
    draw = drawing(seed, scale)
    gates, symbols = GATES[cell] * hidden, len(vocabulary)
    made = tuple(
        Layer(draw(5 if level == 0 else hidden, gates), draw(hidden, gates), draw(gates), draw(gates))
        for level in range(layers)
    )
    learnt = Parameters(cell, draw(symbols + labels, 5), made, draw(hidden, symbols), draw(symbols))
    return Recurrent(vocabulary, learnt)


def random_transformer(
    vocabulary: Vocabulary, layers: int = 2, context: int = 16, heads: int = 2, seed: int = 0, labels: int = 0
) -> Transformer:
    """A transformer of heads of four numbers with random weights, that may read so many labels."""
    draw = drawing(seed, 0.5)
    size, symbols = 4 * heads, len(vocabulary)
    made = tuple(
        TransformerLayer(
            1 + draw(size), draw(size, size + 8), draw(size, size), 1 + draw(size), draw(size, 20), draw(20, size)
        )
        for _ in range(layers)
    )
    embedding = draw(symbols + labels, size)
    output = draw(size, symbols)
    learnt = TransformerParameters(heads, context, embedding, made, 1 + draw(size), output, draw(symbols))
    return Transformer(vocabulary, learnt)


def random_prior(vocabulary: Vocabulary, lists: int = 1, seed: int = 0, hidden: int = 6) -> PriorNetwork:
    """A prior with random weights for so many lists: in 8 bits, in 16 and in 32."""
    draw, symbols = drawing(seed, 0.5), len(vocabulary)
    return PriorNetwork(
        vocabulary,
        PriorParameters(
            table=rounded_to_16_bits(draw(symbols, 4 * hidden)),
            recurrent=rounded_to_8_bits(draw(hidden, 4 * hidden)),
            output=rounded_to_16_bits(draw(hidden, symbols)),
            vectors=draw(lists, 3),
            gates=draw(lists, 4 * hidden),
            scale=1 + draw(lists, hidden),
            output_bias=draw(lists, symbols),
        ),
    )


def small_mixture(order: int = 4, networks: int = 2, seed: int = 0, prior: bool = False) -> Mixture:
    """An n-gram mixed with random networks and perhaps a random prior, with random weights."""
    ngram = small_ngram(order)
    weights = np.random.default_rng(seed).uniform(0, 0.6, (order + 3, 1 + prior + bool(networks)))
    others = [random_network(ngram.vocabulary, hidden=6 + m, seed=m) for m in range(networks)]
    return Mixture(ngram, others, weights, random_prior(ngram.vocabulary) if prior else None)


def small_worded(networks: int = 1, seed: int = 0) -> Mixture:
    """An n-gram mixed with the words of its verses and random networks, with random weights."""
    texts = [VERSES, " ".join(NAMES)]
    vocabulary = Vocabulary.of(texts)
    documents = [vocabulary.encode(text) for text in texts]
    ngram, words = build_ngram(documents, vocabulary, 4), Words(count_words(documents, letters_of(vocabulary)))
    weights = np.random.default_rng(seed).uniform(-0.1, 0.4, (4 + 3 + FEATURES, 2 + bool(networks)))
    others = [random_network(vocabulary, hidden=6 + m, seed=m) for m in range(networks)]
    return Mixture(ngram, others, weights, words=words)


def small_window_model(names: list[str] = NAMES, window: int = 5) -> WindowModel:
    """A network of every cell that reads a window, with random weights."""
    vocabulary, draw = Vocabulary.of(names), drawing(0, 1)

    def layer(cell: Cell, below: int, hidden: int, *settings: Any) -> WindowLayer:
        gates = GATES[cell] * hidden
        return WindowLayer(cell, draw(below, gates), draw(hidden, gates), draw(gates), draw(gates), *settings)

    characters = len(vocabulary) - 1
    layers = (
        layer("lstm", characters, 4, "tanh", "hard_sigmoid", False, 0.5),
        layer("gru", 4, 3, "tanh", "sigmoid", True, 0.0),
        layer("rnn", 3, 2, "relu", "sigmoid", False, 0.25),
    )
    return WindowModel(vocabulary, WindowParameters(window, layers, draw(2, characters), draw(characters)))


def every_cell() -> Mixture:
    """An n-gram mixed with a network of every kind, of one to three layers."""
    ngram = small_ngram()
    networks: list[Network] = [
        random_network(ngram.vocabulary, "rnn", layers=2),
        random_network(ngram.vocabulary, "gru"),
        random_network(ngram.vocabulary, "lstm", layers=3),
        random_transformer(ngram.vocabulary),
    ]
    return Mixture(ngram, networks, np.random.default_rng(0).uniform(0, 0.6, (7, 2)))


def small_blend() -> Product:
    """A blend of blends: every kind of model, and alphabets that differ."""
    inner = DocumentMixture([small_ngram(3, ["xyz", "zann"]), small_window_model()], [0.1, 0.9])
    return Product([small_mixture(), inner, small_ngram()], [0.5, 0.3, 0.2])


def random_window(
    cell: Cell = "lstm",
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
    reset_after: bool = False,
    dropout: float = 0.0,
    scale: float = 0.7,
    seed: int = 0,
) -> WindowModel:
    """Two layers with random weights that read five characters of the names."""
    vocabulary, draw = Vocabulary.of(NAMES), drawing(seed, scale, np.float64)
    hidden, width = 6, len(vocabulary) - 1

    def layer(below: int) -> WindowLayer:
        gates = GATES[cell] * hidden
        second = draw(gates) if reset_after else np.zeros(gates)
        arrays = draw(below, gates), draw(hidden, gates), draw(gates), second
        return WindowLayer(cell, *arrays, activation, recurrent_activation, reset_after, dropout)

    layers = (layer(width), layer(hidden))
    return WindowModel(vocabulary, WindowParameters(5, layers, draw(hidden, width), draw(width)))


def tiny_ngram(seed: int = 0, letters: str = "abc", order: int = 3, names: int = 12) -> NGram:
    """An n-gram of a few random names of few letters."""
    rng = np.random.default_rng(seed)
    vocabulary = Vocabulary(letters)
    documents = [1 + (len(letters) * rng.random(rng.integers(1, 6)) ** 2).astype(np.int64) for _ in range(names)]
    return build_ngram(documents, vocabulary, order)


def tiny_mixture(
    seed: int = 0, letters: str = "abc", order: int = 3, prior: bool = False, network: bool = True
) -> Mixture:
    """Such an n-gram mixed with a random prior, a random network or both."""
    ngram = tiny_ngram(seed, letters, order)
    weights = np.random.default_rng(seed).uniform(0, 0.4, (order + 3, 1 + prior + network))
    weights[:order, :2] += (0.4, 0.2)
    networks = [random_network(ngram.vocabulary, hidden=5, seed=seed)] if network else []
    return Mixture(ngram, networks, weights, random_prior(ngram.vocabulary, seed=seed) if prior else None)


TINY: dict[str, Callable[..., CharModel]] = {
    "n-gram": tiny_ngram,
    "n-gram and network": tiny_mixture,
    "n-gram and prior": partial(tiny_mixture, prior=True, network=False),
    "n-gram, prior and network": partial(tiny_mixture, prior=True),
}
"""What makes a tiny model of each kind, from a seed and its letters."""


def every_name(model: CharModel, longest: int, prefix: str = "") -> dict[str, float]:
    """The probability, behind `prefix`, of each document of up to `longest` characters that begins with it."""
    found = {}
    stack = [(prefix, 0.0, state_after(model, model.vocabulary.encode(prefix)))]
    while stack:
        text, log_p, state = stack.pop()
        row = model.log_probs(state)[0]
        found[text] = float(np.exp(log_p + row[END]))
        if len(text) < longest:
            for symbol, character in enumerate(model.vocabulary.characters, start=1):
                after = model.advance(state, np.array([symbol]))
                stack.append((text + character, log_p + float(row[symbol]), after))
    return found


def small_labelled(order: int = 4, networks: int = 2, seed: int = 0, prior: bool = False) -> Labelled:
    """A model of boys' and girls' names: n-grams, random networks and perhaps a random prior, with random weights."""
    common = small_ngram(order)
    vocabulary, labels = common.vocabulary, ("boy", "girl")
    own = [
        build_ngram(
            [vocabulary.encode(n) for n, of in zip(NAMES, LABELS, strict=True) if of == label], vocabulary, order
        )
        for label in labels
    ]
    weights = np.random.default_rng(seed).uniform(0, 0.3, (2 * (order + 3), 2 + prior + bool(networks)))
    others = [random_network(vocabulary, hidden=6 + m, seed=m, labels=2) for m in range(networks)]
    counts = np.array([LABELS.count(label) for label in labels])
    return Labelled(labels, counts, own, common, others, weights, random_prior(vocabulary, 2) if prior else None)
