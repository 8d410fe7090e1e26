"""Standard input, output and error as the commands use them: UTF-8, and ready for a reader that leaves.

Results go to standard output. If the program that reads them leaves, as `head` does, the command ends as one that
SIGPIPE kills. Remarks go to standard error. They are a courtesy: if nobody reads them, the command goes on.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any, ParamSpec, TextIO, TypeVar, cast

from mangosaurus.core.errors import OutputError

P = ParamSpec("P")
T = TypeVar("T")

OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)")
"""What a terminal obeys instead of printing it: control characters but TAB and ends of lines, and changes of direction.
Halves of surrogate pairs, which UTF-8 lacks, are among them."""
READER_GONE = {errno.EPIPE, errno.EINVAL} if os.name == "nt" else {errno.EPIPE}
"""What the system answers when nobody reads what is written."""


class ReaderLeft(BaseException):
    """Nobody reads standard output any more. Not an Exception: no handler but that of `main` is to take it."""


def shown(text: str) -> str:
    r"""`text` for people: what a terminal would obey is escaped, such as \x1b."""
    return OBEYED.sub(lambda match: repr(match[0])[1:-1], text)


def say(line: str) -> None:
    """Prints one line on standard error. A line break within it, perhaps of a file's name, is escaped."""
    print(shown(line.replace("\n", "\\n")), file=sys.stderr, flush=True)


def display() -> TextIO:
    """Standard error for what draws with escape codes; it has to pass text from elsewhere through `shown` itself."""
    return cast(TextIO, sys.stderr.stream) if isinstance(sys.stderr, _Shown) else sys.stderr


@contextmanager
def opened() -> Iterator[None]:
    r"""The three standard streams, made ready for a command. Afterwards they are the old objects; those stay UTF-8.

    All are UTF-8, and lines end in LF, whatever the locale, the environment and the platform. Half of a surrogate pair,
    as in a file name that is not UTF-8, is written as \udcff, which JSON reads back.

    Writing to standard output raises ReaderLeft if nobody reads it, and OutputError if it cannot be written. Writing to
    standard error never fails, and what a terminal would obey is shown.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    # In this order, a closed descriptor gets its own number again; otherwise the command's next file would get it.
    sys.stdin = _utf_8(sys.stdin or _failing(os.O_WRONLY, "r"), errors="surrogateescape")
    out = sys.stdout or _failing(os.O_RDONLY, "w")
    if isinstance(getattr(out, "buffer", None), io.RawIOBase):
        # With PYTHONUNBUFFERED, Python drops the rest of what the system writes in part, as when the reader leaves.
        out = open(out.fileno(), "w", buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
    out = _utf_8(out, errors="backslashreplace", newline="\n")
    err = _utf_8(sys.stderr or _failing(os.O_RDONLY, "w"), errors="backslashreplace", newline="\n")
    sys.stdout = cast(TextIO, _Careful(out, _end))
    sys.stderr = cast(TextIO, _Shown(_Careful(err, lambda error: None)))
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before


def shows(command: Callable[P, T]) -> Callable[P, T]:
    """The command, whose results are `shown` where they go to a terminal. Elsewhere they are data, and stay as is."""

    @wraps(command)
    def showing(*args: P.args, **kwargs: P.kwargs) -> T:
        before = sys.stdout
        if before.isatty():
            sys.stdout = cast(TextIO, _Shown(before))
        try:
            return command(*args, **kwargs)
        finally:
            sys.stdout = before

    return showing


def _failing(flags: int, mode: str) -> TextIO:
    """In place of a closed stream one that fails as that would: the null device, opened the wrong way round."""
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
    """A stream that does what another one does."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _Shown(_Passing):
    """A stream for people: see `shown`."""

    def write(self, text: str) -> int:
        self.stream.write(shown(text))
        return len(text)


class _Careful(_Passing):
    """A stream that calls `failed` when it cannot be written. From then on, what is written goes nowhere."""

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
            # What is still in the buffer, and what child processes say, must not fail once more.
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self.stream.fileno())
                os.close(nowhere)
            self._failed(error)
