"""Fitting the weights of a mixture on symbols that none of its models was trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.models.interface import CharModel, Network
from mangosaurus.models.labelled import Labelled, equal_labelled_weights
from mangosaurus.models.mixture import LARGEST_EXPONENT, Mixture, equal_weights, exponents, multiply
from mangosaurus.models.ngram import NGram
from mangosaurus.models.prior_network import PriorNetwork
from mangosaurus.models.words import Words

SPREAD = 0.1
"""The standard deviation of the weights' prior, around equal exponents."""
LONGEST_STEP = 2.0
"""The furthest that a parameter moves in one step, in standard deviations of its prior."""
Likelihood = tuple[float, FloatArray, FloatArray]
"""A log-likelihood at some parameters, its gradient, (P,), and its curvature, (P, P): the negative of its Hessian, or
the outer product of the observations' gradients in its place (Berndt, Hall, Hall and Hausman 1974)."""


@dataclass(frozen=True)
class Predictions:
    """The predictions of a mixture's models for n held-out symbols."""

    symbols: IntArray
    """(n,): the symbols themselves."""
    features: FloatArray
    """(n, F): see models/mixture.py."""
    models: tuple[FloatArray, ...]
    """(n, V) each: log p of every symbol; the n-grams first, then the words, the prior, and the networks."""
    weights: IntArray | None = None
    """(n,): how often the document of each symbol counts; None: all count once. Only reported losses use it."""

    def losses(self, log_probs: FloatArray) -> FloatArray:
        """-log p of the symbols, in nats, from (n, V)."""
        return -log_probs[np.arange(len(self.symbols)), self.symbols]

    def mixed(self, weights: FloatArray) -> FloatArray:
        """log p of every symbol, (n, V), by the mixture with these weights, (F, models)."""
        return multiply(exponents(self.features, weights), *self.models)

    def of(self, models: Sequence[int]) -> Predictions:
        """Those of the models with these numbers."""
        return replace(self, models=tuple(self.models[place] for place in models))

    def with_words(self, words: Words, nodes: IntArray) -> Predictions:
        """The same with those of the words, whose nodes are (n,)."""
        ngram, *others = self.models
        said = np.log(words.probabilities(nodes, np.exp(ngram)))
        features = np.column_stack([self.features, words.features[nodes]])
        return replace(self, features=features, models=(ngram, said, *others))

    def part(self, rows: slice) -> Predictions:
        """The predictions for these `rows`."""
        weights = None if self.weights is None else self.weights[rows]
        return Predictions(
            self.symbols[rows], self.features[rows], tuple(model[rows] for model in self.models), weights
        )


def join(predictions: Sequence[Predictions]) -> Predictions:
    """All predictions, one after the other."""
    return Predictions(
        np.concatenate([each.symbols for each in predictions]),
        np.concatenate([each.features for each in predictions]),
        tuple(np.concatenate(models) for models in zip(*(each.models for each in predictions), strict=True)),
        None if any(each.weights is None for each in predictions) else np.concatenate([e.weights for e in predictions]),
    )


def center_of(
    order: int, ngrams: int, networks: int, usual: FloatArray | None = None, words: bool = False
) -> FloatArray:
    """The weights of a mixture before anything is measured, (features, models): the centre of `fit_weights`.

    `ngrams` is 1, or 2 with labels, and `networks` 1 if there are any, else 0. `usual` are the weights of n-gram and
    prior that suited other lists, (order + 3, 2). The n-grams share the n-gram's, the prior and the networks the
    prior's. Without a prior, and with `words`, all exponents are equal, with a sum of one.
    """
    if usual is None:
        center = equal_weights(order, ngrams + words + networks, words)
    else:
        ngram, prior = usual.T
        center = np.column_stack([ngram / ngrams] * ngrams + [prior / (1 + networks)] * (1 + networks))
    # With labels, the features of the label's n-gram come first, and those of the common one have no weight yet.
    return center if ngrams == 1 else np.concatenate([center, np.zeros_like(center)])


def fit_weights(held_out: Predictions, center: FloatArray) -> FloatArray:
    """The weights of models/mixture.py, shape (F, models), under which the held-out symbols are most probable.

    The prior has the mean `center`, and the standard deviation SPREAD for features scaled to at most 1.
    """
    largest = np.abs(held_out.features).max(axis=0)
    scale = np.where(largest > 0, largest, 1.0)[:, None]  # a feature that never occurs keeps its prior weight
    scale /= SPREAD
    prior = center * scale

    def likelihood(flat: FloatArray) -> Likelihood:
        value, slope, curvature = likelihood_of(held_out, flat.reshape(prior.shape) / scale)
        return value, slope / each, curvature / np.outer(each, each)

    each = scale.repeat(prior.shape[1])
    fitted: FloatArray = maximize(likelihood, prior.ravel()).reshape(prior.shape) / scale
    return fitted


def likelihood_of(held_out: Predictions, weights: FloatArray) -> Likelihood:
    """The summed log p of the held-out symbols by the mixture, as `maximize` wants it; P is F x models."""
    rows, log_p = np.arange(len(held_out.symbols)), held_out.mixed(weights)
    p, raw = np.exp(log_p), held_out.features @ weights
    moves = (raw >= 0) & (raw <= LARGEST_EXPONENT)  # clipped exponents do not move with their weights
    # d log p(w) / d exponent = log p_model(w) less its expectation under the mixture; the second derivatives are the
    # covariances of the models' log p, with the sign changed.
    x, weighted = held_out.features, [p * model for model in held_out.models]
    means = [each.sum(axis=1) for each in weighted]
    slope = np.empty(weights.shape)
    curvature = np.empty(2 * weights.shape)
    for m, model in enumerate(held_out.models):
        slope[:, m] = ((model[rows, held_out.symbols] - means[m]) * moves[:, m]) @ x
        for k in range(m + 1):
            covariance = np.einsum("nv,nv->n", weighted[m], held_out.models[k]) - means[m] * means[k]
            covariance *= moves[:, m] & moves[:, k]
            curvature[:, m, :, k] = curvature[:, k, :, m] = held_out.features.T @ (
                covariance[:, None] * held_out.features
            )
    size = weights.size
    return float(log_p[rows, held_out.symbols].sum()), slope.ravel(), curvature.reshape(size, size)


@dataclass(frozen=True)
class HeldOutLosses:
    """Losses of symbols in nats, (n,), and how often the document of each counts, None if all count once."""

    nats: FloatArray
    weights: IntArray | None = None

    @property
    def mean(self) -> float:
        """Nats per symbol, each document once."""
        return float(self.nats.mean())

    @property
    def weighted(self) -> float | None:
        """Nats per symbol, each document as often as it counts; None if all count the same."""
        if self.weights is None or (self.weights == self.weights[0]).all():
            return None
        return float(np.average(self.nats, weights=self.weights))


def joined_losses(losses: Sequence[HeldOutLosses]) -> HeldOutLosses:
    """All losses, one after the other."""
    weights = [each.weights for each in losses if each.weights is not None]
    return HeldOutLosses(np.concatenate([each.nats for each in losses]), np.concatenate(weights) if weights else None)


def cross_fitted(held_out: Sequence[Predictions], center: FloatArray) -> tuple[HeldOutLosses, FloatArray]:
    """The mixture's losses, each half of the symbols under weights fitted on the other half around `center`; and the
    mean of these weights.

    A single model has its own losses. Each of `held_out` is halved separately: several may be of the same symbols.
    """
    if len(held_out[0].models) == 1:
        whole = join(held_out)
        return HeldOutLosses(whole.losses(whole.models[0]), whole.weights), center
    first = join([each.part(slice(None, len(each.symbols) // 2)) for each in held_out])
    second = join([each.part(slice(len(each.symbols) // 2, None)) for each in held_out])
    halves = [(fitted, measured) for fitted, measured in ((first, second), (second, first)) if len(fitted.symbols)]
    fits = [fit_weights(fitted, center) for fitted, _ in halves]
    losses = [measured.losses(measured.mixed(fit)) for fit, (_, measured) in zip(fits, halves, strict=True)]
    weights = [measured.weights for _, measured in halves if measured.weights is not None]
    return HeldOutLosses(np.concatenate(losses), np.concatenate(weights) if weights else None), np.mean(fits, axis=0)


def cross_fitted_losses(held_out: Sequence[Predictions], center: FloatArray) -> HeldOutLosses:
    """The losses of `cross_fitted`."""
    return cross_fitted(held_out, center)[0]


def cross_fitted_loss(held_out: Sequence[Predictions], center: FloatArray) -> float:
    """The mean of `cross_fitted_losses`, nats per symbol, each document once."""
    return cross_fitted_losses(held_out, center).mean


def mixed(
    ngram: NGram | Labelled,
    prior: PriorNetwork | None,
    networks: Sequence[Network],
    weights: FloatArray | None = None,
    words: Words | None = None,
) -> CharModel:
    """The mixture of an n-gram, words, the prior and networks; equal weights by default. The n-gram itself without
    them."""
    if isinstance(ngram, Labelled):
        return ngram.mixed_with(prior, networks, weights)
    experts = (words is not None) + (prior is not None) + bool(networks)
    if not experts:
        return ngram
    weights = equal_weights(ngram.order, 1 + experts, words is not None) if weights is None else weights
    return Mixture(ngram, networks, weights, prior, words)


def prior_alone(ngram: NGram | Labelled) -> FloatArray:
    """Weights with which the mixture of n-grams and the prior is the prior, (features, models)."""
    if isinstance(ngram, Labelled):
        weights = equal_labelled_weights(ngram.common.order, 3)
    else:
        weights = equal_weights(ngram.order)
    weights[:, :-1] = 0
    found: FloatArray = np.sign(weights)
    return found


def maximize(likelihood: Callable[[FloatArray], Likelihood], prior: FloatArray, steps: int = 50) -> FloatArray:
    """The parameters, shape (P,), of the highest penalised likelihood.

    The penalty is that of a Gaussian prior of unit variance around `prior`, where the search starts. Newton's method,
    steps halved until they gain; it ends when a step gains less than a thousandth of a nat, or nothing.
    """
    here = prior.copy()
    value, slope, curvature = likelihood(here)
    for _ in range(steps):
        step = np.linalg.solve(curvature + np.eye(len(here)), slope - (here - prior)).clip(-LONGEST_STEP, LONGEST_STEP)
        for _ in range(10):
            there = here + step
            reached, slope, curvature = likelihood(there)
            reached -= 0.5 * float(np.sum((there - prior) ** 2))
            if reached > value:
                break
            step = step / 2
        else:
            return here
        gained, here, value = reached - value, there, reached
        if gained < 1e-3:
            break
    return here
