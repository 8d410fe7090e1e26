"""A transformer, run by NumPy: causal, with a bounded context, its keys and values cached. Trained elsewhere, by torch.

    x = embedding[symbol]                                                         (B, D)
    in every layer, with norm(x) = (x - mean(x)) / sqrt(variance(x) + 1e-5):
        q, k, v = (attention_gain norm(x)) @ attention         (B, heads, W), (B, W) and (B, W); q and k are turned
        x = x + softmax(q . k / sqrt(W) over the latest C symbols) v, all heads joined, @ projection
        x = x + silu((feeding_gain norm(x)) @ expansion) @ contraction
    log p = log_softmax((output_gain norm(x)) @ output + output_bias)             (B, V)

Norms stand before what they feed (Xiong et al. 2020), and silu(z) = z s(z), with s the logistic function, is the
sibling of gelu (Hendrycks and Gimpel 2016) that takes a third of its time. All heads share one key and one value
(Shazeer 2019, "Fast transformer decoding"): what is cached of a symbol is 2 W numbers a layer, however many the heads,
and search and sampling copy it at every step.

Positions are rotary (Su et al. 2021): the pair (a, b) = (q[i], q[i + W/2]) of a query or a key of the symbol number n,
counted from 0 at the beginning of the document, becomes

    (a cos t - b sin t, a sin t + b cos t),    t = n 10000^(-2 i / W)

so that q . k depends on the distance of the two symbols alone. A symbol sees itself and the C - 1 before it, however
long the document is: the window slides, and nothing changes where it begins to. The symbols seen had themselves seen
C - 1 others in the layer below, so that L layers reach back L (C - 1) symbols.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mangosaurus.core.arrays import BoolArray, FloatArray, IntArray
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import State, log_softmax

SLOWEST = 10_000.0
"""The base of the rotations' speeds."""
LEAST_VARIANCE = 1e-5
ROWS_AT_ONCE = 2**21
"""Numbers in the attention of a batch of documents."""


@dataclass(frozen=True)
class TransformerLayer:
    """The parameters of one layer, float32; D units, heads of W numbers, F units between the layer's two products."""

    attention_gain: FloatArray
    """(D,)"""
    attention: FloatArray
    """(D, D + 2 W): the queries of all heads, the key, the value"""
    projection: FloatArray
    """(D, D)"""
    feeding_gain: FloatArray
    """(D,)"""
    expansion: FloatArray
    """(D, F)"""
    contraction: FloatArray
    """(F, D)"""


@dataclass(frozen=True)
class TransformerParameters:
    """All that a network has learnt, and how far it looks back."""

    cell = "transformer"
    heads: int
    context: int
    """C: how many symbols a symbol sees, itself included."""
    embedding: FloatArray
    """(V + L, D): a row per symbol, then a row per label. A label's row replaces END's before a document."""
    layers: tuple[TransformerLayer, ...]
    output_gain: FloatArray
    """(D,)"""
    output: FloatArray
    """(D, V)"""
    output_bias: FloatArray
    """(V,)"""


class Transformer:
    """A network that reads symbols one by one.

    A state is how many symbols were read, (B,); what the last of them came to above the layers, (B, D); and of every
    layer the keys and values of the latest C symbols, (B, C, 2 W), that of symbol number n in place n mod C.
    """

    def __init__(self, vocabulary: Vocabulary, parameters: TransformerParameters) -> None:
        self._vocabulary = vocabulary
        self.parameters = parameters
        self.hidden: int = parameters.embedding.shape[1]
        self._width = self.hidden // parameters.heads
        self._speeds = speeds(self._width)
        # A gain scales the rows of the next matrix, and 1 / sqrt(W) the columns of the queries.
        scale = np.ones(self.hidden + 2 * self._width, dtype=np.float32)
        scale[: self.hidden] /= math.sqrt(self._width)
        self._attention = [layer.attention_gain[:, None] * layer.attention * scale for layer in parameters.layers]
        self._expansion = [layer.feeding_gain[:, None] * layer.expansion for layer in parameters.layers]
        self._output = parameters.output_gain[:, None] * parameters.output
        # The first layer's input is one of V + L vectors, so that its product is looked up, not computed.
        self._table = _norm(parameters.embedding) @ self._attention[0]

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def start(self, batch: int) -> State:
        """END has been read, as symbol number 0."""
        return self.start_with(np.full(batch, END))

    def start_with(self, first: IntArray) -> State:
        """The same after other rows of the embedding than END's, such as labels; `first` has shape (B,)."""
        shape = (len(first), self.parameters.context, 2 * self._width)
        caches = (np.zeros(shape, dtype=np.float32) for _ in self.parameters.layers)
        nothing = np.zeros((len(first), self.hidden), dtype=np.float32)
        return self.advance((np.zeros(len(first), dtype=np.int64), nothing, *caches), first)

    def logits(self, state: State) -> FloatArray:
        """log p(next symbol | what was read) up to a constant a row, shape (B, V), float32."""
        logits: FloatArray = state[1] @ self._output + self.parameters.output_bias
        return logits

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | what was read), shape (B, V), float32."""
        return log_softmax(self.logits(state))

    def advance(self, state: State, symbols: IntArray) -> State:
        """The state after each row has read its symbol; `symbols` has shape (B,)."""
        read, _, *caches = state
        context = self.parameters.context
        rows, places = np.arange(len(read)), read % context
        filled = np.minimum(read + 1, context)
        used = int(filled.max(initial=1))
        empty = np.arange(used) >= filled[:, None]
        x, turn, after = self.parameters.embedding[symbols], self._turn(read), []
        for level, cache in enumerate(caches):
            queries, fresh = self._asked(level, x, symbols, turn)
            kept = cache.copy()
            kept[rows, places] = fresh
            after.append(kept)
            x = self._layer(level, x, queries[:, None], kept[:, :used], empty[:, None])
        return (read + 1, _norm(x), *after)

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,). Whole stretches are read at once."""
        scores: list[FloatArray] = [np.zeros(0)] * len(documents)
        order = np.argsort([-len(document) for document in documents], kind="stable").tolist()
        while order:
            length = len(documents[order[0]]) + 1
            piece = min(length, self.parameters.context)
            together = max(1, ROWS_AT_ONCE // (self.parameters.heads * piece * min(length, 2 * piece)))
            chosen, order = order[:together], order[together:]
            symbols = np.full((len(chosen), length + 1), END)
            for row, i in enumerate(chosen):
                symbols[row, 1 : len(documents[i]) + 1] = documents[i]
            found = self._score(symbols)
            for row, i in enumerate(chosen):
                scores[i] = found[row, : len(documents[i]) + 1]
        return scores

    def _score(self, symbols: IntArray) -> FloatArray:
        """log p of all `symbols`, (B, T), but the first, given those before them: (B, T - 1).

        They are read in pieces of up to C symbols, each with the keys and values of the C - 1 before it at hand.
        """
        batch, context = len(symbols), self.parameters.context
        caches = [np.zeros((batch, 0, 2 * self._width), dtype=np.float32) for _ in self.parameters.layers]
        scores = []
        for first in range(0, symbols.shape[1] - 1, context):
            piece = symbols[:, first : first + context + 1]
            inputs, targets = piece[:, :-1].ravel(), piece[:, 1:].ravel()
            numbers = np.arange(first, first + piece.shape[1] - 1)
            distances = numbers[:, None] - np.arange(first - caches[0].shape[1], numbers[-1] + 1)
            unseen = ((distances < 0) | (distances >= context))[None]
            x, turn = self.parameters.embedding[inputs], self._turn(np.tile(numbers, batch))
            for level, cache in enumerate(caches):
                queries, fresh = self._asked(level, x, inputs, turn)
                cache = np.concatenate([cache, fresh.reshape(batch, len(numbers), -1)], axis=1)
                caches[level] = cache[:, max(0, cache.shape[1] - context + 1) :]
                x = self._layer(level, x, queries.reshape(batch, len(numbers), *queries.shape[1:]), cache, unseen)
            log_probs = log_softmax(_norm(x) @ self._output + self.parameters.output_bias)
            scores.append(log_probs[np.arange(len(targets)), targets].reshape(batch, -1))
        return np.concatenate(scores, axis=1)

    def _turn(self, numbers: IntArray) -> tuple[FloatArray, FloatArray]:
        """Cosine and sine of what the pairs of R symbols are turned by, (R, 1, W / 2); `numbers` are their places."""
        angles = (numbers[:, None] * self._speeds)[:, None]
        return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)

    def _asked(
        self, level: int, x: FloatArray, symbols: IntArray, turn: tuple[FloatArray, FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """The queries, (R, heads, W), and the keys and values, (R, 2 W), of R symbols."""
        made = self._table[symbols] if level == 0 else _norm(x) @ self._attention[level]
        cosine, sine = turn
        turned = made[:, : self.hidden + self._width].reshape(len(made), -1, 2, self._width // 2)  # the key is the last
        a, b = turned[:, :, 0], turned[:, :, 1]
        turned = np.concatenate([a * cosine - b * sine, a * sine + b * cosine], axis=-1)
        return turned[:, :-1], np.concatenate([turned[:, -1], made[:, -self._width :]], axis=1)

    def _layer(
        self, level: int, x: FloatArray, queries: FloatArray, cache: FloatArray, unseen: BoolArray
    ) -> FloatArray:
        """What a layer makes of B x T symbols, `x` of shape (B T, D), that look at S.

        `queries` (B, T, heads, W), `cache` (B, S, 2 W), `unseen` (B or 1, T, S): which of the S a symbol does not see.
        """
        batch, length, heads, width = queries.shape
        weights = queries.reshape(batch, length * heads, width) @ cache[:, :, :width].transpose(0, 2, 1)
        weights = weights.reshape(batch, length, heads, -1)
        np.putmask(weights, np.broadcast_to(unseen[:, :, None], weights.shape), -np.inf)
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=-1, keepdims=True)
        seen = weights.reshape(batch, length * heads, -1) @ cache[:, :, width:]
        x = x + seen.reshape(batch * length, -1) @ self.parameters.layers[level].projection
        z = _norm(x) @ self._expansion[level]
        x += _silu(z) @ self.parameters.layers[level].contraction
        return x


def speeds(width: int) -> FloatArray:
    """By how much the pairs of a head of `width` numbers turn from one symbol to the next, (width / 2,), float64."""
    turns: FloatArray = SLOWEST ** (-2.0 * np.arange(width // 2) / width)
    return turns


def _norm(x: FloatArray) -> FloatArray:
    centred: FloatArray = x - x.mean(axis=1, keepdims=True)
    centred /= np.sqrt(np.einsum("rd,rd->r", centred, centred) / x.shape[1] + LEAST_VARIANCE)[:, None]
    return centred


def _silu(z: FloatArray) -> FloatArray:
    """z s(z), where s(z) = (1 + tanh(z / 2)) / 2: NumPy's tanh is vectorised."""
    half = z * 0.5
    z = np.tanh(half)
    z += 1
    z *= half
    return z
