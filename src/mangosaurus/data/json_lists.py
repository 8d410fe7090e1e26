"""JSON: a list of names, rows of a table, or lists that the keys of an object label. Lists of strings in programs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from mangosaurus.core.briefly import few
from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.data.tables import JOINT, NAME_COLUMNS, Names, Table, table_of

BEGINS = re.compile(
    r'\s*(?:\[\s*["\'\[{\]]|\[\s*(?:-?\d[\d.]*|null|true|false)\s*,|\[\s*(?:null|true|false)\s*\]|\{\s*["\'}]|\{\s*\w+\s*:\s*[\["\'{])'
)
ASSIGNED = re.compile(
    r"\s*(?:export\s+default\s+|(?:(?:export\s+)?(?:const|let|var)\s+)?[A-Za-z_$][\w.]*\s*(?::[^=\n]{1,40})?=\s*)"
    r"(?=[\[{(])"
)
COMMENT = re.compile(r"\s*(?:(?:#|//|--)[^\n]*|/\*.*?\*/|<\?php\b)", re.S)
STRING = r'"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*'|“[^”\n]*”"
KEY = re.compile(rf"({STRING}|[\"'“][^\n]*)|([{{,]\s*)([A-Za-z_$][\w$]*)\s*:")
OPENS = re.compile(r"[^\"'“`]{0,200}?[\[{(]\s*(?:(?:#|//)[^\n]*\n\s*)*(?=[\"'“])")
ITEM = re.compile(rf"({STRING})\s*(,?)(?:\s|(?:#|//)[^\n]*|/\*.*?\*/)*", re.S)
CLOSES = re.compile(r"[\s\])};,]*[\])}][\s\])};]*(?:\?>\s*)?")
LISP = re.compile(r"""[^"'“`]{0,200}?'?[(\[]\s*((?:"(?:[^"\\\n]|\\.)*"\s+)+"(?:[^"\\\n]|\\.)*")[\s\])]*""")
"""Strings with spaces between them in brackets, as Lisp has them."""
WORDS_OF_PERL = re.compile(r"(?:[\w\s@$]{1,80}=\s*)?\(?\s*qw\s*[(\[{/<]([^()\[\]{}/<>]+)[)\]}/>][\s);]*")
MOST_LITERAL = 1_000_000
"""Characters of a Python list that is read; Python's own parser needs much memory."""
MOST_COLUMNS = 1000
SHOWN = 60


class _Twice(Exception):
    """An object has a key twice."""


def looks_like_json(text: str) -> bool:
    """Whether a text begins as JSON, a Python list or a list in a program does, perhaps below comments."""
    text = text[_comments(text) :]
    return BEGINS.match(text) is not None or (ASSIGNED.match(text) is not None and _unassigned(text) != text)


def _comments(text: str) -> int:
    """Where the comments at the beginning end."""
    place = 0
    while found := COMMENT.match(text, place):
        place = found.end()
    return place


def _unassigned(text: str) -> str:
    """A list without `names = ` before it and a semicolon after it."""
    found = ASSIGNED.match(text)
    rest = text[found.end() :].strip().removesuffix(";").strip() if found else text
    return rest if rest[-1:] in ("]", "}", ")") and re.match(r"[\[{(]\s*(?:[\"'\[{]|\w+\s*:)", rest) else text


def listed_strings(text: str) -> list[str] | None:
    """The strings of a list in a program, such as `vec!["Anna", "Bo"]`, in any language; None if it is no such list.

    There is one list, of two strings or more, and nothing else but what assigns it and comments.
    """
    words = WORDS_OF_PERL.fullmatch(text, _comments(text))
    if words:
        return words[1].split()
    lisp = LISP.fullmatch(text, _comments(text))
    if lisp:
        return [_unquoted(found[0]) for found in re.finditer(STRING, lisp[1])]
    opening = OPENS.match(text, _comments(text)) if text[-40:].rstrip()[-1:] in "])};>" else None
    if opening is None:
        return None
    place, strings, ended = opening.end(), [], False
    while not ended and (item := ITEM.match(text, place)):
        strings.append(_unquoted(item[1]))
        place, ended = item.end(), not item[2]
    return strings if len(strings) > 1 and CLOSES.fullmatch(text, place) else None


def _unquoted(string: str) -> str:
    """What a string in a program stands for."""
    if "\\" in string and string[0] in "\"'":
        try:
            return str(json.loads(string) if string[0] == '"' else ast.literal_eval(string))
        except (ValueError, SyntaxError):
            pass
    return string[1:-1]


def read_json(text: str, source: str, skip_bad_lines: bool = False) -> Names | Table:
    """What is in JSON, JSON lines, or a list of Python or JavaScript.

    Raises CorpusError if it is broken, has a key twice, or holds no names.
    """
    try:
        value, left_out = _parsed(text, source, skip_bad_lines)
    except _Twice as error:
        raise CorpusError(
            f"{source} is JSON with the key {plain(str(error), SHOWN)} twice in an object; leave one out"
        ) from None
    found = _object(value, source) if isinstance(value, dict) else _list(value, source, "JSON")
    if left_out:
        found.notes.append(left_out if isinstance(found, Table) else f"{source}: {left_out}")
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; lists under the same key are one. Raises _Twice for other values."""
    made = dict(pairs)
    if len(made) < len(pairs):
        made = {}
        for key, value in pairs:
            if key in made and not (isinstance(made[key], list) and isinstance(value, list)):
                raise _Twice(key)
            made[key] = made[key] + value if key in made else value
    return made


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=str, object_pairs_hook=_pairs)


def _parsed(text: str, source: str, skip_bad_lines: bool) -> tuple[Any, str]:
    """The value, and what there is to say of lines that were left out."""
    begins, whole = _comments(text), text
    text = _unassigned("\n" * text.count("\n", 0, begins) + text[begins:])
    try:
        return _loads(text), ""
    except json.JSONDecodeError as error:
        first = error
    except ValueError:
        raise CorpusError(f"{source} is JSON with a number of too many digits; give a list of strings") from None
    except RecursionError:
        raise CorpusError(f"{source} is JSON that is nested too deeply; give a list of strings") from None
    strings = listed_strings(whole)
    if strings is not None:
        return strings, ""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    values, broken, place = [], 0, (first.lineno, first.colno, first.msg)
    for number, line in lines:
        try:
            values.append(_loads(line.strip().removesuffix(",")))
        except (ValueError, RecursionError) as error:
            broken += 1
            if values and broken == 1:
                place = number, getattr(error, "colno", 1), getattr(error, "msg", "nested too deeply")
            if broken > len(values):
                break
    if len(lines) > 1 and (not broken or (skip_bad_lines and broken < len(values))):
        lines_that_are = "line that is" if broken == 1 else "lines that are"
        return values, f"{broken:,} {lines_that_are} no JSON left out" if broken else ""
    if len(text) <= MOST_LITERAL and "\0" not in text:
        keyed = KEY.sub(lambda found: found[1] or f'{found[2]}"{found[3]}":', text.strip())
        try:
            value = ast.literal_eval(keyed)
            if isinstance(value, list | tuple | dict):
                return [*value] if isinstance(value, tuple) else value, ""
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            pass
    skip = (", or leave such lines out by ", Option("skip_bad_lines")) if 0 < broken < len(values) else ()
    raise CorpusError(
        f"{source} looks like JSON, but line {place[0]:,}, column {place[1]:,}, is not: {place[2]}; mend it",
        *skip,
        ", or learn whole lines by ",
        Option("format", "names"),
        ", or the text as it is by ",
        Option("format", "text"),
    )


def _object(value: dict[str, Any], source: str) -> Names | Table:
    inner = [item for item in value.values() if isinstance(item, dict)]
    if len(inner) == 1 and not any(isinstance(item, list) for item in value.values()):
        lists = [item for item in inner[0].values() if isinstance(item, list)]
        if lists or (len(value) == 1 and any(map(_has_lists, inner[0].values()))):
            return _object(inner[0], source)
    columns = len(inner) == len(value) > 1 and all(map(_counts_up, inner)) and len({*map(len, inner)}) == 1
    if columns:  # as pandas writes them
        value = {key: [*item.values()] for key, item in value.items()}
    lists_of = {key: item for key, item in value.items() if isinstance(item, list) and item}
    others = [key for key in value if key not in lists_of]
    left_out = f"; {few(others)} left out" if others else ""
    if len(lists_of) == 1:
        ((key, items),) = lists_of.items()
        return _list(items, source, f"JSON; learning its list {plain(key, SHOWN)}{left_out}")
    if lists_of and (columns or _are_columns(lists_of)):
        rows = zip(*lists_of.values(), strict=True)
        return _objects([dict(zip(lists_of, row, strict=True)) for row in rows], source)
    if lists_of:
        names = Names(labels=[])
        for key, items in lists_of.items():
            part = _list(items, source, "JSON")
            if not isinstance(part, Names):
                raise _shape(source, f"an object of lists of objects, {few([*lists_of])}")
            names.names += part.names
            names.labels = (names.labels or []) + [key.strip() or "-"] * len(part.names)
            names.notes += part.notes[1:]
        names.notes.insert(0, f"{source}: JSON; its lists {few([*lists_of])} are the labels of their names{left_out}")
        return names
    if value and all(not isinstance(item, dict | list) for item in value.values()):
        rows_of_two = [[_field(key), _field(item)] for key, item in value.items()]
        return table_of(source, enumerate(rows_of_two, start=1), False, "\t")
    if value and len(inner) == len(value) and all(map(_is_lists, inner)):
        return _object(
            {f"{key}{JOINT}{each}": items for key, item in value.items() for each, items in item.items()}, source
        )
    if value and len(inner) == len(value) and all(map(_is_row, inner)):
        return _objects([{"key": key, **item} for key, item in value.items()], source)
    raise _shape(source, "an object without a list")


def _has_lists(item: Any) -> bool:
    return isinstance(item, dict) and any(isinstance(each, list) for each in item.values())


def _counts_up(item: dict[str, Any]) -> bool:
    return len(item) > 1 and [*item] == [str(number) for number in range(len(item))]


def _are_columns(lists: dict[str, list[Any]]) -> bool:
    """Whether lists are the columns of a table: they are of one length, and one is called so, or is of numbers."""
    if len({*map(len, lists.values())}) > 1:
        return False
    called = any(key.strip().casefold() in NAME_COLUMNS for key in lists)
    strings = [all(isinstance(each, str | None) for each in items) for items in lists.values()]
    scalars = not any(isinstance(each, list | dict) for items in lists.values() for each in items)
    return scalars and (called or (any(strings) and not all(strings)))


def _is_lists(item: dict[str, Any]) -> bool:
    """Whether an object has lists of strings alone."""
    lists = [each for each in item.values() if isinstance(each, list)]
    return 0 < len(lists) == len(item) and all(isinstance(each, str) for one in lists for each in one)


def _is_row(item: dict[str, Any]) -> bool:
    return bool(item) and not any(isinstance(each, dict) for each in item.values())


def _list(items: Sequence[Any], source: str, what: str) -> Names | Table:
    filled = [item for item in items if item is not None and not (isinstance(item, str) and not item.strip())]
    if filled and all(isinstance(item, str) for item in filled):
        empty = len(items) - len(filled)
        note = f"{source}: {what if what != 'JSON' else 'a list in JSON'}"
        return Names([_line(item) for item in filled], blank=empty, notes=[note])
    if filled and all(isinstance(item, dict) for item in filled):
        return _objects(filled, source)
    if filled and all(isinstance(item, list) for item in filled):
        if any(isinstance(each, list | dict) for item in filled for each in item):
            raise _shape(source, "a list of lists with lists or objects in them")
        rows = ([_field(each) for each in item] for item in filled)
        return table_of(source, enumerate(rows, start=1))
    kinds = sorted({type(item).__name__ for item in filled})
    words = {"int": "numbers", "float": "numbers", "bool": "true or false", "str": "strings", "dict": "objects"}
    named = " and ".join(dict.fromkeys(words.get(kind, f"{kind}s") for kind in kinds))
    raise _shape(source, f"a list of {named}" if named else "an empty list")


def _objects(items: Sequence[dict[str, Any]], source: str) -> Table:
    """The table of objects: a column for each key, and for those of objects in them. The header is its first row."""
    flat = [_flat(item) if any(isinstance(each, dict) for each in item.values()) else item for item in items]
    keys = list(dict.fromkeys(key for item in flat for key in item))
    if len(keys) > MOST_COLUMNS:
        flat, keys = [*items], list(dict.fromkeys(key for item in items for key in item))
    if len(keys) > MOST_COLUMNS:
        raise _shape(source, f"objects of {len(keys):,} different keys")

    def rows() -> Iterator[tuple[int, list[str]]]:
        yield 0, [key.strip() for key in keys]
        for number, item in enumerate(flat, start=1):
            yield number, [_field(item.get(key)) for key in keys]

    return table_of(source, rows(), True)


def _flat(item: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """An object without objects in it: {"name": {"first": "Anna"}} has the key `name.first`."""
    flat: dict[str, Any] = {}
    for key, value in item.items():
        if isinstance(value, dict) and depth < 8:
            flat |= {f"{key}.{inner}": each for inner, each in _flat(value, depth + 1).items()}
        else:
            flat[key] = value
    return flat


def _field(value: Any) -> str:
    """A field of a table: of what is no scalar, nothing."""
    if value is None or isinstance(value, dict | list):
        return ""
    return _line(value) if isinstance(value, str) else str(value)


def _line(text: str) -> str:
    return " ".join(text.split("\n")).strip() if "\n" in text.strip() else text.strip()


def _shape(source: str, what: str) -> CorpusError:
    return CorpusError(
        f"{source} is JSON, {what}, and it is not clear what its names are; give a list of strings, a list of objects, "
        "or an object of lists"
    )
