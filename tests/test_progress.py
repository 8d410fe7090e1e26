"""What a look at a fit says: speed and time left from one look to the next."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from examples import small_ngram, so_far

from mangosaurus.api.progress import SHARE, Meter, Previews, Reading, preview
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.training.status import Progress, Status


def test_what_is_not_known_yet_is_none_and_never_nan() -> None:
    status = Status("counting", 100.0)
    assert Meter(10, None).read(status, 103.0) == Reading("counting", 3.0, 7.0)
    assert Meter(10, 500).read(status, 103.0) == Reading("counting", 3.0)
    status.stage, status.progress = "training", Progress()
    found = Meter(10, None).read(status, 112.0)
    assert found == Reading("training", 12.0, 0.0, network=1, step=0)
    json.dumps(asdict(found), allow_nan=False)


def test_speed_and_time_left_of_a_run_by_steps() -> None:
    meter, progress = Meter(10, 100), Progress(steps=100)
    status = Status("training", 0.0, progress=progress)
    progress.step, progress.symbols = 10, 1000
    assert meter.read(status, 5.0).left is None
    progress.step, progress.symbols, progress.loss, progress.held_out = 30, 5000, 2.5, 2.25
    status.so_far = so_far(small_ngram(), 1.75)
    found = meter.read(status, 7.0)
    # 20 steps took 2 seconds, and 70 are left; 4,000 symbols were read in those 2 seconds.
    assert found == Reading("training", 7.0, 7.0, 1, 30, 100, 2.5, 1.75, 2.25, 2000.0)
    status.member, status.progress = 1, Progress(step=40, steps=100, symbols=10)
    assert meter.read(status, 8.0) == Reading("training", 8.0, None, 2, 40, 100, held_out=1.75)


def test_a_preview_is_of_what_has_been_learnt_so_far() -> None:
    status = Status("training", 0.0)
    assert preview(status, 3, seed=1) == []
    status.so_far = so_far(small_ngram())
    names = preview(status, 3, seed=1, length=5)
    assert len(names) == 3
    assert all(0 < len(name) <= 5 for name in names)
    assert names == preview(status, 3, seed=1, length=5)
    assert names != preview(status, 3, seed=2, length=5)
    known = DocumentHashes.of(names[:2])
    new = preview(status, 3, seed=1, length=5, known=known)
    assert new
    assert not {*new} & {*names[:2]}


@pytest.mark.usefixtures("clock")  # by which every preview takes a hundredth of a second
@pytest.mark.parametrize(("seconds", "later"), [(2.0, 2.0), (0.0, 0.01 * SHARE)])
def test_previews_take_a_small_share_of_the_time(seconds: float, later: float) -> None:
    status, previews = Status("counting", 0.0, so_far=so_far(small_ngram())), Previews(3, 20, seconds)
    assert previews.look(status, 0.0) == []
    status.stage = "training"
    first = previews.look(status, 1.0)
    assert len(first) == 3
    assert previews.look(status, 0.99 + later) == []
    second = previews.look(status, 1.01 + later)
    assert len(second) == 3
    assert second != first
