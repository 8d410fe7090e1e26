"""What is computed apart from the server: each a function of a model and options, whose result is JSON.

They run in the processes of `worker`, which need nothing of the extra `serve`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mangosaurus.evaluation import without_impossible_end
from mangosaurus.model import Model
from mangosaurus.models.interface import predict as predict_symbols
from mangosaurus.vocabulary import END, normalize

Job = Callable[..., dict[str, Any]]


def sample(model: Model, n: int, **options: Any) -> dict[str, Any]:
    """Names as `Model.sample` draws them, each with its nats per symbol."""
    samples = model.sample(n, **options)
    losses = [-float(without_impossible_end(score).mean()) for score in model.score(samples)]
    names: list[dict[str, Any]] = [
        {"text": text, "nats_per_symbol": loss} for text, loss in zip(samples, losses, strict=True)
    ]
    for name, inclusion in zip(names, samples.inclusion or (), strict=False):
        name["inclusion"] = inclusion
    result = {"samples": names, "asked": samples.asked, "drawn": samples.drawn, "seed": samples.seed}
    if samples.probability is not None:
        result |= {"probability": samples.probability, "exact": samples.exact}
        result |= {} if samples.effective is None else {"effective": samples.effective}
    return result | {"remarks": [remark for remark in (samples.manner(), samples.shortfall()) if remark]}


def best(model: Model, k: int, n: int, **options: Any) -> dict[str, Any]:
    """The best of names, as `Model.best` ranks them."""
    ranked = model.best(k, n, **options)
    few = [] if len(ranked) == k else [f"only {len(ranked):,} names to choose from were found"]
    return {"best": [vars(each) for each in ranked], "seed": options["seed"], "remarks": few}


def top(model: Model, n: int, **options: Any) -> dict[str, Any]:
    """The most probable names, as `Model.top` finds them."""
    found = model.top(n, **options)
    names = [
        {"text": name, "probability": math.exp(p), "log_probability": p, "nats_per_symbol": -p / (len(name) + 1)}
        for name, p in zip(found, found.log_probs, strict=True)
    ]
    proof = {"asked": n, "prefixes": found.prefixes, "ended_early": found.ended_early, "summary": found.summary()}
    return {"names": names, **proof}


def score(model: Model, texts: list[str]) -> dict[str, Any]:
    """The surprise of every character, as `Model.surprise` has it."""
    scored = model.surprise(texts)
    scores = [
        {
            "text": each.text,
            "nats_per_symbol": _finite(each.nats_per_symbol),
            "symbols": [
                {"character": character, "nats": _finite(nats)}
                for character, nats in zip([*each.text, ""], each.nats, strict=True)
            ],
            "known": each.known,
            "odd": each.odd if each.marked else None,
            "remark": each.remark(),
        }
        for each in scored
    ]
    return {"scores": scores, "threshold": scored.threshold}


def predict(model: Model, text: str, most: int) -> dict[str, Any]:
    """At each place of a text, the `most` most probable symbols, the empty string for END."""
    text = normalize(text)
    ids = model.vocabulary.encode(text)
    characters = ("", *model.vocabulary.characters)
    positions = []
    for place, log_probs in enumerate(predict_symbols(model.distribution, [ids])[0]):
        p = np.exp(log_probs)
        likeliest = np.argsort(-p, kind="stable")[:most]
        positions.append(
            {
                "before": text[:place],
                "character": characters[ids[place] if place < len(ids) else END],
                "next": [{"character": characters[symbol], "probability": float(p[symbol])} for symbol in likeliest],
                "rest": max(0.0, 1.0 - float(p[likeliest].sum())),
            }
        )
    return {"positions": positions}


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


JOBS: dict[str, Job] = {job.__name__: job for job in (sample, best, top, score, predict)}
