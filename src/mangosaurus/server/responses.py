"""Responses as pydantic models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from mangosaurus.api.progress import Reading
from mangosaurus.data.corpus import Corpus
from mangosaurus.formats.native.contents import without_curves
from mangosaurus.generation.ranking import Enough, Ranked
from mangosaurus.models.describe import describe
from mangosaurus.server.look import facts
from mangosaurus.server.models import Entry, Source
from mangosaurus.server.problems import Part, Problem
from mangosaurus.server.trainings import State


class ResponseModel(BaseModel, extra="forbid"):
    pass


class AboutResponse(ResponseModel):
    version: str
    limits: dict[str, int | float]
    shades: tuple[float, ...]
    """Nats at which the page's shading gets one step darker."""


class ModelResponse(ResponseModel):
    """A model of the registry."""

    id: str
    name: str
    kind: Literal["names", "text"]
    description: str
    characters: str
    """All that its symbols have."""
    unit: str
    """The word for a symbol: character, token or phoneme."""
    symbols: list[str] | None
    """Where a symbol may have several characters: all of them."""
    separator: str
    """What stands between them; empty if nothing does."""
    documents: int
    held_out: float | None
    """Nats per symbol."""
    labels: dict[str, int]
    longest: int
    source: Source


class ModelDetailResponse(ModelResponse):
    training: dict[str, Any]


class ModelsResponse(ResponseModel):
    models: list[ModelResponse]


class Name(ResponseModel):
    text: str
    nats_per_symbol: float | None
    inclusion: float | None = None


class SampleResponse(ResponseModel):
    samples: list[Name]
    asked: int
    drawn: int
    seed: int
    probability: float | None = None
    exact: bool | None = None
    effective: float | None = None
    avoided: int | None = None
    """Names drawn that were kept out by avoid and clean; null if such names are never drawn."""
    remarks: list[str]
    remark_parts: list[list[Part]]
    """The same in parts, as those of a problem."""


class BestResponse(ResponseModel):
    best: list[Ranked]
    enough: Enough
    seed: int
    remarks: list[str]
    remark_parts: list[list[Part]]
    """The same in parts, as those of a problem."""


class Probable(ResponseModel):
    text: str
    probability: float
    log_probability: float
    nats_per_symbol: float


class TopResponse(ResponseModel):
    names: list[Probable]
    asked: int
    prefixes: int
    ended_early: bool
    summary: str


class SymbolScore(ResponseModel):
    """A symbol and its surprisal, in the unit that was asked for; null where the model gives it no probability."""

    character: str
    """Empty for END."""
    nats: float | None = None
    bits: float | None = None


class TextScore(ResponseModel):
    """A text and its surprisal, in the unit that was asked for."""

    text: str
    nats_per_symbol: float | None = None
    bits_per_symbol: float | None = None
    symbols: list[SymbolScore]
    known: bool
    outlier: int | None = None
    """The place of the most surprising character of a name that does not fit among the others."""
    remark: str


class ScoreResponse(ResponseModel):
    scores: list[TextScore]
    threshold: float | None


class Next(ResponseModel):
    character: str
    """Empty for END."""
    probability: float


class Position(ResponseModel):
    before: str
    character: str
    """What follows in the text; empty for END."""
    next: list[Next]
    rest: float


class PredictResponse(ResponseModel):
    positions: list[Position]


class FirstDocument(ResponseModel):
    """One of the first documents."""

    text: str
    """At most 200 characters of it."""
    label: str | None
    weight: int | None
    """How often it counts; null is once."""


class CorpusFacts(ResponseModel):
    """What is learnt. A name that repeats is one that counts more."""

    kind: Literal["names", "text"]
    documents: int
    characters: int
    distinct: int
    labels: dict[str, int] | None
    weight: int | None
    """The sum of all weights; null if each document counts once."""
    summary: str
    notes: list[str]
    """What it was taken for, and what was left out."""
    first: list[FirstDocument]
    """Ten at most."""


class Identified(ResponseModel):
    id: str


class CorpusResponse(CorpusFacts, Identified):
    """An uploaded corpus."""


class ColumnResponse(ResponseModel):
    """A column of a table."""

    name: str
    """Its header; without one, its number from 1."""
    holds: Literal["names", "labels", "numbers", "nothing"]
    examples: list[str]
    learnt: Literal["name", "label", "weight"] | None
    """What it is learnt as."""


class PreviewResponse(ResponseModel):
    """What an upload would be read as."""

    corpus: CorpusFacts | None
    problem: Problem | None
    """Why nothing would be learnt."""
    columns: list[ColumnResponse]
    """Of a table, 200 at most: to choose from."""


@dataclass(frozen=True)
class ProgressResponse(Reading):
    """The progress of a training; null is unknown."""

    samples: list[str] | None = None
    """By the best mixture so far: names that are not in the list, or beginnings of a text."""


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


def corpus_response(id: str, corpus: Corpus) -> CorpusResponse:
    return CorpusResponse(id=id, **facts(corpus))


def model_response(entry: Entry) -> ModelResponse:
    model, held_out = entry.model, entry.model.training.get("held_out")
    return ModelResponse(
        id=entry.id,
        name=entry.name,
        kind=model.kind,
        description=describe(model.distribution),
        characters="".join(sorted(set().union(*model.vocabulary.characters))),
        unit=model.vocabulary.unit,
        symbols=None if model.vocabulary.segmentation.plain else list(model.vocabulary.characters),
        separator=model.vocabulary.segmentation.separator,
        documents=len(model.known),
        held_out=float(held_out) if isinstance(held_out, int | float) else None,
        labels=model.labels,
        longest=int(model.training.get("longest", model.default_length)),
        source=entry.source,
    )


def model_detail_response(entry: Entry) -> ModelDetailResponse:
    return ModelDetailResponse(**vars(model_response(entry)), training=without_curves(entry.model.training))
