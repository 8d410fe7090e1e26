"""What a client may ask, as pydantic models: the words of the command line, with underscores for hyphens.

Whether a value makes sense for the model is the library's to say; here are its kind and the limits.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from mangosaurus.server.limits import Limits

MOST = Limits()

Wish = Annotated[str, Field(max_length=MOST.wish_length)]
Label = Wish | Annotated[dict[Wish, Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=MOST.wishes)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Length = Annotated[int, Field(le=MOST.name_length)]
Seed = Annotated[int, Field(ge=0, le=2**64 - 1)]
Id = Annotated[str, Field(max_length=100)]


QUOTED = r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
OPTION = re.compile(
    QUOTED
    + r"|(?P<usage> \(--[a-z-]+ [A-Z]+\))"
    + r"|(?<![\w-])(?:--no-(?P<off>[a-z]+)|--(?P<option>[a-z]+(?:-[a-z]+)*)"
    + r"|(?P<plain>(?:top|min|max|not|avoid|allow)-(?:k|p|length|like|parts|known|duplicates))(?![\w-]))"
)


def in_fields(text: str) -> str:
    """A message of the library as a client of HTTP reads it: `max_length` where the command line has `--max-length`.

    What is quoted in it, such as a client's own text, stays. `--no-labels` becomes `labels=false`, and how an option is
    given to a command, ` (--training FILE)`, is left out.
    """

    def field(match: re.Match[str]) -> str:
        if match["usage"]:
            return ""
        if match["off"]:
            return f"{match['off']}=false"
        return (match["option"] or match["plain"] or "").replace("-", "_") or match[0]

    return OPTION.sub(field, text)


class Asked(BaseModel):
    """Strict: no text for a number, and no option that there is not."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")


class Drawing(Asked):
    """How each character is drawn."""

    temperature: Number = Field(1.0, description="Below 1 more usual, above 1 more daring; 0 is the likeliest.")
    top_k: Annotated[int, Field(le=1_000_000)] | None = Field(
        None, description="Draw from the k likeliest characters only."
    )
    top_p: Number | None = Field(None, description="Draw from the likeliest that make up this probability.")
    min_p: Number | None = Field(None, description="Draw from those at least this fraction as likely as the likeliest.")
    seed: Seed | None = Field(None, description="The same seed gives the same answer; without one, one is drawn.")


class Wishes(Asked):
    """What names are to be like: all of it always holds."""

    prefix: Wish = Field("", description="What they begin with.")
    suffix: Wish = Field("", description="What they end with.")
    contains: list[Wish] = Field([], max_length=MOST.wishes, description="What they have inside.")
    pattern: list[Wish] = Field(
        [], max_length=MOST.wishes, description="Regular expressions that the whole of each matches."
    )
    min_length: Length | None = Field(None, description="The fewest characters.")
    max_length: Length | None = Field(None, description="The most characters.")
    length: Wish | Length | None = Field(None, description='Both at once: "6..12", "6..", "..12" or 8.')
    without: Wish = Field("", description="Characters that they do not have.")
    avoid: list[Wish] = Field([], max_length=MOST.avoid, description="Names that must not come out.")
    avoid_parts: bool = Field(False, description="Nor may those stand anywhere inside a name.")
    not_like: Length | None = Field(None, description="At least so many edits from every name of the training list.")
    training: Id | None = Field(
        None, description="The id of the corpus that the model was trained on, for not_like and best, if not here."
    )
    label: Label | None = Field(
        None, description='Of a model with labels: "elf", or a blend, {"elf": 0.6, "orc": 0.4}.'
    )

    @field_validator("length")
    @classmethod
    def _not_too_long(cls, length: str | int | None) -> str | int | None:
        if isinstance(length, str) and any(int(number) > MOST.name_length for number in re.findall("[0-9]+", length)):
            raise ValueError(f"at most {MOST.name_length:,} characters can be asked for")
        return length


class SampleAsked(Wishes, Drawing):
    """New names."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        json_schema_extra={"examples": [{"n": 5, "prefix": "Tyr", "temperature": 0.8}]}
    )

    n: Annotated[int, Field(ge=1, le=10 * MOST.names)] | None = Field(
        None, description="How many, 20 if not given; with best, of how many, 1000 if not given."
    )
    best: Annotated[int, Field(ge=1, le=MOST.names)] | None = Field(
        None, validate_default=True, description="Keep the best so many."
    )
    method: Literal["independent", "gumbel"] = "independent"
    allow_known: bool = Field(False, description="Keep names of the training list.")
    allow_duplicates: bool = Field(False, description="Keep repeated names.")

    @field_validator("best")
    @classmethod
    def _enough(cls, best: int | None, info: ValidationInfo) -> int | None:
        if best is None and (info.data.get("n") or 0) > MOST.names:
            raise ValueError(f"without it, n is at most {MOST.names:,}")
        return best


class TopAsked(Wishes):
    """The most probable names."""

    model_config: ClassVar[ConfigDict] = ConfigDict(json_schema_extra={"examples": [{"n": 5, "suffix": "raptor"}]})

    n: Annotated[int, Field(ge=1, le=MOST.names)] = 20
    new: bool = Field(False, description="Skip names of the training list.")


class WriteAsked(Drawing):
    """A text continued."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        json_schema_extra={"examples": [{"prompt": "Shall I ", "length": 40, "fold": True}]}
    )

    prompt: Annotated[str, Field(max_length=MOST.prompt_length)] = ""
    length: Annotated[int, Field(le=MOST.text_length)] = Field(400, description="The most characters to write.")
    until: Wish | None = Field(None, description="Stop behind the first of this text.")
    fold: bool = Field(False, description="Let the model read its own characters for others.")
    label: Label | None = Field(None, description="Of a model with labels.")


class ScoreAsked(Asked):
    """Names or texts whose every character's surprise is wanted."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        json_schema_extra={"examples": [{"texts": ["Tyrannosaurus", "Xqzt"]}]}
    )

    texts: list[Annotated[str, Field(max_length=MOST.scored_length)]] = Field(min_length=1, max_length=MOST.texts)

    @field_validator("texts")
    @classmethod
    def _not_too_much(cls, texts: list[str]) -> list[str]:
        if sum(map(len, texts)) > MOST.scored_length:
            raise ValueError(f"they have more than {MOST.scored_length:,} characters together")
        return texts


class PredictAsked(Asked):
    """A name whose every next character is to be predicted."""

    model_config: ClassVar[ConfigDict] = ConfigDict(json_schema_extra={"examples": [{"text": "Tyr", "most": 5}]})

    text: Annotated[str, Field(max_length=MOST.predicted_length)]
    most: Annotated[int, Field(ge=1, le=100)] = Field(10, description="So many of the most probable at each position.")
