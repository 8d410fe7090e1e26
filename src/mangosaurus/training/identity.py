"""Which run a checkpoint belongs to: its options, its corpus and the versions that it was begun with.

versions    of Mangosaurus, NumPy and torch
options     see OPTIONS
corpus      its `summary` and the `digest` of its content
holdout     the same, or null
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from mangosaurus.corpus import Corpus
from mangosaurus.errors import CheckpointError, OptionError, plain
from mangosaurus.version import __version__

OPTIONS: dict[str, Any] = {
    "budget": 10.0,
    "steps": None,
    "members": None,
    "seed": 0,
    "cell": "lstm",
    "hidden": None,
    "layers": None,
    "order": None,
    "batch": None,
    "device": "auto",
    "precision": "auto",
    "memory": None,
    "format": "auto",
    "lowercase": False,
    "labels": None,
    "label_column": None,
    "name_column": None,
}
"""The options of a run, with what they are if they are not given."""


def agreed(given: Mapping[str, Any], folder: Path, heading: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the run that `heading` is of; `given` are those stated anew, None where they are not.

    Raises OptionError if one says otherwise, and CheckpointError if the heading is none.
    """
    theirs = heading.get("options")
    if not isinstance(theirs, dict) or set(theirs) != set(OPTIONS) or not all(map(_like, theirs, theirs.values())):
        raise CheckpointError(f"the checkpoint in {folder} is damaged: it names no options; begin a new run")
    if given.get("budget") is not None and theirs["steps"] is not None:
        raise OptionError(
            f"budget is {given['budget']:g} s, and the run in {folder} is of {theirs['steps']:,} steps: leave it out"
        )
    for name, value in given.items():
        if value is not None and value != theirs[name]:
            raise OptionError(
                f"{name.replace('_', '-')} is {value!r}, and the run in {folder} has {theirs[name]!r}: leave it out to "
                "resume, or begin a new run in another folder"
            )
    return dict(theirs)


def _like(name: str, value: Any) -> bool:
    """Whether a value is of the kind that such an option has."""
    if value is None:
        return OPTIONS[name] is None
    kinds: dict[str, tuple[type, ...]] = {"budget": (int, float), "lowercase": (bool,), "labels": (bool, str)}
    words = ("cell", "device", "precision", "format", "label_column", "name_column")
    kind = kinds.get(name, (str,) if name in words else (int,))
    return isinstance(value, kind) and (bool in kind or not isinstance(value, bool))


def heading_of(options: Mapping[str, Any], corpus: Corpus, holdout: Corpus | None) -> dict[str, Any]:
    """The heading of a run."""
    return {
        "versions": versions(),
        "options": dict(options),
        "corpus": _described(corpus),
        "holdout": None if holdout is None else _described(holdout),
    }


@cache
def versions() -> dict[str, str | None]:
    """Of Mangosaurus, and of what the last digit of a model depends on."""
    found: dict[str, str | None] = {"mangosaurus": __version__, "numpy": np.__version__}
    try:
        found["torch"] = version("torch")
    except PackageNotFoundError:
        found["torch"] = None
    return found


def check_heading(ours: Mapping[str, Any], theirs: Mapping[str, Any], folder: Path) -> None:
    """Raises CheckpointError, with what differs, unless both are headings of one run. Options: see `agreed`."""
    try:
        for name, here in ours["versions"].items():
            there = theirs["versions"][name]
            if here != there:
                raise CheckpointError(
                    f"the run in {folder} was begun with {name} {there}, and this is {here}: install that, or begin a "
                    "new run"
                )
        _check_corpus("corpus", ours["corpus"], theirs["corpus"], folder)
        if ours["holdout"] is None and theirs["holdout"] is not None:
            raise CheckpointError(f"the run in {folder} has a holdout, {theirs['holdout']['summary']}: name it again")
        if ours["holdout"] is not None and theirs["holdout"] is None:
            raise CheckpointError(f"the run in {folder} has no holdout: leave it out to resume")
        if ours["holdout"] is not None:
            _check_corpus("holdout", ours["holdout"], theirs["holdout"], folder)
    except (KeyError, TypeError, AttributeError) as error:
        why = plain(repr(error))
        raise CheckpointError(f"the checkpoint in {folder} is damaged ({why}); begin a new run") from error


def _check_corpus(what: str, ours: Mapping[str, str], theirs: Mapping[str, str], folder: Path) -> None:
    if ours["digest"] != theirs["digest"]:
        alike = ", alike in size but not in content" if ours["summary"] == theirs["summary"] else ""
        raise CheckpointError(
            f"the run in {folder} has another {what}: {theirs['summary']}; and this is {ours['summary']}{alike}"
        )


def _described(corpus: Corpus) -> dict[str, str]:
    return {"summary": corpus.summary(), "digest": corpus.digest()}
