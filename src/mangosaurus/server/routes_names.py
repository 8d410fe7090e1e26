"""Names: samples, the best of them, and the most probable of all."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Request

from mangosaurus.corpus import Corpus
from mangosaurus.server.answers import Best, Sampled, TopFound
from mangosaurus.server.models import Entry
from mangosaurus.server.problems import described
from mangosaurus.server.shapes import SampleAsked, TopAsked, Wishes
from mangosaurus.server.state import Held, Shared

router: APIRouter = APIRouter(prefix="/api/models/{id}", tags=["names"])
CALLED_OTHERWISE = {"n", "best", "label", "training", "seed"}


@router.post("/sample", responses=described(404), response_model=Sampled | Best, response_model_exclude_unset=True)
async def sample(id: str, asked: SampleAsked, request: Request, shared: Held) -> Any:
    """New names that satisfy the constraints: those that the command `mangosaurus sample` prints for the seed."""
    entry = shared.models.get(id)
    options = asked.model_dump(exclude=CALLED_OTHERWISE, exclude_unset=True)
    options["seed"] = secrets.randbits(32) if asked.seed is None else asked.seed
    options["training"] = training_list(shared, entry, asked)
    if asked.best is not None:
        n = 1000 if asked.n is None else asked.n
        return await shared.pool.run(request, entry, "best", label=asked.label, k=asked.best, n=n, **options)
    return await shared.pool.run(request, entry, "sample", label=asked.label, n=asked.n or 20, **options)


@router.post("/top", responses=described(404))
async def top(id: str, asked: TopAsked, request: Request, shared: Held) -> TopFound:
    """The most probable names and their probabilities. The search is exact: no name is more probable."""
    entry = shared.models.get(id)
    options = asked.model_dump(exclude=CALLED_OTHERWISE, exclude_unset=True)
    options |= {"training": training_list(shared, entry, asked), "memory": shared.limits.search_megabytes}
    found: TopFound = await shared.pool.run(request, entry, "top", label=asked.label, n=asked.n, **options)
    return found


def training_list(shared: Shared, entry: Entry, asked: Wishes) -> Corpus | None:
    """The named corpus; else the one on which the model was trained here, if it is needed."""
    if asked.training is not None:
        return shared.corpora.get(asked.training)
    return None if asked.not_like is None and getattr(asked, "best", None) is None else entry.corpus
