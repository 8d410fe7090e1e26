"""Several models in one: a product of experts, symbol by symbol, or a mixture of whole documents.

The vocabulary of a blend is the union of its models' vocabularies, whose symbols must be of one kind. With weights w
that sum to one, and models p_m:

*Product* (Hinton 1999, "Products of experts"), a log-linear mean at every symbol:

    log p(c | context) = (sum of w_m log q_m(c | context)) / (sum of w_m) - z,

where z makes the row sum to one. q_m(c) is p_m(c) where m knows c. Elsewhere it is the geometric mean of p_m over the
characters of c's Unicode category that m knows: of a capital that it has never seen, a model says that it is as likely
as its own capitals are here. (The arithmetic mean is that of the likeliest, and makes what is new too frequent.) If it
knows none of that category either, both sums leave it out. Every model gives each character that it knows some
probability, so no row is empty.

*Mixture*: a whole document comes from one model,

    p(x) = sum of w_m p_m(x),    so that    p(c | context) = sum of v_m p_m(c | context),  v_m ~ w_m p_m(context),

and a character that a model does not know has probability 0 in it: the model is out once the character is read. If that
leaves no model, the document has probability 0 from that character on. After it the weights are those of the start, so
that every row still sums to one.

A model skips the characters that it does not know, but in a product, where it knows others of their category, it
reads the likeliest of these in their place: it must not take what follows for the beginning of a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.errors import OptionError
from mangosaurus.core.segmentation import common
from mangosaurus.core.vocabulary import END, Vocabulary
from mangosaurus.models.interface import CharModel, State, log_softmax, score_by_advancing, split_state

How = Literal["product", "mixture"]

MOST_MODELS = 64
"""The largest number of models in a blend, nested blends counted model by model: each of them reads every symbol."""

LEAST_LOG = -50.0
"""Where a blend within a blend gives a character no probability, its logarithm counts as this in a mean."""

MOST_LEVELS = 8
"""The deepest nesting of blends: an inner blend is evaluated more than once for every symbol."""


def models_in(model: CharModel) -> int:
    """The number of models in a blend, nested blends counted model by model; 1 for other models."""
    return sum(map(models_in, model.models)) if isinstance(model, _Parts) else 1


def levels_in(model: CharModel) -> int:
    """The depth of nested blends: 1 for a blend of other models, 0 for other models."""
    return 1 + max(map(levels_in, model.models)) if isinstance(model, _Parts) else 0


class _Parts:
    """M models over the union of their vocabularies. A state holds the states of the models, one after the other."""

    how: How

    def __init__(self, models: Sequence[CharModel], weights: Sequence[float] | FloatArray) -> None:
        self.models: tuple[CharModel, ...] = tuple(models)
        if models_in(self) > MOST_MODELS or levels_in(self) > MOST_LEVELS:
            raise OptionError(
                f"a blend has {models_in(self)} models in {levels_in(self)} levels, blends within blends; at most "
                f"{MOST_MODELS} in {MOST_LEVELS} can be: blend the models themselves"
            )
        self.weights: FloatArray = np.asarray(weights, dtype=np.float64)
        """(M,), positive, their sum one."""
        vocabularies = [model.vocabulary for model in self.models]
        segmentation = common([vocabulary.segmentation for vocabulary in vocabularies])
        self._vocabulary = Vocabulary(set().union(*(each.characters for each in vocabularies)), segmentation)
        self._columns: list[IntArray] = []
        """For each model, the ids in the union of its own symbols: (its V,)."""
        self._own: list[IntArray] = []
        """The inverse, (V,): -1 for a character that the model does not know."""
        for model in self.models:
            columns = np.append(END, self._vocabulary.find_symbols(model.vocabulary.characters))
            own = np.full(len(self._vocabulary), -1)
            own[columns] = np.arange(len(columns))
            self._columns.append(columns)
            self._own.append(own)
        self._widths = [len(model.start(1)) for model in self.models]

    @property
    def vocabulary(self) -> Vocabulary:
        return self._vocabulary

    def score(self, documents: Sequence[IntArray]) -> list[FloatArray]:
        """log p of every symbol, END last: shapes (length + 1,)."""
        return score_by_advancing(self, documents)

    def start(self, batch: int) -> State:
        """The states of all models, one after the other."""
        return tuple(array for model in self.models for array in model.start(batch))

    def log_probs(self, state: State) -> FloatArray:
        raise NotImplementedError

    def advance(self, state: State, symbols: IntArray) -> State:
        """Every model reads the symbols, (B,), that it knows, and in place of others what `_read_as` says. A symbol
        for which it says nothing leaves the state unchanged."""
        after: list[np.ndarray] = []
        for place, (model, own, part) in enumerate(zip(self.models, self._own, self._split(state), strict=True)):
            ids = own[symbols]
            if (ids < 0).any():
                ids = self._read_as(place, part, symbols)
            known = ids >= 0
            read = model.advance(part, np.where(known, ids, END))
            if not known.all():
                pairs = zip(part, read, strict=True)
                read = tuple(np.where(known.reshape(-1, *[1] * (new.ndim - 1)), new, old) for old, new in pairs)
            after.extend(read)
        return tuple(after)

    def _read_as(self, place: int, part: State, symbols: IntArray) -> IntArray:
        """The ids of what a model in this state, its own, reads for symbols of the union, (B,): -1 for nothing."""
        return self._own[place][symbols]

    def _split(self, state: State) -> list[State]:
        return split_state(state, self._widths)


class Product(_Parts):
    """The product of experts. A state holds the states of the models."""

    how: How = "product"

    def __init__(self, models: Sequence[CharModel], weights: Sequence[float] | FloatArray) -> None:
        super().__init__(models, weights)
        self._shares = np.zeros(len(self._vocabulary))
        """(V,): the total weight of the models that know the symbol, or another one of its category."""
        categories = ["", *map(_category, self._vocabulary.characters)]
        self._others: list[list[tuple[IntArray, IntArray]]] = []
        """For each model, by category: its own symbols, and the symbols of the union that it does not know."""
        for weight, columns, own in zip(self.weights, self._columns, self._own, strict=True):
            missing = np.flatnonzero(own < 0)
            others: list[tuple[IntArray, IntArray]] = []
            for category in sorted({categories[symbol] for symbol in missing}):
                known = np.array([i for i, column in enumerate(columns) if categories[column] == category], np.int64)
                if len(known):
                    others.append((known, np.array([i for i in missing if categories[i] == category])))
            self._others.append(others)
            self._shares[[*columns, *(symbol for _, symbols in others for symbol in symbols)]] += weight

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | what was read), shape (B, V), float64."""
        logits = np.zeros((len(state[0]), len(self._vocabulary)))
        parts = zip(self.models, self.weights, self._columns, self._others, self._split(state), strict=True)
        for model, weight, columns, others, part in parts:
            said = model.log_probs(part)
            logits[:, columns] += weight * said
            for known, symbols in others:
                logits[:, symbols] += weight * np.maximum(said[:, known], LEAST_LOG).mean(axis=1, keepdims=True)
        return log_softmax(logits / self._shares)

    def _read_as(self, place: int, part: State, symbols: IntArray) -> IntArray:
        """In place of a symbol that it does not know, a model reads its likeliest one of the same category."""
        ids, said = self._own[place][symbols], self.models[place].log_probs(part)
        for known, others in self._others[place]:
            rows = np.flatnonzero(np.isin(symbols, others))
            ids[rows] = known[said[np.ix_(rows, known)].argmax(axis=1)]
        return ids


def _category(symbol: str) -> str:
    """The Unicode category of a symbol, such as Lu of capitals: of several characters, of the first."""
    return unicodedata.category(symbol[0])


class DocumentMixture(_Parts):
    """The mixture of documents. A state holds log v, (B, M), then the states of the models."""

    how: How = "mixture"

    def start(self, batch: int) -> State:
        """The logarithms of the weights, and the states of all models."""
        return (np.tile(np.log(self.weights), (batch, 1)), *super().start(batch))

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | what was read), (B, V), float64; minus infinity where no model allows the symbol."""
        weights = state[0]
        log_probs = np.full((len(weights), len(self._vocabulary)), -np.inf)
        for m, (model, columns, part) in enumerate(
            zip(self.models, self._columns, self._split(state[1:]), strict=True)
        ):
            said = weights[:, m, None] + model.log_probs(part)
            log_probs[:, columns] = np.logaddexp(log_probs[:, columns], said)
        return log_probs

    def advance(self, state: State, symbols: IntArray) -> State:
        """Updates the weight of each model by the probability it gave the symbols; then every model reads them."""
        weights = state[0].copy()
        rows = np.arange(len(symbols))
        for m, (model, own, part) in enumerate(zip(self.models, self._own, self._split(state[1:]), strict=True)):
            ids = own[symbols]
            weights[:, m] += np.where(ids >= 0, model.log_probs(part)[rows, ids], -np.inf)
        largest = weights.max(axis=1, keepdims=True)
        weights = np.where(np.isneginf(largest), np.log(self.weights), weights)
        weights -= np.logaddexp.reduce(weights, axis=1, keepdims=True)
        return (weights, *super().advance(state[1:], symbols))


Blend = Product | DocumentMixture
BLENDS: dict[str, type[Product] | type[DocumentMixture]] = {"product": Product, "mixture": DocumentMixture}
