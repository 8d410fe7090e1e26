"""JSON: a list of names, rows of a table, or lists that the keys of an object label."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.data.tables import Names, Table, table_of

BEGINS = re.compile(r'\s*(?:\[\s*["\'\[{\]]|\[\s*(?:-?\d[\d.]*|null|true|false)\s*,|\{\s*["\'}])')
ASSIGNED = re.compile(r"\s*(?:(?:export\s+)?(?:const|let|var)\s+)?[A-Za-z_][\w.]*\s*(?::[^=\n]{1,40})?=\s*(?=[\[{(])")
MOST_LITERAL = 1_000_000
"""Characters of a Python list that is read; Python's own parser needs much memory."""
SHOWN = 60


def looks_like_json(text: str) -> bool:
    """Whether a text begins as JSON, a Python list or a list in a program does."""
    return BEGINS.match(text) is not None or (ASSIGNED.match(text) is not None and _unassigned(text) != text)


def _unassigned(text: str) -> str:
    """A list without `names = ` before it and a semicolon after it."""
    found = ASSIGNED.match(text)
    rest = text[found.end() :].strip().removesuffix(";").strip() if found else text
    return rest if rest[-1:] in ("]", "}", ")") and re.match(r"[\[{(]\s*[\"'\[{]", rest) else text


def read_json(text: str, source: str) -> Names | Table:
    """What is in JSON, JSON lines, or a list of Python or JavaScript.

    Raises CorpusError if it is broken, or holds no names.
    """
    value = _parsed(text, source)
    if isinstance(value, dict):
        return _object(value, source)
    return _list(value, source, "JSON")


def _parsed(text: str, source: str) -> Any:
    text = _unassigned(text).strip()
    try:
        return json.loads(text, parse_constant=str)
    except json.JSONDecodeError as error:
        first = error
    except ValueError:
        raise CorpusError(f"{source} is JSON with a number of too many digits; give a list of strings") from None
    except RecursionError:
        raise CorpusError(f"{source} is JSON that is nested too deeply; give a list of strings") from None
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1:
        try:
            return [json.loads(line.strip().removesuffix(","), parse_constant=str) for line in lines]
        except (ValueError, RecursionError):
            pass
    if len(text) <= MOST_LITERAL and "\0" not in text:
        try:
            value = ast.literal_eval(text)
            return [*value] if isinstance(value, tuple) else value
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            pass
    raise CorpusError(
        f"{source} looks like JSON, but line {first.lineno:,}, column {first.colno:,}, is not: {first.msg}; mend it, "
        "or learn whole lines by ",
        Option("format", "names"),
        ", or the text as it is by ",
        Option("format", "text"),
    )


def _object(value: dict[str, Any], source: str) -> Names | Table:
    lists = {key: item for key, item in value.items() if isinstance(item, list) and item}
    others = [key for key in value if key not in lists]
    left_out = f"; {_keys(others)} left out" if others else ""
    if len(lists) == 1:
        ((key, items),) = lists.items()
        return _list(items, source, f"JSON; learning its list {plain(key, SHOWN)}{left_out}")
    if lists:
        names = Names(labels=[])
        for key, items in lists.items():
            part = _list(items, source, "JSON")
            if not isinstance(part, Names):
                raise _shape(source, f"an object of lists of objects, {_keys([*lists])}")
            names.names += part.names
            names.labels = (names.labels or []) + [key.strip() or "-"] * len(part.names)
            names.notes += part.notes[1:]
        names.notes.insert(0, f"{source}: JSON; its lists {_keys([*lists])} are the labels of their names{left_out}")
        return names
    if value and all(not isinstance(item, dict | list) for item in value.values()):
        rows = [[_field(key), _field(item)] for key, item in value.items()]
        return table_of(source, enumerate(rows, start=1), False, "\t")
    if value and all(isinstance(item, dict) and _is_row(item) for item in value.values()):
        return _objects([{"key": key, **item} for key, item in value.items()], source)
    raise _shape(source, "an object without a list")


def _is_row(item: dict[str, Any]) -> bool:
    return bool(item) and not any(isinstance(each, dict) for each in item.values())


def _list(items: Sequence[Any], source: str, what: str) -> Names | Table:
    filled = [item for item in items if item is not None and item != ""]
    if filled and all(isinstance(item, str) for item in filled):
        empty = len(items) - len(filled)
        note = f"{source}: {what if what != 'JSON' else 'a list in JSON'}"
        return Names([_line(item) for item in filled], blank=empty, notes=[note])
    if filled and all(isinstance(item, dict) for item in filled):
        return _objects(filled, source)
    if filled and all(isinstance(item, list) for item in filled):
        rows = ([_field(each) for each in item] for item in filled)
        return table_of(source, enumerate(rows, start=1))
    kinds = sorted({type(item).__name__ for item in filled}) or ["nothing"]
    words = {"int": "numbers", "float": "numbers", "bool": "true or false", "str": "strings", "dict": "objects"}
    raise _shape(source, "a list of " + " and ".join(dict.fromkeys(words.get(kind, f"{kind}s") for kind in kinds)))


def _objects(items: Sequence[dict[str, Any]], source: str) -> Table:
    """The table of objects: a column for each key. The header is its first row."""
    keys = list(dict.fromkeys(key for item in items for key in item))

    def rows() -> Iterator[tuple[int, list[str]]]:
        yield 0, [key.strip() for key in keys]
        for number, item in enumerate(items, start=1):
            yield number, [_field(item.get(key)) for key in keys]

    return table_of(source, rows(), True)


def _field(value: Any) -> str:
    """A field of a table: of what is no scalar, nothing."""
    if value is None or isinstance(value, dict | list):
        return ""
    return _line(value) if isinstance(value, str) else str(value)


def _line(text: str) -> str:
    return " ".join(text.split("\n")).strip() if "\n" in text.strip() else text.strip()


def _keys(keys: Sequence[str]) -> str:
    return ", ".join(plain(key, 30) for key in keys[:6]) + (", …" if len(keys) > 6 else "")


def _shape(source: str, what: str) -> CorpusError:
    return CorpusError(
        f"{source} is JSON, {what}, and it is not clear what its names are; give a list of strings, a list of objects, "
        "or an object of lists"
    )
