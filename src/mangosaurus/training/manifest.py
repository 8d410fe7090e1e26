"""The manifest of a run: what a checkpoint must agree with to be resumed.

versions    of Mangosaurus, NumPy and torch
options     see settings.Settings
corpus      its `summary` and the `digest` of its content
holdout     the same, or null
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from mangosaurus.core.errors import CheckpointError, plain
from mangosaurus.core.version import __version__
from mangosaurus.data.corpus import Corpus
from mangosaurus.training.settings import Settings


def manifest_of(settings: Settings, corpus: Corpus, holdout: Corpus | None) -> dict[str, Any]:
    """The manifest of a run."""
    return {
        "versions": versions(),
        "options": asdict(settings),
        "corpus": _described(corpus),
        "holdout": None if holdout is None else _described(holdout),
    }


def settings_of(manifest: Mapping[str, Any], folder: Path) -> Settings:
    """The settings in a manifest. Raises CheckpointError if there are none."""
    try:
        options = manifest["options"]
        if set(options) != {each.name for each in fields(Settings)}:
            raise ValueError("other options")
        return Settings(**options)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"the checkpoint in {folder} is damaged: it names no options; begin a new run") from error


@cache
def versions() -> dict[str, str | None]:
    """Of Mangosaurus, and of what the last digit of a model depends on."""
    found: dict[str, str | None] = {"mangosaurus": __version__, "numpy": np.__version__}
    try:
        found["torch"] = version("torch")
    except PackageNotFoundError:
        found["torch"] = None
    return found


def check_manifest(ours: Mapping[str, Any], theirs: Mapping[str, Any], folder: Path) -> None:
    """Raises CheckpointError, with what differs, unless both are manifests of one run. Options: see `resumed`."""
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
