"""A few hundred damaged inputs of each kind, the same in every run; `python -m benchmarks.fuzzing` reads thousands."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from fuzz_targets import TARGETS
from fuzz_uses import FINE, ExecutedError, nothing_executed

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("name", "count"), [("models", 120), ("wishes", 10), ("corpora", 200), ("counts", 60)])
def test_damaged_inputs_are_refused_in_a_line_or_good(name: str, count: int, tmp_path: Path) -> None:
    target, path = TARGETS[name], tmp_path / "input"
    for data in target.good():  # so that what is imported only when it is needed is there
        path.write_bytes(data)
        target.use(path)
    fine = 0
    for number in range(count):
        what, data = target.make(random.Random(f"{name} 0 {number}"))
        path.write_bytes(data)
        with nothing_executed(target.forbidden):
            try:
                fine += target.use(path) == FINE
            except (Exception, ExecutedError) as error:
                error.add_note(f"number {number} of seed 0: {what}; {data[:200]!r}")
                raise
    assert 0 < fine < count
