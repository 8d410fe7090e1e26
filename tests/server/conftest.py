"""The application that most tests here ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from applications import Client, running


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running(tmp_path_factory.mktemp("keep") / "kept") as client:
        yield client
