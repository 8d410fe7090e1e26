"""Texts: one continued as it is made, the surprise of each character, and what the model expects at each place."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from mangosaurus.models.interface import predict as predict_symbols
from mangosaurus.server.answers import Next, Position, Predicted, Scores, SymbolScore, TextScore
from mangosaurus.server.problems import as_problem, described, problem
from mangosaurus.server.shapes import PredictAsked, ScoreAsked, WriteAsked
from mangosaurus.server.shared import Held
from mangosaurus.server.work import first_characters
from mangosaurus.vocabulary import END, normalize

router = APIRouter(prefix="/api/models/{id}", tags=["texts"])


class Begun:
    """A text that is about to be written."""

    def __init__(self, characters: Iterator[str], seed: int, asked: WriteAsked) -> None:
        self.characters, self.seed, self.asked = characters, seed, asked


def begin(id: str, asked: WriteAsked, shared: Held) -> Begun:
    """Refuses what cannot be written while there can still be a status."""
    model = shared.shelf.get(id).model
    model = model if asked.label is None else model.with_label(asked.label)
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    options: dict[str, Any] = asked.model_dump(exclude={"prompt", "label", "seed"})
    return Begun(model.stream(asked.prompt, seed=seed, **options), seed, asked)


@router.post("/write", responses=described(404, 413, 415, 422, 429), response_class=EventSourceResponse)
async def write(
    begun: Annotated[Begun, Depends(begin)], request: Request, shared: Held
) -> AsyncIterator[ServerSentEvent]:
    """Continues a text: events `text` as it is made, then `end`, or `problem`."""
    text = ""
    try:
        while piece := await shared.work.run(request, lambda: first_characters(begun.characters)):
            text += piece
            yield ServerSentEvent(event="text", data={"text": piece})
        reason = "length" if len(text) >= begun.asked.length else "ended"
        if begun.asked.until and text.endswith(begun.asked.until):
            reason = "until"
        yield ServerSentEvent(event="end", data={"seed": begun.seed, "reason": reason})
    except asyncio.CancelledError:
        raise
    except Exception as error:
        found = as_problem(error)
        yield ServerSentEvent(event="problem", data=problem(found.status, found.detail).model_dump())


@router.post("/score", responses=described(404, 413, 415, 422, 429))
async def score(id: str, asked: ScoreAsked, request: Request, shared: Held) -> Scores:
    """How surprising each character is, and which names do not fit among the others."""
    entry = shared.shelf.get(id)

    def work() -> Scores:
        scored = entry.model.surprise(asked.texts)
        return Scores(
            scores=[
                TextScore(
                    text=each.text,
                    nats_per_symbol=_finite(each.nats_per_symbol),
                    symbols=[
                        SymbolScore(character=character, nats=_finite(nats))
                        for character, nats in zip([*each.text, ""], each.nats, strict=True)
                    ],
                    known=each.known,
                    odd=each.odd if each.marked else None,
                    remark=each.remark(),
                )
                for each in scored
            ],
            threshold=scored.threshold,
        )

    return await shared.work.run(request, work)


@router.post("/predict", responses=described(404, 413, 415, 422, 429))
async def predict(id: str, asked: PredictAsked, request: Request, shared: Held) -> Predicted:
    """What the model expects before each character of a text, and at its end."""
    entry = shared.shelf.get(id)

    def work() -> Predicted:
        model = entry.model
        text = normalize(asked.text)
        ids = model.vocabulary.encode(text)
        characters = ("", *model.vocabulary.characters)
        positions = []
        for place, log_probs in enumerate(predict_symbols(model.distribution, [ids])[0]):
            p = np.exp(log_probs)
            order = np.argsort(-p, kind="stable")[: asked.most]
            following = int(ids[place]) if place < len(ids) else END
            positions.append(
                Position(
                    before=text[:place],
                    character=characters[following],
                    next=[Next(character=characters[symbol], probability=float(p[symbol])) for symbol in order],
                    rest=max(0.0, 1.0 - float(p[order].sum())),
                )
            )
        return Predicted(positions=positions)

    return await shared.work.run(request, work)


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
