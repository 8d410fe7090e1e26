"""A list of names and a model of it, for all tests of the command line; they are read, and never written."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples import NAMES

import mangosaurus


@pytest.fixture(scope="session")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "names.txt"
    path.write_text("".join(f"{name}\n" for name in NAMES), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def model(names: Path) -> Path:
    path = names.with_name("names.safetensors")
    mangosaurus.fit(names, budget=0).save(path)
    return path
