"""The formats that a model can be exported to, and which of them a path means."""

from __future__ import annotations

from pathlib import Path

from mangosaurus.core.errors import Option, OptionError
from mangosaurus.formats.native import Contents

SUFFIXES = {"onnx": (".onnx",), "html": (".html", ".htm"), "arpa": (".arpa",)}
"""How the names of files of each format end, in lower case."""


def format_of(path: Path, to: str | None) -> str:
    """The format to write: `to`, or without it what the path's suffix says.

    Raises OptionError if `to` is not a format, or the path has another suffix.
    """
    if to is not None and to not in SUFFIXES:
        raise OptionError(Option("to"), f" is {to!r}; it must be one of {', '.join(SUFFIXES)}")
    allowed = {suffix: name for name, ends in SUFFIXES.items() for suffix in ends if to in (None, name)}
    if path.suffix.lower() in allowed:
        return allowed[path.suffix.lower()]
    what = f"a name for {to}" if to else "a name"
    raise OptionError(Option("out"), f" is {str(path)!r}; {what} must end in {' or '.join(allowed)}")


def write_export(model: Contents, path: Path, to: str, overwrite: bool = False) -> tuple[str, ...]:
    """Writes a model in the format `to`; returns what to know of the file, a line each. Imports only what it needs."""
    if to == "onnx":
        from mangosaurus.formats.onnx import write_onnx

        return write_onnx(model, path, overwrite)
    if to == "arpa":
        from mangosaurus.formats.arpa import write_arpa

        return write_arpa(model, path, overwrite)
    from mangosaurus.formats.webpage import write_webpage

    return write_webpage(model, path, overwrite)
