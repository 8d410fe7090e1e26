"""Turns a corpus into training examples: lists of ids, shuffled as in the exercise."""

from collections.abc import Mapping, Sequence

import numpy as np

from mangosaurus.classic.parameters import FloatArray

END = "\n"
Example = tuple[list[int | None], list[int]]  # X and Y of one name


def names_of(data: str | Sequence[str]) -> list[str]:
    """Return the names of a corpus: a string with one name a line, or a list of names; strips blanks.

    A line break at the end of the string ends the last name; no empty name follows.

    Raises:
        ValueError: a name is empty, or there are fewer than two names.
    """
    lines = data.removesuffix(END).split(END) if isinstance(data, str) else data
    names = [line.strip() for line in lines]
    if len(names) < 2:
        raise ValueError(
            f"the data holds {len(names)} name(s); at least 2 are needed, as lines of a string or as a list"
        )
    for number, name in enumerate(names):
        if not name:
            raise ValueError(
                f"name {number} (counted from 0, of {len(names)}) is empty; "
                "remove empty names, for instance with [name for name in names if name.strip()]"
            )
        if END in name:
            raise ValueError(f"name {number} is {name!r}, with a line break in it; split it into two names")
    return names


def lines_of(data: str | Sequence[str]) -> list[str]:
    """Return the names of a corpus with their line breaks; the last name has one only if the data ends in one.

    Items of a list keep their own line breaks, as `readlines` returns them. In a list without any, as
    `split("\\n")` returns it, every name but the last gets one.

    Raises:
        ValueError: a name is empty, or there are fewer than two names.
    """
    names = names_of(data)
    if isinstance(data, str):
        ended = [True] * (len(names) - 1) + [data.endswith(END)]
    elif any(line.endswith(END) for line in data):
        ended = [line.endswith(END) for line in data]
    else:
        ended = [True] * (len(names) - 1) + [False]
    return [name + END * end for name, end in zip(names, ended, strict=True)]


def check_vocabulary(char_to_ix: Mapping[str, int], ix_to_char: Mapping[int, str], vocab_size: int) -> None:
    """Raise an error unless the dictionaries are each other's inverse over the ids 0 … vocab_size - 1.

    Raises:
        ValueError: says which id or character is at fault.
    """
    if len(char_to_ix) != vocab_size:
        raise ValueError(
            f"vocab_size is {vocab_size}, but char_to_ix has {len(char_to_ix)} characters; "
            f"pass vocab_size={len(char_to_ix)}"
        )
    if END not in char_to_ix:
        raise ValueError(f"char_to_ix has no {END!r}, which ends every name; add it")
    for character, index in char_to_ix.items():
        if not 0 <= index < vocab_size:
            raise ValueError(f"char_to_ix[{character!r}] is {index}; allowed is 0 to {vocab_size - 1}")
        if ix_to_char.get(index) != character:
            raise ValueError(
                f"char_to_ix[{character!r}] is {index}, but ix_to_char[{index}] is "
                f"{ix_to_char.get(index)!r}; the two must be each other's inverse"
            )


def shuffled_indices(names: Sequence[str], char_to_ix: Mapping[str, int]) -> list[list[int]]:
    """Return the names as lists of ids, shuffled by NumPy's global generator with seed 0, as in the exercise.

    Raises:
        ValueError: a character is not in `char_to_ix`.
    """
    examples = list(names)
    np.random.seed(0)
    np.random.shuffle(examples)
    try:
        return [[char_to_ix[character] for character in name] for name in examples]
    except KeyError:
        name, character = next((n, c) for n in names for c in n if c not in char_to_ix)
        known = "".join(sorted(char_to_ix))
        raise ValueError(
            f"character {character!r} of {name!r} is not in char_to_ix, which knows {known!r}; "
            "lower-case or clean the names, or build char_to_ix from them"
        ) from None


def check_indices(X: Sequence[int | None], Y: Sequence[int], vocab_size: int) -> None:
    """Raise an error if `X` and `Y` are empty, differ in length, or hold an id outside 0 … vocab_size - 1.

    Raises:
        ValueError: says the lengths or the id. `None` is allowed in `X`.
    """
    if len(X) != len(Y) or not len(X):
        raise ValueError(f"X has {len(X)} symbols and Y has {len(Y)}; both must have as many, 1 or more")
    for index in (*X, *Y):
        if index is not None and not 0 <= index < vocab_size:
            raise ValueError(f"X and Y hold the id {index}; allowed is 0 to {vocab_size - 1}, and None in X")


def one_hot(index: int | None, size: int) -> FloatArray:
    """Return the column (size, 1) of zeros with a 1 at `index`; all zeros for `None`."""
    column = np.zeros((size, 1))
    if index is not None:
        column[index] = 1
    return column
