"""Names: samples, the best of them, and the most probable of all."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, Request

from mangosaurus.data.corpus import Corpus
from mangosaurus.server.models import Entry
from mangosaurus.server.problems import described
from mangosaurus.server.requests import SampleRequest, TopRequest
from mangosaurus.server.responses import BestResponse, SampleResponse, TopResponse
from mangosaurus.server.state import Held, Shared

router: APIRouter = APIRouter(prefix="/api/models/{id}", tags=["names"])
CALLED_OTHERWISE = {"n", "best", "label", "training"}


@router.post(
    "/sample", responses=described(404), response_model=SampleResponse | BestResponse, response_model_exclude_unset=True
)
async def sample(id: str, asked: SampleRequest, request: Request, shared: Held) -> Any:
    """New names that satisfy the constraints: those that the command `mangosaurus sample` prints for the seed."""
    entry = shared.models.get(id)
    options = asked.model_dump(exclude=CALLED_OTHERWISE, exclude_unset=True)
    if options.get("seed") is None:
        options["seed"] = secrets.randbits(32)
    needed = asked.best is not None or options.get("not_like") is not None
    options["training"] = training_list(shared, entry, asked.training, needed)
    if asked.best is not None:
        n = 1000 if asked.n is None else asked.n
        return await shared.pool.run(request, entry, "best", label=asked.label, k=asked.best, n=n, **options)
    return await shared.pool.run(request, entry, "sample", label=asked.label, n=asked.n or 20, **options)


@router.post("/top", responses=described(404))
async def top(id: str, asked: TopRequest, request: Request, shared: Held) -> TopResponse:
    """The most probable names and their probabilities. The search is exact: no name is more probable."""
    entry = shared.models.get(id)
    options = asked.model_dump(exclude=CALLED_OTHERWISE, exclude_unset=True)
    needed = options.get("not_like") is not None
    options["training"] = training_list(shared, entry, asked.training, needed)
    options["memory"] = shared.limits.search_megabytes
    found: TopResponse = await shared.pool.run(request, entry, "top", label=asked.label, n=asked.n, **options)
    return found


def training_list(shared: Shared, entry: Entry, id: str | None, needed: bool) -> Corpus | None:
    """The corpus of this id, or else, if it is `needed`, the one that the model was trained on here."""
    if id is not None:
        return shared.corpora.get(id)
    return entry.corpus if needed else None
