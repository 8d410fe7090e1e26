"""Several models in one: a product of experts, symbol by symbol, or a mixture of whole documents.

The vocabularies are joined: a blend knows every character that one of its models knows. With weights w that sum to
one, and p_m the models:

*Product* (Hinton 1999, "Products of experts"), a log-linear mean, taken afresh before every symbol:

    log p(c | context) = (sum of w_m log p_m(c | context)) / (sum of w_m) - z,    both sums over the m that know c,

where z makes the row sum to one. So of a character that only some models know, the others say nothing: it gets what
those that know it say. Every model gives each character that it knows some probability, so that no row is empty.

*Mixture*: a document is one model's or another's as a whole,

    p(x) = sum of w_m p_m(x),    so that    p(c | context) = sum of v_m p_m(c | context),  v_m ~ w_m p_m(context),

and a character that a model does not know has probability 0 in it: once it is read, the model is out. Where that
leaves none (characters that no model knows all of) the document has probability 0, at the first such character;
behind it the models are weighed as at the start, so that every row sums to one here too.

In both, a model that does not know a character reads on as if the character were not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from mangosaurus.arrays import FloatArray, IntArray
from mangosaurus.errors import OptionError
from mangosaurus.models.interface import CharModel, State, log_softmax, score_by_advancing, split_state
from mangosaurus.vocabulary import END, Vocabulary

How = Literal["product", "mixture"]


MOST_MODELS = 64
"""A blend of more, those inside its parts counted one by one, is refused: each of them reads every symbol."""

MOST_LEVELS = 8
"""A blend within a blend is asked more than once for every symbol."""


def models_in(model: CharModel) -> int:
    """How many models a blend is made of, those inside its parts counted one by one; of others 1."""
    return sum(map(models_in, model.models)) if isinstance(model, _Parts) else 1


def levels_in(model: CharModel) -> int:
    """How many blends are within each other: of a blend of other models 1, and of these 0."""
    return 1 + max(map(levels_in, model.models)) if isinstance(model, _Parts) else 0


class _Parts:
    """Models over a joined vocabulary. M = models; the models' states stand one after the other in a state."""

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
        self._vocabulary = Vocabulary(set().union(*(model.vocabulary.characters for model in self.models)))
        self._columns: list[IntArray] = []
        """Of each model, which of the joined symbols its own are: (its V,)."""
        self._own: list[IntArray] = []
        """And the inverse, (V,), with -1 for a character that it does not know."""
        for model in self.models:
            columns = np.append(END, self._vocabulary.encode("".join(model.vocabulary.characters)))
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
        """Every model reads the symbols, (B,), that it knows; of the others its state stays as it was."""
        after: list[np.ndarray] = []
        for model, own, part in zip(self.models, self._own, self._split(state), strict=True):
            ids = own[symbols]
            known = ids >= 0
            read = model.advance(part, np.where(known, ids, END))
            if not known.all():
                pairs = zip(part, read, strict=True)
                read = tuple(np.where(known.reshape(-1, *[1] * (new.ndim - 1)), new, old) for old, new in pairs)
            after.extend(read)
        return tuple(after)

    def _split(self, state: State) -> list[State]:
        return split_state(state, self._widths)


class Product(_Parts):
    """The product of experts. A state is the states of the models."""

    how: How = "product"

    def __init__(self, models: Sequence[CharModel], weights: Sequence[float] | FloatArray) -> None:
        super().__init__(models, weights)
        self._shares = np.zeros(len(self._vocabulary))
        """(V,): the weight of all models that know the symbol."""
        for weight, columns in zip(self.weights, self._columns, strict=True):
            self._shares[columns] += weight

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | what was read), shape (B, V), float64."""
        logits = np.zeros((len(state[0]), len(self._vocabulary)))
        for model, weight, columns, part in zip(
            self.models, self.weights, self._columns, self._split(state), strict=True
        ):
            logits[:, columns] += weight * model.log_probs(part)
        logits /= self._shares
        return log_softmax(logits)


class DocumentMixture(_Parts):
    """The mixture of documents. A state is log v, (B, M), and the states of the models."""

    how: How = "mixture"

    def start(self, batch: int) -> State:
        """The logarithms of the weights, and the states of all models."""
        return (np.tile(np.log(self.weights), (batch, 1)), *super().start(batch))

    def log_probs(self, state: State) -> FloatArray:
        """log p(next symbol | what was read), shape (B, V), float64; minus infinity where no model can go on so."""
        weights = state[0]
        log_probs = np.full((len(weights), len(self._vocabulary)), -np.inf)
        for m, (model, columns, part) in enumerate(
            zip(self.models, self._columns, self._split(state[1:]), strict=True)
        ):
            said = weights[:, m, None] + model.log_probs(part)
            log_probs[:, columns] = np.logaddexp(log_probs[:, columns], said)
        return log_probs

    def advance(self, state: State, symbols: IntArray) -> State:
        """What each model said of the symbol counts for or against it; then every model reads it."""
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
