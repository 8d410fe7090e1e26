"""Routes that upload corpora and train models on them, with events meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ConfigDict, Field, create_model

from mangosaurus.api import check_enough
from mangosaurus.corpus import Corpus, Format, Labels
from mangosaurus.errors import Option, OptionError
from mangosaurus.options import about
from mangosaurus.server.answers import ResponseModel
from mangosaurus.server.problems import Problem, described
from mangosaurus.server.shapes import MOST, Id, Number, RequestModel
from mangosaurus.server.shared import Held, Shared
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
    """How far a training is; null is what is not known, or not yet."""

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
    """A training that waits, runs or is over."""

    id: str
    state: State
    position: int | None
    """0 runs, 1 is next, null is over."""
    name: str
    corpus: str
    model: str | None
    """The id of the model that came of it."""
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


@asynccontextmanager
async def lifespan(shared: Shared) -> AsyncIterator[None]:
    """Entered when the server begins, left when the last request has ended."""
    shared.when_stopping(shared.trainings.close)
    try:
        yield
    finally:
        await shared.trainings.closed()


@router.post("/corpora", status_code=201, responses=described(413, 415, 422, 429), openapi_extra=TEXT)
async def upload(
    request: Request,
    shared: Held,
    format: Format = "auto",
    lowercase: bool = False,
    labels: Literal["auto", "true", "false"] = "auto",
) -> CorpusResponse:
    """Reads a list of names or a text, in UTF-8; it stays until later ones need its place, or the server ends."""
    data = await request.body()
    kept = await asyncio.to_thread(shared.corpora.add, data, format, lowercase, LABELS[labels])
    corpus = kept.corpus
    return CorpusResponse(
        id=kept.id,
        kind=corpus.kind,
        documents=len(corpus.documents),
        characters=kept.characters,
        distinct=kept.distinct,
        labels=kept.labels,
        summary=kept.summary,
    )


@router.delete("/corpora/{id}", status_code=204, responses=described(404, 409))
async def forget(id: str, shared: Held) -> None:
    """Forgets an upload; a training on it continues."""
    shared.corpora.remove(id)


@router.post("/trainings", status_code=202, responses=described(404, 413, 415, 422, 429))
async def train(asked: TrainingRequest, shared: Held) -> TrainingResponse:
    """Puts a training into the queue."""
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
    """The trainings that wait and run, and the latest that are over, in the order in which they were asked for."""
    return TrainingsResponse(trainings=[_answer(shared, each) for each in shared.trainings.all()])


@router.get("/trainings/{id}", responses=described(404))
async def training(id: str, shared: Held) -> TrainingResponse:
    """How one training is."""
    return _answer(shared, shared.trainings.get(id))


def followed(id: str, shared: Held) -> Training:
    """Refuses what cannot be followed while there can still be a status."""
    found = shared.trainings.get(id)
    shared.trainings.check_readers()
    return found


@router.get("/trainings/{id}/events", responses=described(404, 429), response_class=EventSourceResponse)
async def events(training: Annotated[Training, Depends(followed)], shared: Held) -> AsyncIterator[ServerSentEvent]:
    """Events `state` and `progress`, from the present state on, until the training is over."""
    async for event, data in shared.trainings.follow(training):
        yield ServerSentEvent(event=event, data=TrainingResponse(**data) if event == "state" else data)


@router.post("/trainings/{id}/stop", responses=described(404))
async def stop(id: str, shared: Held) -> TrainingResponse:
    """Ends a training; the best model so far is its result, as the events tell. One that still waits is cancelled."""
    found = shared.trainings.get(id)
    shared.trainings.stop(found)
    return _answer(shared, found)


@router.delete("/trainings/{id}", status_code=204, responses=described(404))
async def cancel(id: str, shared: Held) -> None:
    """Ends a training without a result, and forgets it; of one that is over, the model stays."""
    shared.trainings.cancel(shared.trainings.get(id))


def _answer(shared: Shared, training: Training) -> TrainingResponse:
    return TrainingResponse(**shared.trainings.described(training))


def _usual_name(id: str, corpus: Corpus) -> str:
    """What a model is called that is given no name."""
    if id == "dinosaurs":
        return id
    if corpus.kind == "names":
        return f"{len(corpus.documents):,} names"
    return f"a text of {corpus.characters:,} characters"
