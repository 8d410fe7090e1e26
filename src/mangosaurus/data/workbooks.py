"""Workbooks of Excel and LibreOffice (.xlsx, .xls, .ods): the first sheet that is not empty is a table."""

from __future__ import annotations

import io
from typing import Any

from mangosaurus.core.briefly import few
from mangosaurus.core.errors import CorpusError, MissingExtraError, plain
from mangosaurus.data.tables import Table, place_of, table_of

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins an .xls file, and other old documents."""
MOST = 1 << 30
"""Bytes of a workbook, unpacked."""


def is_workbook(data: bytes) -> bool:
    """Whether the bytes of a source are a workbook's."""
    if data.startswith(OLD):
        return True
    if not data.startswith(b"PK\x03\x04"):
        return False
    import zipfile  # here, because a sample starts sooner without it

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError):
        return False
    return "xl/workbook.xml" in names or "xl/workbook.bin" in names or b"opendocument.spreadsheet" in kind


def is_workbook_begun(data: bytes) -> bool:
    """Whether the first bytes of a source are perhaps a workbook's."""
    return data.startswith((OLD, b"PK\x03\x04"))


def refuse_sheet(source: str, sheet: str | None) -> None:
    """Raises CorpusError if a sheet is asked for of a source that is no workbook."""
    if sheet is not None:
        raise CorpusError.of("{sheet} is {!r}, and {} is no workbook: leave it out", sheet, source)


def read_workbook(data: bytes, source: str, sheet: str | None = None) -> Table:
    """The table of a workbook's sheet, by its name or number from 1; by default of the first that is not empty.

    Raises CorpusError if it cannot be read or has no such sheet, and MissingExtraError without its reader.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise MissingExtraError(
            f"{source} is a workbook, and reading it needs python-calamine, which is not installed: run pip install "
            '"mangosaurus[workbook]", or save the workbook as CSV'
        ) from None
    if data.startswith(b"PK"):
        import zipfile

        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(each.file_size for each in archive.infolist()) > MOST:
                raise CorpusError(f"{source} is a workbook of more than {MOST // 2**20:,} MB; save it as CSV")
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            (name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in workbook.sheet_names
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise CorpusError(f"{source} is no workbook that can be read: {str(error)[:100]}; save it as CSV") from None
    filled = [(name, rows) for name, rows in sheets if any(any(_field(cell) for cell in row) for row in rows)]
    name, rows = next(iter(filled), ("", [])) if sheet is None else _sheet(sheet, sheets, source)
    if (name, rows) not in filled:
        raise CorpusError(f"{source} is empty: there is no name to learn from")
    table = table_of(source, ((number, [_field(cell) for cell in row]) for number, row in enumerate(rows, start=1)))
    if len(filled) > 1 and sheet is None:
        others = few([other for other, _ in filled[1:]], 5, 40)
        table.notes.append(f"only its sheet {plain(name, 40)} is read, not {others} (`sheet` to choose)")
    return table


def _sheet(asked: str, sheets: list[tuple[str, list[list[Any]]]], source: str) -> tuple[str, list[list[Any]]]:
    """The sheet that is asked for. Raises CorpusError if there is none."""
    names = [name for name, _ in sheets]
    place = place_of(asked, names)
    if place is not None:
        return sheets[place]
    raise CorpusError.of("{} has no {sheet} {!r}; it has {}", source, asked, plain(", ".join(names)))


def _field(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split("\n")).strip()
