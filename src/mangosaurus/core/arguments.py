"""Arguments of the public functions: a misspelt keyword or a value of a wrong type is refused in one line.

Types are those of the annotations. NumPy's numbers become Python's. A tuple, an array, a column of a table or a
generator becomes a list.
"""

from __future__ import annotations

import builtins
import inspect
import os
import reprlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import suppress
from difflib import get_close_matches
from functools import cache, wraps
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin

import numpy as np

from mangosaurus.core.errors import Option, OptionError

Function = TypeVar("Function", bound=Callable[..., Any])
WORDS: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "a string",
    bool: "True or False",
    os.PathLike: "a path",
    Callable: "a function",
    Mapping: "a dict",
    Set: "a set",
    tuple: "a pair of whole numbers",
}
PRINTED = (str, bytes, Real, NoneType, list, tuple, set, dict, os.PathLike)
"""What a message shows as it is. It names only the type of other things, such as a table."""


def checked(function: Function) -> Function:
    """The function, with its arguments checked: TypeError names the nearest known keyword, OptionError a wrong type."""
    signature = inspect.signature(function)

    @wraps(function)
    def call(*args: Any, **given: Any) -> Any:
        for word in given:
            if word not in signature.parameters:
                options = [option for option in signature.parameters if option not in ("self", "cls")]
                nearest = get_close_matches(word, options, 1, 0.5)
                meant = f"did you mean {nearest[0]!r}?" if nearest else f"it has {', '.join(options)}"
                raise TypeError(f"{function.__qualname__}() has no option {word!r}; {meant}")
        try:
            bound = signature.bind(*args, **given)
        except TypeError:
            return function(*args, **given)  # it raises the usual TypeError: an argument is missing, or too many
        for name, hint in _hints(function).items():
            if name in bound.arguments:
                several = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
                value = bound.arguments[name]
                bound.arguments[name] = tuple(_items(name, [*value], hint)) if several else fitting(name, value, hint)
        return function(*bound.args, **bound.kwargs)

    return cast(Function, call)


def fitting(name: str, value: Any, hint: Any) -> Any:
    """`value`, converted to a type such as `int | None`. Raises OptionError, with `name`, if it is no such value."""
    try:
        return _as(name, value, hint)
    except TypeError:
        raise OptionError(Option(name), f" is {shown(value)}; it must be {_or(_words(hint))}") from None


def listed(name: str, value: Any) -> list[Any]:
    """The items of a list, or of another iterable.

    Raises OptionError for a table, which iterates over its column names only, and for a set, whose order changes from
    run to run. Raises TypeError for a string, bytes, a dict or a number.
    """
    columns = getattr(value, "columns", None)
    if columns is not None:
        named = [column for column in columns if isinstance(column, str)] or ["name"]
        column = "name" if "name" in named else named[0]
        raise OptionError(
            Option(name), f' is {shown(value)}, a table; give one of its columns, such as frame["{column}"]'
        )
    if isinstance(value, set | frozenset):
        raise OptionError(Option(name), " is a set, which has no order; give a list, such as sorted(names)")
    if isinstance(value, str | bytes | bytearray | Mapping) or not isinstance(value, Iterable):
        raise TypeError
    return [*value]


def shown(value: Any) -> str:
    """What was received, in a few words."""
    return reprlib.repr(value) if isinstance(value, PRINTED) else _a(type(value).__name__)


def _as(name: str, value: Any, hint: Any) -> Any:
    """`fitting`, but with a plain TypeError for a value of another type."""
    kind, inside = get_origin(hint) or hint, get_args(hint)
    if kind in (Union, UnionType):
        for each in inside:
            with suppress(TypeError):
                return _as(name, value, each)
        raise TypeError
    truth = isinstance(value, bool | np.bool)
    if kind in (int, float) and isinstance(value, Integral if kind is int else Real) and not truth:
        return int(value) if isinstance(value, Integral) else float(value)
    if kind is bool and truth:
        return bool(value)
    if kind is Iterable:
        return _items(name, listed(name, value), inside[0])
    if kind is Set and isinstance(value, Set):
        return _items(name, [*value], inside[0])
    if kind is tuple and inside[1:] == (...,) and isinstance(value, list | tuple):
        return tuple(_items(name, [*value], inside[0]))
    if kind is tuple and isinstance(value, list | tuple) and len(value) == len(inside):
        return tuple(_as(name, item, each) for item, each in zip(value, inside, strict=True))
    if kind is Literal and isinstance(value, type(inside[0])):
        return value  # the function itself checks the word
    unfit = isinstance(kind, type) and kind is not Any and not isinstance(value, kind)
    if unfit or kind in (int, float, bool, Iterable, Set, tuple, Literal):
        raise TypeError
    return value


def _items(name: str, items: list[Any], hint: Any) -> list[Any]:
    """The items of a list, each converted to the type."""
    found = []
    for place, item in enumerate(items, start=1):
        try:
            found.append(_as(name, item, hint))
        except TypeError:
            must = f" is {shown(item)}; each must be {_or(_words(hint))}"
            raise OptionError(f"item number {place:,} of ", Option(name), must) from None
    return found


def _words(hint: Any) -> list[str]:
    """What may be given: a phrase for each type of a union."""
    kind, inside = get_origin(hint) or hint, get_args(hint)
    if kind in (Union, UnionType):
        return [*dict.fromkeys(word for each in inside for word in _words(each))]
    if kind is NoneType:
        return []
    if kind is Iterable:
        return ["a list of " + _or([f"{word.split(' ', 1)[-1]}s" for word in _words(inside[0])])]
    if kind is tuple and inside[1:] == (...,):
        return ["a list of " + _or([f"{word.split(' ', 1)[-1]}s" for word in _words(inside[0])])]
    if kind is Literal:
        return [repr(inside[0])] if len(inside) == 1 else [f"one of {', '.join(map(str, inside))}"]
    return [WORDS.get(kind) or _a(kind.__name__)]


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def _or(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The types of a function's parameters. Names that are imported for mypy alone, and corpora, may be anything."""
    names = defaultdict(lambda: Any, vars(builtins) | function.__globals__ | {"CorpusLike": Any})
    texts = inspect.get_annotations(function)
    return {name: eval(text, {}, names) for name, text in texts.items() if name != "return"}
