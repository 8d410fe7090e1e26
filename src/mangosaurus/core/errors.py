"""What can go wrong: subclasses of MangosaurusError, which is a ValueError.

Every message is one line that says what was received and what to do about it; the command line prints just that line.
A message names options by `Option`, so that each reader sees them in their own words: `max_length` in Python and HTTP,
`--max-length` on the command line.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter
from typing import Self

REFUSALS = ("allocate memory", "out of memory", "not enough memory", "failed to map segment", "can't start new thread")
"""Parts of what a library says, in small letters, when the system refuses memory to it."""


def lacks_memory(error: BaseException) -> bool:
    """Whether the system refused memory: to Python, to a library that is loaded, or to torch."""
    told = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
    return told or any(words in str(error).lower() for words in REFUSALS)


def plain(text: object, most: int = 300) -> str:
    """Text of a file, for a message: one line without control characters, cut after `most` characters."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text)[: most + 1])
    return shown if len(shown) <= most else shown[:most] + "…"


@dataclass(frozen=True)
class Option:
    """The name of an option in a message, or one value of it: `Option("labels", False)`. As text, it is Python's."""

    name: str
    value: object = None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}={self.value!r}"


Message = tuple[str | Option, ...]
"""The parts of a message."""
Spelling = Callable[[Option], str]
"""How a reader writes an option."""


def spelled(message: Message, spelling: Spelling = str) -> str:
    """A message as a reader writes options."""
    return "".join(spelling(part) if isinstance(part, Option) else part for part in message)


def in_json(option: Option) -> str:
    """How a client of HTTP writes an option: `labels=false`."""
    return option.name if option.value is None else f"{option.name}={json.dumps(option.value, ensure_ascii=False)}"


class MangosaurusError(ValueError):
    """The base of every error that Mangosaurus raises on purpose.

    The parts of its message are text and options: `OptionError(Option("n"), f" is {n}; it must be 1 or more")`.
    """

    def __init__(self, *parts: str | Option) -> None:
        super().__init__(*parts)
        self.parts = parts

    @classmethod
    def of(cls, template: str, *values: object) -> Self:
        """The error with an option for each `{name}` of the template, and the values for each `{}` in turn.

        `OptionError.of("{max_length} is {}; it must be {:,} or less", length, most)`
        """
        parts: list[str | Option] = []
        left = iter(values)
        for text, name, spec, conversion in Formatter().parse(template):
            parts.append(text)
            if name:
                parts.append(Option(name))
            elif name is not None:
                value = next(left)
                shown = repr(value) if conversion == "r" else value
                parts.append(value if isinstance(value, Option) else format(shown, spec or ""))
        return cls(*parts)

    def __str__(self) -> str:
        return self.spelled(str)

    def spelled(self, spelling: Spelling) -> str:
        """The message as a reader writes options."""
        return spelled(self.parts, spelling)

    @property
    def as_json(self) -> list[dict[str, object]]:
        """The parts that are not empty, as JSON: `{"text": ...}`, or `{"option": ..., "value": ...}`."""
        return [
            {"option": part.name, "value": part.value} if isinstance(part, Option) else {"text": part}
            for part in self.parts
            if part != ""
        ]

    @property
    def option(self) -> str | None:
        """The name of the first option that the message mentions; None if it mentions none."""
        return next((part.name for part in self.parts if isinstance(part, Option)), None)


class CorpusError(MangosaurusError):
    """The corpus is missing, empty, or not text."""


class ModelFileError(MangosaurusError):
    """The model file is missing, truncated, of another format or of a newer version."""


class CheckpointError(MangosaurusError):
    """There is no checkpoint to resume, or it is damaged, or of another corpus, configuration or version."""


class OptionError(MangosaurusError):
    """An option has a value that is not allowed."""


class UnknownCharacterError(MangosaurusError):
    """A text has a character outside the model's vocabulary."""


class VocabularyError(MangosaurusError):
    """The characters given cannot form a vocabulary."""


class OutputError(MangosaurusError):
    """The output path cannot be written."""


class OutputExistsError(OutputError):
    """The output path exists already, and must not be replaced."""


class ProcessLostError(MangosaurusError):
    """One of the processes that train together has ended, or cannot be reached."""


class MissingExtraError(MangosaurusError):
    """An optional part of Mangosaurus is not installed."""
