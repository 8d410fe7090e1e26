"""Standard input, output and error of the commands: UTF-8, even if the program that reads them exits early.

Results go to standard output. If their reader exits, as `head` does, the command ends as if SIGPIPE had killed it.
Notes go to standard error. If nobody reads them, the command continues.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from mangosaurus.core.errors import OutputError

OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)")
"""What a terminal obeys instead of printing it: control characters except TAB and line ends, and changes of direction.
Lone surrogates, which UTF-8 cannot encode, are included."""
READER_GONE = {errno.EPIPE, errno.EINVAL} if os.name == "nt" else {errno.EPIPE}
"""The errors of a write that nobody reads."""


class ReaderLeft(BaseException):
    """Nobody reads standard output any more. Not an Exception, so that only `main` catches it."""


def shown(text: str) -> str:
    r"""`text` with whatever a terminal would obey escaped, such as \x1b."""
    return OBEYED.sub(lambda match: repr(match[0])[1:-1], text)


def say(line: str) -> None:
    """Prints one line on standard error. Line breaks in it, as in a file name, are escaped."""
    print(shown(line.replace("\n", "\\n")), file=sys.stderr, flush=True)


def print_json(result: object) -> None:
    """Prints one JSON object on standard output."""
    print(json.dumps(result, ensure_ascii=False))


def print_lines(lines: Iterable[str]) -> None:
    """Prints results on standard output, at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def display() -> TextIO:
    """Standard error for code that draws with escape codes. It must pass untrusted text through `shown` itself."""
    return cast(TextIO, sys.stderr.stream) if isinstance(sys.stderr, _Shown) else sys.stderr


@contextmanager
def opened() -> Iterator[None]:
    r"""Prepares the three standard streams for a command, and restores the old objects afterwards; they stay UTF-8.

    All are UTF-8, and lines end in LF, on every platform and in every locale. A lone surrogate, as in a file name that
    is not UTF-8, is written as \udcff, which JSON can read.

    Writing to standard output raises ReaderLeft if nobody reads it, and OutputError if it cannot be written. Writing to
    standard error never fails, and escapes what a terminal would obey.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    # In this order, a closed descriptor gets its own number again. Otherwise the next file would get it.
    sys.stdin = _utf_8(sys.stdin or _failing(os.O_WRONLY, "r"), errors="surrogateescape")
    out = sys.stdout or _failing(os.O_RDONLY, "w")
    if isinstance(getattr(out, "buffer", None), io.RawIOBase):
        # With PYTHONUNBUFFERED, Python drops the rest of a partial write, as when the reader exits.
        out = open(out.fileno(), "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
    out = _utf_8(out, errors="backslashreplace", newline="\n")
    err = _utf_8(sys.stderr or _failing(os.O_RDONLY, "w"), errors="backslashreplace", newline="\n")
    sys.stdout = cast(TextIO, _Careful(out, _end))
    sys.stderr = cast(TextIO, _Shown(_Careful(err, lambda error: None)))
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


@contextmanager
def results_shown() -> Iterator[None]:
    """Escapes results by `shown` if they go to a terminal. Elsewhere they stay unchanged."""
    before = sys.stdout
    if before.isatty():
        sys.stdout = cast(TextIO, _Shown(before))
    try:
        yield
    finally:
        sys.stdout = before


def _failing(flags: int, mode: str) -> TextIO:
    """A stream that fails like a closed one: the null device, opened for the wrong direction."""
    return cast(TextIO, open(os.open(os.devnull, flags), mode, encoding="utf-8", closefd=False))


def _utf_8(stream: TextIO, **how: Any) -> TextIO:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", **how)
    return stream


def _end(error: OSError) -> None:
    if error.errno in READER_GONE:
        raise ReaderLeft from error
    raise OutputError(f"the output cannot be written: {error.strerror or error}") from error


class _Passing:
    """A stream that passes everything on to another one."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _Shown(_Passing):
    """A stream that escapes its text: see `shown`."""

    def write(self, text: str) -> int:
        self.stream.write(shown(text))
        return len(text)


class _Careful(_Passing):
    """A stream that calls `failed` when a write fails. Later writes are discarded."""

    def __init__(self, stream: Any, failed: Callable[[OSError], None]) -> None:
        super().__init__(stream)
        self._failed = failed

    def write(self, text: str) -> int:
        self._try(lambda: self.stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._try(self.stream.flush)

    def _try(self, do: Callable[[], object]) -> None:
        try:
            do()
        except OSError as error:
            # The rest of the buffer, and the output of subprocesses, must not fail again.
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self.stream.fileno())
                os.close(nowhere)
            self._failed(error)
