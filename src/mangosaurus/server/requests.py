"""Requests as pydantic models: the records of options with the server's limits. The library checks the values."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, create_model, field_validator

from mangosaurus.core.casing import Language
from mangosaurus.core.errors import OptionError
from mangosaurus.core.options import About, about
from mangosaurus.core.units import Unit
from mangosaurus.data.corpus import Format, Labels
from mangosaurus.data.reading import Reading
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import MOST_STEERING, Drawing, SamplingParameters, Steering
from mangosaurus.server.limits import Limits
from mangosaurus.training.settings import Settings

MOST = Limits()

Text = Annotated[str, Field(max_length=MOST.constraint_length)]
Label = Text | Annotated[dict[Text, Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=MOST.constraints)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Length = Annotated[int, Field(le=MOST.name_length)]
Id = Annotated[str, Field(max_length=100)]
Texts = Annotated[list[Text], Field(max_length=MOST.constraints)]
Several = Annotated[
    Texts, BeforeValidator(lambda sent: [sent] if isinstance(sent, str) else sent, json_schema_input_type=Text | Texts)
]
"""One text, or a list of them."""
TYPES: dict[Any, Any] = {
    str: Text,
    float: Number,
    float | None: Number | None,
    str | None: Text | None,
    tuple[str, ...]: Texts,
}
"""By the type of an option, its type in a request."""
LIMITED: dict[str, Any] = {
    "prefix": Several,
    "suffix": Several,
    "min_length": Length | None,
    "max_length": Length | None,
    "length": Text | Length | None,
    "not_like": Length | None,
    "avoid": Annotated[list[Text], Field(max_length=MOST.avoid)] | None,
    "like": Annotated[list[Text], Field(max_length=MOST_STEERING)] | None,
    "unlike": Annotated[list[Text], Field(max_length=MOST_STEERING)] | None,
    "top_k": Annotated[int, Field(le=1_000_000)] | None,
    "seed": int | None,
    "labels": Literal["auto", "true", "false"],
}
"""Options of names, texts and lists that have a type of their own in a request."""
SETTINGS: dict[str, Any] = {
    "separator": Annotated[str, Field(max_length=MOST.symbol)],
    "inventory": Annotated[list[Annotated[str, Field(max_length=MOST.symbol)]], Field(max_length=MOST.symbols)] | None,
    "join": Annotated[str, Field(max_length=MOST.symbol)] | None,
    "budget": Annotated[str, Field(max_length=20)] | Number,
    "steps": Annotated[int, Field(ge=0, le=MOST.training_steps)] | None,
    "seed": int,
    "prior": bool,
    "cell": Literal["rnn", "gru", "lstm"],
    "hidden": Annotated[int, Field(ge=1, le=MOST.hidden)] | None,
    "layers": Annotated[int, Field(ge=1, le=MOST.layers)] | None,
    "order": Annotated[int, Field(ge=1, le=MOST.order)] | None,
    "members": Annotated[int, Field(ge=1, le=MOST.members)] | None,
}
"""The training settings that a client may choose."""
LATE = {"Format": Format, "Labels": Labels}
"""Types that a record imports for mypy alone."""
LABELS: dict[str, Labels] = {"auto": None, "true": True, "false": False}


class RequestModel(BaseModel, strict=True, extra="forbid"):
    """Strict: no text for a number, and no unknown option."""


def options_of(*records: type[Any], chosen: dict[str, Any] | None = None) -> type[RequestModel]:
    """The model of a request that has the options of these records, or only those `chosen`, by their types."""
    found: dict[str, Any] = {}
    for record in records:
        hints = get_type_hints(record, localns=LATE) if chosen is None else chosen
        for each in (each for each in fields(record) if each.name in hints):
            hint, known = hints[each.name], about(each)
            kind = hint if chosen else LIMITED.get(each.name, TYPES.get(hint, hint))
            default: Any = [] if each.default == () else each.default
            default = "auto" if default is None and get_origin(kind) is Literal else default
            extra = partial(_describe, known)
            found[each.name] = kind, Field(default, description=known.help, json_schema_extra=extra)
    return create_model("Options", __base__=RequestModel, **found)


def _example(**options: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [options]})


def _describe(known: About, schema: dict[str, Any]) -> None:
    """Puts an option's limits into its JSON schema. The library checks them."""
    number = schema.get("anyOf", [schema])[0]
    for name, limit in (("minimum", known.least), ("maximum", known.most)):
        if limit is not None:
            number.setdefault(name, limit)


class ConstraintsRequest(options_of(Constraints)):  # type: ignore[misc]
    """Constraints: all of them hold."""

    training: Id | None = Field(
        None, description="The id of the corpus that the model was trained on, for not_like and best, if not here."
    )
    label: Label | None = Field(
        None, description='For a model with labels: "elf", or a blend, {"elf": 0.6, "orc": 0.4}.'
    )

    @field_validator("length")
    @classmethod
    def _not_too_long(cls, length: str | int | None) -> str | int | None:
        if isinstance(length, str) and any(int(number) > MOST.name_length for number in re.findall("[0-9]+", length)):
            raise ValueError(f"at most {MOST.name_length:,} characters can be asked for")
        return length


class SampleRequest(options_of(SamplingParameters, Steering, Drawing), ConstraintsRequest):  # type: ignore[misc]
    """New names."""

    model_config: ClassVar[ConfigDict] = _example(n=5, prefix="Tyr", temperature=0.8)

    n: Annotated[int, Field(ge=1, le=10 * MOST.names)] | None = Field(
        None, description="How many, by default 20; with best, of how many, by default 1000."
    )
    best: Annotated[int, Field(ge=1, le=MOST.names)] | None = Field(
        None, validate_default=True, description="Keep this many, the best."
    )

    @field_validator("best")
    @classmethod
    def _enough(cls, best: int | None, info: ValidationInfo) -> int | None:
        if best is None and (info.data.get("n") or 0) > MOST.names:
            raise ValueError(f"without it, n is at most {MOST.names:,}")
        return best


def _with_short_lists(request: type[RequestModel]) -> type[RequestModel]:
    """The same request with short lists: an address has little room."""
    short = Annotated[list[Text], Field(max_length=MOST.constraints)] | None
    lists = {
        name: (short, Field(field.default, description=field.description))
        for name, field in request.model_fields.items()
        if "list[" in str(field.annotation)
    }
    return create_model("Short", __base__=request, **lists)  # type: ignore[call-overload, no-any-return]


class SampleQuery(_with_short_lists(SampleRequest)):  # type: ignore[misc]
    """The same in a query, where everything is text."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=False)

    label: Text | None = Field(None, description='For a model with labels: "elf", or a blend, "elf:0.6,orc:0.4".')


class LikeRequest(SampleRequest):
    """New names like those of a list; `unlike` and its strength steer the model that is made of them."""

    model_config: ClassVar[ConfigDict] = _example(like=["Galadriel", "Elrond", "Legolas"], n=5, prefix="E")

    like: Annotated[list[Text], Field(min_length=1, max_length=MOST.like)] = Field(description="Names to resemble.")


class TopRequest(options_of(Steering), ConstraintsRequest):  # type: ignore[misc]
    """The most probable names."""

    model_config: ClassVar[ConfigDict] = _example(n=5, suffix="raptor")

    n: Annotated[int, Field(ge=1, le=MOST.names)] = 20
    new: bool = Field(False, description="Skip names of the training list.")


class WriteRequest(options_of(SamplingParameters)):  # type: ignore[misc]
    """A text continued."""

    model_config: ClassVar[ConfigDict] = _example(prompt="Shall I ", length=40, fold=True)

    prompt: Annotated[str, Field(max_length=MOST.prompt_length)] = ""
    length: Annotated[int, Field(le=MOST.text_length)] = Field(
        400, description="Maximum number of characters to write."
    )
    until: Text | None = Field(None, description="Stop after this text first occurs.")
    fold: bool = Field(False, description="Replace unknown characters of the prompt by the nearest known ones.")
    label: Label | None = Field(None, description="For a model with labels.")


class ReadingQuery(options_of(Reading)):  # type: ignore[misc]
    """How what is sent is read. In a query everything is text."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=False)
    language: Language | None = Field(None, description="With lowercase: by the rules of this language.")

    @property
    def given(self) -> dict[str, Any]:
        """The options that `reading_of` makes the record of. Raises OptionError for a language without lowercase."""
        given: dict[str, Any] = self.model_dump(exclude_unset=True)
        language = given.pop("language", None)
        if language is not None and not given.get("lowercase"):
            raise OptionError.of("{language} is {!r}, and nothing is lower-cased: it goes with {lowercase}", language)
        return given | {
            "labels": LABELS[given.get("labels", "auto")],
            "lowercase": language or given.get("lowercase", False),
        }


class ScoreRequest(RequestModel):
    """Names or texts to score, character by character."""

    model_config: ClassVar[ConfigDict] = _example(texts=["Tyrannosaurus", "Xqzt"])

    texts: list[Annotated[str, Field(max_length=MOST.scored_length)]] = Field(min_length=1, max_length=MOST.texts)
    unit: Unit = Field("nats", description="Of the surprisals; it is in the names of their fields.")

    @field_validator("texts")
    @classmethod
    def _not_too_much(cls, texts: list[str]) -> list[str]:
        if sum(map(len, texts)) > MOST.scored_length:
            raise ValueError(f"they have more than {MOST.scored_length:,} characters together")
        return texts


class PredictRequest(RequestModel):
    """A text to predict, character by character."""

    model_config: ClassVar[ConfigDict] = _example(text="Tyr", most=5)

    text: Annotated[str, Field(max_length=MOST.predicted_length)]
    most: Annotated[int, Field(ge=1, le=100)] = Field(10, description="How many characters to return at each position.")


class TrainingRequest(options_of(Settings, chosen=SETTINGS)):  # type: ignore[misc]
    """What to train on, how long, and how large. The rest follows from the corpus and the budget."""

    model_config: ClassVar[ConfigDict] = _example(corpus="dinosaurs", budget=0)

    corpus: Id = Field(description='The id of an upload, or "dinosaurs".')
    name: Annotated[str, Field(max_length=100)] = Field("", description="The model's name.")
