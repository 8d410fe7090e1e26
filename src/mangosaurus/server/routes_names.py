"""Names: samples, the best of them, and the most probable of all."""

from __future__ import annotations

import math
import secrets
from typing import Any

from fastapi import APIRouter, Request

from mangosaurus.corpus import Corpus
from mangosaurus.evaluation import without_impossible_end
from mangosaurus.generation.collect import Samples
from mangosaurus.model import Model
from mangosaurus.server.answers import Best, Name, Probable, Ranked, Sampled, TopFound
from mangosaurus.server.problems import described
from mangosaurus.server.shapes import SampleAsked, TopAsked, Wishes
from mangosaurus.server.shared import Held, Shared
from mangosaurus.server.shelf import Entry

router = APIRouter(prefix="/api/models/{id}", tags=["names"])


@router.post("/sample", responses=described(404, 413, 415, 422, 429), response_model_exclude_none=True)
async def sample(id: str, asked: SampleAsked, request: Request, shared: Held) -> Sampled | Best:
    """New names, with all that is asked of them; the same as the command `mangosaurus sample` prints for the seed."""
    entry = shared.shelf.get(id)
    options: dict[str, Any] = asked.wishes()
    options |= {name: getattr(asked, name) for name in ("temperature", "top_k", "top_p", "min_p", "not_like", "method")}
    options |= {name: getattr(asked, name) for name in ("allow_known", "allow_duplicates")}
    options["seed"] = secrets.randbits(32) if asked.seed is None else asked.seed
    options["training"] = training_list(shared, entry, asked)

    def work() -> Sampled | Best:
        model = entry.model if asked.label is None else entry.model.with_label(asked.label)
        if asked.best is not None:
            return _best(model, asked.best, 1000 if asked.n is None else asked.n, options)
        return _sampled(model, model.sample(20 if asked.n is None else asked.n, **options))

    return await shared.work.run(request, work)


@router.post("/top", responses=described(404, 413, 415, 422, 429))
async def top(id: str, asked: TopAsked, request: Request, shared: Held) -> TopFound:
    """The most probable names and their probabilities: exactly these, with nothing better left out."""
    entry = shared.shelf.get(id)
    training = training_list(shared, entry, asked)

    def work() -> TopFound:
        model = entry.model if asked.label is None else entry.model.with_label(asked.label)
        found = model.top(
            asked.n,
            new=asked.new,
            not_like=asked.not_like,
            training=training,
            memory=shared.limits.search_megabytes,
            **asked.wishes(),
        )
        names = [
            Probable(text=name, probability=math.exp(p), log_probability=p, nats_per_symbol=-p / (len(name) + 1))
            for name, p in zip(found, found.log_probs, strict=True)
        ]
        return TopFound(
            names=names,
            asked=asked.n,
            prefixes=found.prefixes,
            ended_early=found.ended_early,
            summary=found.summary(),
        )

    return await shared.work.run(request, work)


def training_list(shared: Shared, entry: Entry, asked: Wishes) -> Corpus | None:
    """The corpus that was named, or else the one on which the model was trained here."""
    return entry.corpus if asked.training is None else shared.corpora.get(asked.training)


def _sampled(model: Model, samples: Samples) -> Sampled:
    losses = [-float(without_impossible_end(score).mean()) for score in model.score(samples)]
    names = [Name(text=text, nats_per_symbol=loss) for text, loss in zip(samples, losses, strict=True)]
    for name, inclusion in zip(names, samples.inclusion or (), strict=False):
        name.inclusion = inclusion
    return Sampled(
        samples=names,
        asked=samples.asked,
        drawn=samples.drawn,
        seed=samples.seed,
        probability=samples.probability,
        exact=None if samples.probability is None else samples.exact,
        effective=None if samples.probability is None else samples.effective,
        remarks=[remark for remark in (samples.manner(), samples.shortfall()) if remark],
    )


def _best(model: Model, k: int, n: int, options: dict[str, Any]) -> Best:
    ranked = model.best(k, n, **options)
    few = [] if len(ranked) == k else [f"only {len(ranked):,} names to choose from were found"]
    return Best(best=[Ranked(**vars(each)) for each in ranked], seed=options["seed"], remarks=few)
