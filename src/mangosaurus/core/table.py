"""Results as tables: CSV, TSV, and data frames of pandas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mangosaurus.core.errors import MissingExtraError

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Table:
    """A header and rows. None stands where there is nothing to say."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    """Each as long as `columns`."""

    @classmethod
    def of(cls, columns: Iterable[str], records: Iterable[Mapping[str, Any]]) -> Table:
        """These `columns` of the records; None where a record lacks one."""
        columns = tuple(columns)
        return cls(columns, [tuple(record.get(column) for column in columns) for record in records])

    def lines(self, delimiter: str = ",") -> Iterator[str]:
        r"""The header and the rows as the csv module writes them, each with a line feed at its end.

        A cell is quoted if it holds the delimiter, a quotation mark or the end of a line. None is an empty cell, and
        numbers have all their digits. Names stay as they are: no cell is altered for spreadsheets.
        """
        line = io.StringIO()
        # With this terminator, Python 3.11 quotes cells that hold \r too.
        writer = csv.writer(line, delimiter=delimiter, lineterminator="\r\n")
        for row in (self.columns, *self.rows):
            writer.writerow(row)
            yield line.getvalue()[:-2] + "\n"
            line.seek(0)
            line.truncate()

    def to_frame(self) -> DataFrame:
        """The same as a data frame. Raises MissingExtraError if pandas is not installed."""
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError(
                "a data frame needs pandas, which is not installed: run pip install pandas"
            ) from error
        return pd.DataFrame(list(self.rows), columns=list(self.columns))
