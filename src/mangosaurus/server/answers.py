"""What the server answers, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from mangosaurus.model import describe, without_curves
from mangosaurus.server.models import Entry, Source
from mangosaurus.server.shapes import in_fields

Remark = Annotated[str, AfterValidator(in_fields)]


class Answer(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class About(Answer):
    version: str
    limits: dict[str, int | float]


class ModelAnswer(Answer):
    """A model of the shelf."""

    id: str
    name: str
    kind: Literal["names", "text"]
    description: str
    characters: str
    documents: int
    held_out: float | None
    """Nats per symbol."""
    labels: dict[str, int]
    longest: int
    source: Source


class ModelDetail(ModelAnswer):
    training: dict[str, Any]


class Models(Answer):
    models: list[ModelAnswer]


class Name(Answer):
    text: str
    nats_per_symbol: float | None
    inclusion: float | None = None


class Ranked(Answer):
    text: str
    score: float
    nats_per_symbol: float
    nearest: str
    edits: int


class Sampled(Answer):
    samples: list[Name]
    asked: int
    drawn: int
    seed: int
    probability: float | None = None
    exact: bool | None = None
    effective: float | None = None
    remarks: list[Remark]


class Best(Answer):
    best: list[Ranked]
    seed: int
    remarks: list[Remark]


class Probable(Answer):
    text: str
    probability: float
    log_probability: float
    nats_per_symbol: float


class TopFound(Answer):
    names: list[Probable]
    asked: int
    prefixes: int
    ended_early: bool
    summary: str


class SymbolScore(Answer):
    character: str
    """Empty for END."""
    nats: float | None
    """None where the model gives it no probability."""


class TextScore(Answer):
    text: str
    nats_per_symbol: float | None
    symbols: list[SymbolScore]
    known: bool
    odd: int | None = None
    """The place of the most surprising character of a name that does not fit among the others."""
    remark: str


class Scores(Answer):
    scores: list[TextScore]
    threshold: float | None


class Next(Answer):
    character: str
    """Empty for END."""
    probability: float


class Position(Answer):
    before: str
    character: str
    """What follows in the text; empty for END."""
    next: list[Next]
    rest: float


class Predicted(Answer):
    positions: list[Position]


def model_answer(entry: Entry) -> ModelAnswer:
    return ModelAnswer(**_described(entry))


def model_detail(entry: Entry) -> ModelDetail:
    return ModelDetail(**_described(entry), training=without_curves(entry.model.training))


def _described(entry: Entry) -> dict[str, Any]:
    model, held_out = entry.model, entry.model.training.get("held_out")
    return {
        "id": entry.id,
        "name": entry.name,
        "kind": model.kind,
        "description": describe(model.distribution),
        "characters": "".join(model.vocabulary.characters),
        "documents": len(model.known),
        "held_out": float(held_out) if isinstance(held_out, int | float) else None,
        "labels": model.labels,
        "longest": int(model.training.get("longest", model.default_length)),
        "source": entry.source,
    }
