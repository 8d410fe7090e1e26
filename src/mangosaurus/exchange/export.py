"""To what else a model can be written, and which of it a path means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mangosaurus.errors import OptionError
from mangosaurus.storage import Contents


@dataclass(frozen=True)
class Target:
    """A kind of file that models can be exported to."""

    suffixes: tuple[str, ...]
    """How the names of such files end, in lower case."""
    write: Callable[[Contents, Path, bool], tuple[str, ...]]
    """Writes a model to a path, replacing a file if so told; returns what to know of the file, a line each."""


def _onnx(model: Contents, path: Path, overwrite: bool) -> tuple[str, ...]:
    from mangosaurus.exchange.onnx import write_onnx

    return write_onnx(model, path, overwrite)


def _html(model: Contents, path: Path, overwrite: bool) -> tuple[str, ...]:
    from mangosaurus.exchange.webpage import write_webpage

    return write_webpage(model, path, overwrite)


TARGETS: dict[str, Target] = {
    "onnx": Target((".onnx",), _onnx),
    "html": Target((".html", ".htm"), _html),
}
"""By the word that `--to` takes. What each needs is imported when it is written."""


def target_of(path: Path, to: str | None) -> Target:
    """What is to be written: `to`, or without it what the end of the path's name says.

    Raises OptionError if `to` is not a target, or the name does not end as such a file's does.
    """
    if to is not None and to not in TARGETS:
        raise OptionError(f"to is {to!r}; it must be one of {', '.join(TARGETS)}")
    for name, target in TARGETS.items():
        if path.suffix.lower() in target.suffixes and to in (None, name):
            return target
    ends = " or ".join(suffix for name, target in TARGETS.items() if to in (None, name) for suffix in target.suffixes)
    raise OptionError(f"out is {str(path)!r}; a name{f' for {to}' if to else ''} must end in {ends}")
