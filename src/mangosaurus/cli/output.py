"""How a command gives its results: as text, JSON or a table, on standard output or in a file. Written once for all."""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mangosaurus.cli.streams import say
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.core.options import option

if TYPE_CHECKING:
    from mangosaurus.core.table import Table

Manner = Literal["text", "json", "csv", "tsv"]
MANNERS: tuple[Manner, ...] = ("json", "csv", "tsv")
"""Those that have an option of their own."""
ENDINGS: dict[str, Manner] = {".txt": "text", ".json": "json", ".csv": "csv", ".tsv": "tsv"}
"""What the ending of a file says. A name without one is a file of text."""


@dataclass(frozen=True)
class Output:
    """The options of results. Raises OptionError if they contradict each other."""

    json: bool = option(False, "Print one JSON object instead.")
    csv: bool = option(False, "Print a table instead: CSV with a header.")
    tsv: bool = option(False, "Print a table instead: values separated by TABs, with a header.")
    out: Path | None = option(
        None,
        "Write the results to this file. Its ending, .txt, .json, .csv or .tsv, says how.",
        metavar="FILE",
    )
    force: bool = option(False, "Replace the output file if it exists.")

    def __post_init__(self) -> None:
        named = [each for each in MANNERS if getattr(self, each)]
        if len(named) > 1:
            raise OptionError.of("{} and {} are both given; choose one", *map(Option, named[:2]))
        if self.out is None:
            return
        ending = self.out.suffix.lower()
        said = ENDINGS.get(ending)
        if not named and ending and said is None:
            raise OptionError.of(
                "{out} is {!r}, and no results end in {}: end it in .txt, .json, .csv or .tsv", str(self.out), ending
            )
        if named and said not in (None, named[0]):
            other = Option(named[0])
            raise OptionError.of(
                "{out} is {!r}, which does not end like {}: leave one of them out", str(self.out), other
            )

    @property
    def manner(self) -> Manner:
        """How the results are given."""
        named = next((each for each in MANNERS if getattr(self, each)), None)
        return named or ENDINGS.get(self.out.suffix.lower() if self.out else "", "text")

    def check(self, *reads: str | Path | None) -> None:
        """Raises OutputError, before any work, if the file cannot be written or is one that the command `reads`."""
        if self.out is not None:
            from mangosaurus.core.files import check_writable

            check_writable(self.out, self.force, reads)

    def show(
        self, lines: Callable[[], Iterable[str]], table: Callable[[], Table], as_dict: Callable[[], dict[str, Any]]
    ) -> None:
        """Prints or writes the results: as `lines` of text, as one JSON object, or as a table.

        Raises OutputError if they cannot be written.
        """
        if self.manner == "json":
            pieces: Iterable[str] = (json_module.dumps(as_dict(), ensure_ascii=False), "\n")
        elif self.manner == "text":
            pieces = (f"{line}\n" for line in lines())
        else:
            pieces = table().lines("," if self.manner == "csv" else "\t")
        with self.writing() as put:
            put("".join(pieces))

    @contextmanager
    def writing(self) -> Iterator[Callable[[str], None]]:
        """What prints a piece of the results at once, or writes it to the file, which is there at the end.

        Raises OutputError if they cannot be written. After any error, the file is what it was before.
        """
        if self.out is None:
            yield _print
            return
        from mangosaurus.cli.signals import stoppable
        from mangosaurus.core.files import writing

        # Signals that would end the process at once leave no temporary file.
        with stoppable() as stop, stop.at_once(), writing(self.out, self.force) as put:
            yield lambda piece: put(piece.encode("utf-8", "backslashreplace"))
        say(f"the results are in {self.out}")


def _print(piece: str) -> None:
    sys.stdout.write(piece)
    sys.stdout.flush()
