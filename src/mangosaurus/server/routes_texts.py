"""Texts: write one, score the characters of some, predict the next characters of one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from mangosaurus.server.problems import as_problem, described, problem
from mangosaurus.server.requests import PredictRequest, ScoreRequest, WriteRequest
from mangosaurus.server.responses import PredictResponse, ScoreResponse
from mangosaurus.server.state import Held

router: APIRouter = APIRouter(prefix="/api/models/{id}", tags=["texts"])


@dataclass(frozen=True)
class Text:
    """A text that is being written. Its pieces wait here, so that a slow client keeps no process busy."""

    asked: WriteRequest
    seed: int
    first: str | None
    pieces: asyncio.Queue[str | None]
    """None is the end."""
    running: asyncio.Task[None]


async def begin(id: str, asked: WriteRequest, request: Request, shared: Held) -> Text:
    """Waits for the first characters, so that an error still has a status."""
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    options = asked.model_dump(exclude={"label", "seed"}) | {"seed": seed}
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    writing = shared.pool.run(
        request, shared.models.get(id), "write", label=asked.label, wrote=pieces.put_nowait, **options
    )
    running = asyncio.create_task(writing)

    def ended(running: asyncio.Task[None]) -> None:
        pieces.put_nowait(None)
        if not running.cancelled():
            running.exception()  # a client that has left does not ask for it, and asyncio would complain

    running.add_done_callback(ended)
    first = await pieces.get()
    if first is None:
        await running
    return Text(asked, seed, first, pieces, running)


@router.post("/write", responses=described(404), response_class=EventSourceResponse)
async def write(text: Annotated[Text, Depends(begin)]) -> AsyncIterator[ServerSentEvent]:
    """Continues a text. Sends events `text` as it is written, then `end` with the seed and the reason, or `problem`."""
    written, piece = "", text.first
    while piece is not None:
        written += piece
        yield ServerSentEvent(event="text", data={"text": piece})
        piece = await text.pieces.get()
    try:
        await text.running
    except Exception as error:
        found = as_problem(error)
        yield ServerSentEvent(event="problem", data=problem(found.status, found.detail).model_dump())
        return
    reason = "length" if len(written) >= text.asked.length else "ended"
    reason = "until" if text.asked.until and written.endswith(text.asked.until) else reason
    yield ServerSentEvent(event="end", data={"seed": text.seed, "reason": reason})


@router.post("/score", responses=described(404))
async def score(id: str, asked: ScoreRequest, request: Request, shared: Held) -> ScoreResponse:
    """The surprisal of each character, and which names are outliers."""
    scores: ScoreResponse = await shared.pool.run(request, shared.models.get(id), "score", texts=asked.texts)
    return scores


@router.post("/predict", responses=described(404))
async def predict(id: str, asked: PredictRequest, request: Request, shared: Held) -> PredictResponse:
    """The most probable next characters at each position of a text."""
    entry = shared.models.get(id)
    predicted: PredictResponse = await shared.pool.run(request, entry, "predict", text=asked.text, most=asked.most)
    return predicted
