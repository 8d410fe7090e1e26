"""`--column` where several files are given: it is that of whichever of them is a table that has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mangosaurus.core.errors import CorpusError, OptionError

if TYPE_CHECKING:
    from mangosaurus.data.corpus import Corpus


class Columns:
    """Reads files with the column that was asked for, if any was."""

    def __init__(self, column: str | None) -> None:
        self.column = column
        self._found = False
        self._error: CorpusError | None = None

    def read(self, source: str, reader: Callable[[str | None], Corpus]) -> Corpus:
        """What `reader` makes of the column; of none, if the source is no table that has it."""
        if self.column is None:
            return reader(None)
        try:
            read = reader(self.column)
        except CorpusError as error:
            self._error = self._error or error
            if source == "-":  # standard input can be read once
                raise
            try:
                return reader(None)
            except CorpusError:
                raise error from None
        self._found = True
        return read

    def check(self) -> None:
        """Raises CorpusError or OptionError if the column was nowhere to be found."""
        if self.column is not None and not self._found:
            raise self._error or OptionError.of(
                "{column} is {!r}, and no table is given: names that are typed have no columns", self.column
            )
