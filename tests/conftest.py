"""Fixtures for all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def reference() -> Callable[[str], Path]:
    """Return a function from a reference file's name to its path; it skips the test where the file is absent.

    The files are looked for in `$MANGOSAURUS_DATA` and in `../shared/data` beside the project.
    """

    def find(name: str) -> Path:
        folders = [Path(__file__).resolve().parents[2] / "shared" / "data"]
        if "MANGOSAURUS_DATA" in os.environ:
            folders.insert(0, Path(os.environ["MANGOSAURUS_DATA"]))
        for folder in folders:
            if (folder / name).is_file():
                return folder / name
        pytest.skip(f"reference file {name} is absent; set MANGOSAURUS_DATA to the folder that holds it")

    return find
