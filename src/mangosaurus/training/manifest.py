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
    read = {
        name: None if each is None else {"summary": each.summary(), "digest": each.digest()}
        for name, each in (("corpus", corpus), ("holdout", holdout))
    }
    return {"versions": versions(), "options": asdict(settings), **read}


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
    try:
        torch = version("torch")
    except PackageNotFoundError:
        torch = None
    return {"mangosaurus": __version__, "numpy": np.__version__, "torch": torch}


def check_manifest(ours: Mapping[str, Any], theirs: Mapping[str, Any], folder: Path) -> None:
    """Raises CheckpointError, with what differs, unless both manifests are of one run. `resumed` checks the options."""
    try:
        for name, here in ours["versions"].items():
            there = theirs["versions"][name]
            if here != there:
                raise CheckpointError(
                    f"the run in {folder} was begun with {name} {there}, and this is {here}: install that, or begin a "
                    "new run"
                )
        for what in ("corpus", "holdout"):
            here, there = ours[what], theirs[what]
            if here is None and there is not None:
                raise CheckpointError(f"the run in {folder} has a {what}, {there['summary']}: name it again")
            if here is not None and there is None:
                raise CheckpointError(f"the run in {folder} has no {what}: leave it out to resume")
            if here is not None and here["digest"] != there["digest"]:
                alike = ", alike in size but not in content" if here["summary"] == there["summary"] else ""
                raise CheckpointError(
                    f"the run in {folder} has another {what}: {there['summary']}; and this is {here['summary']}{alike}"
                )
    except (KeyError, TypeError, AttributeError) as error:
        why = plain(repr(error))
        raise CheckpointError(f"the checkpoint in {folder} is damaged ({why}); begin a new run") from error
