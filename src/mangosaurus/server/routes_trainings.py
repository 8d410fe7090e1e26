"""Uploads of corpora, and trainings on them, with events as they run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import fields
from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ConfigDict, Field, create_model

from mangosaurus.api.fit import check_enough
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.core.options import about
from mangosaurus.data.corpus import Corpus, Format, Labels
from mangosaurus.server.problems import Problem, described
from mangosaurus.server.requests import MOST, Id, Number, RequestModel
from mangosaurus.server.responses import ResponseModel
from mangosaurus.server.state import Held, Shared
from mangosaurus.server.trainings import State, Training
from mangosaurus.training.settings import Settings, check_torch, stated

router: APIRouter = APIRouter(prefix="/api", tags=["trainings"])
LABELS: dict[str, Labels] = {"auto": None, "true": True, "false": False}
TEXT: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/plain": {"schema": {"type": "string"}, "example": "Ann\nBo\n"}}}
}


class CorpusResponse(ResponseModel):
    """An uploaded corpus."""

    id: str
    kind: Literal["names", "text"]
    documents: int
    characters: int
    distinct: int
    labels: dict[str, int] | None
    summary: str


class ProgressResponse(ResponseModel):
    """The progress of a training; null is unknown."""

    stage: Literal["counting", "training", "mixing"]
    elapsed: float
    left: float | None
    network: int | None
    step: int | None
    steps: int | None
    loss: float | None
    held_out: float | None
    symbols_per_second: float | None
    samples: list[str] | None = None


class TrainingResponse(ResponseModel):
    """A training: waiting, running or over."""

    id: str
    state: State
    position: int | None
    """0 runs, 1 is next, null is over."""
    name: str
    corpus: str
    model: str | None
    """The id of the trained model."""
    progress: ProgressResponse | None
    problem: Problem | None
    """Why it failed."""


class TrainingsResponse(ResponseModel):
    trainings: list[TrainingResponse]


TYPES: dict[str, Any] = {
    "budget": Annotated[str, Field(max_length=20)] | Number,
    "steps": Annotated[int, Field(ge=0, le=MOST.training_steps)] | None,
    "seed": int,
    "cell": Literal["rnn", "gru", "lstm"],
    "hidden": Annotated[int, Field(ge=1, le=MOST.hidden)] | None,
    "layers": Annotated[int, Field(ge=1, le=MOST.layers)] | None,
    "order": Annotated[int, Field(ge=1, le=MOST.order)] | None,
    "members": Annotated[int, Field(ge=1, le=MOST.members)] | None,
}
"""The settings that a client may choose, with the server's own limits."""
_fields: dict[str, Any] = {
    each.name: (TYPES[each.name], Field(each.default, description=about(each).help))
    for each in fields(Settings)
    if each.name in TYPES
}
_Options: Any = create_model("_Options", __base__=RequestModel, **_fields)


class TrainingRequest(_Options):  # type: ignore[misc]
    """What to train on, how long, and how large; what is not given follows from the corpus and the budget."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        json_schema_extra={"examples": [{"corpus": "dinosaurs", "budget": 0}]}
    )

    corpus: Id = Field(description='The id of an upload, or "dinosaurs".')
    name: Annotated[str, Field(max_length=100)] = Field("", description="What the model is to be called.")


@router.post("/corpora", status_code=201, responses=described(413, 415, 422, 429), openapi_extra=TEXT)
async def upload(
    request: Request,
    shared: Held,
    format: Format = "auto",
    lowercase: bool = False,
    labels: Literal["auto", "true", "false"] = "auto",
) -> CorpusResponse:
    """Uploads a list of names or a text in UTF-8. It stays until later ones need its room, or the server ends."""
    data = await request.body()
    id, corpus = await asyncio.to_thread(shared.corpora.add, data, format, lowercase, LABELS[labels])
    return await asyncio.to_thread(
        lambda: CorpusResponse(
            id=id,
            kind=corpus.kind,
            documents=len(corpus.documents),
            characters=corpus.characters,
            distinct=corpus.distinct,
            labels=None if corpus.labels is None else dict(Counter(corpus.labels).most_common()),
            summary=corpus.summary(),
        )
    )


@router.delete("/corpora/{id}", status_code=204, responses=described(404, 409))
async def forget(id: str, shared: Held) -> None:
    """Removes an upload. Trainings on it go on."""
    shared.corpora.remove(id)


@router.post("/trainings", status_code=202, responses=described(404, 413, 415, 422, 429))
async def train(asked: TrainingRequest, shared: Held) -> TrainingResponse:
    """Queues a training."""
    settings = Settings(**stated(asked.model_dump(include=set(TYPES), exclude_unset=True)))
    if settings.budget > shared.limits.training_seconds:
        raise OptionError(
            Option("budget"), f" is {settings.budget:g} s; at most {shared.limits.training_seconds:g} s are given here"
        )
    check_torch(settings)
    corpus = await asyncio.to_thread(shared.corpora.get, asked.corpus)
    check_enough(corpus)
    name = " ".join(asked.name.split()) or _usual_name(asked.corpus, corpus)
    return _answer(shared, shared.trainings.submit(asked.corpus, corpus, name, settings))


@router.get("/trainings", responses=described())
async def trainings(shared: Held) -> TrainingsResponse:
    """The trainings that wait, run, or were the latest to end, in the order in which they were requested."""
    return TrainingsResponse(trainings=[_answer(shared, each) for each in shared.trainings.all()])


@router.get("/trainings/{id}", responses=described(404))
async def training(id: str, shared: Held) -> TrainingResponse:
    """The state of one training."""
    return _answer(shared, shared.trainings.get(id))


def followed(id: str, shared: Held) -> Training:
    """The training. Raises ProblemError while the response can still have a status."""
    found = shared.trainings.get(id)
    shared.trainings.check_readers()
    return found


@router.get("/trainings/{id}/events", responses=described(404, 429), response_class=EventSourceResponse)
async def events(training: Annotated[Training, Depends(followed)], shared: Held) -> AsyncIterator[ServerSentEvent]:
    """Sends events `state` and `progress` until the training is over; the first is its present state."""
    async for event, data in shared.trainings.follow(training):
        yield ServerSentEvent(event=event, data=TrainingResponse(**data) if event == "state" else data)


@router.post("/trainings/{id}/stop", responses=described(404))
async def stop(id: str, shared: Held) -> TrainingResponse:
    """Stops a training; the result is the best model so far. A training that still waits is cancelled."""
    found = shared.trainings.get(id)
    shared.trainings.stop(found)
    return _answer(shared, found)


@router.delete("/trainings/{id}", status_code=204, responses=described(404))
async def cancel(id: str, shared: Held) -> None:
    """Ends a training without a result, and removes it. The model of a training that is over stays."""
    shared.trainings.cancel(shared.trainings.get(id))


def _answer(shared: Shared, training: Training) -> TrainingResponse:
    return TrainingResponse(**shared.trainings.described(training))


def _usual_name(id: str, corpus: Corpus) -> str:
    """The default name of a model."""
    if id == "dinosaurs":
        return id
    if corpus.kind == "names":
        return f"{len(corpus.documents):,} names"
    return f"a text of {corpus.characters:,} characters"
