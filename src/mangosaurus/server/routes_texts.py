"""Texts: one continued as it is made, the surprise of each character, and what the model expects at each place."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from mangosaurus.model import Model
from mangosaurus.server.answers import Predicted, Scores
from mangosaurus.server.problems import as_problem, described, problem
from mangosaurus.server.shapes import PredictAsked, ScoreAsked, WriteAsked
from mangosaurus.server.state import Held

router: APIRouter = APIRouter(prefix="/api/models/{id}", tags=["texts"])


@dataclass(frozen=True)
class Begun:
    """A text that can be written."""

    model: Model
    options: dict[str, Any]

    def write(self, model: Model) -> Iterator[str]:
        return model.stream(**self.options)


async def begin(id: str, asked: WriteAsked, shared: Held) -> AsyncIterator[Begun]:
    """Refuses what cannot be written while there can still be a status, and holds a place while it is written."""
    model = shared.shelf.get(id).model
    model = model if asked.label is None else model.with_label(asked.label)
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    begun = Begun(model, asked.model_dump(exclude={"label", "seed"}) | {"seed": seed})
    begun.write(model)
    shared.streams.take()
    try:
        yield begun
    finally:
        shared.streams.give_back()


@router.post("/write", responses=described(404), response_class=EventSourceResponse)
async def write(begun: Annotated[Begun, Depends(begin)], shared: Held) -> AsyncIterator[ServerSentEvent]:
    """Continues a text: events `text` as it is made, then `end` with its seed and why it ended, or `problem`."""
    text = ""
    try:
        async for piece in shared.streams.pieces(begun.model, begun.write):
            text += piece
            yield ServerSentEvent(event="text", data={"text": piece})
        until = begun.options["until"]
        reason = "until" if until and text.endswith(until) else "ended"
        reason = "length" if reason == "ended" and len(text) >= begun.options["length"] else reason
        yield ServerSentEvent(event="end", data={"seed": begun.options["seed"], "reason": reason})
    except Exception as error:
        found = as_problem(error)
        yield ServerSentEvent(event="problem", data=problem(found.status, found.detail).model_dump())


@router.post("/score", responses=described(404))
async def score(id: str, asked: ScoreAsked, request: Request, shared: Held) -> Scores:
    """How surprising each character is, and which names do not fit among the others."""
    scores: Scores = await shared.work.run(request, shared.shelf.get(id), "score", texts=asked.texts)
    return scores


@router.post("/predict", responses=described(404))
async def predict(id: str, asked: PredictAsked, request: Request, shared: Held) -> Predicted:
    """What the model expects before each character of a text, and at its end."""
    entry = shared.shelf.get(id)
    predicted: Predicted = await shared.work.run(request, entry, "predict", text=asked.text, most=asked.most)
    return predicted
