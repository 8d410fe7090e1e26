"""Several processes that train one network: what they learn is what one learns."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from examples import NAMES
from hypothesis import given
from hypothesis import strategies as st

import mangosaurus
from mangosaurus.data import large
from mangosaurus.models.mixture import Mixture
from mangosaurus.training import recipe
from mangosaurus.training.distributed import broadcast, common, own_rows, rank, split_rows, world_size
from mangosaurus.training.large import counts as counting
from mangosaurus.training.status import Status

pytestmark = pytest.mark.slow

COMMON: dict[str, Any] = {"order": 1, "hidden": 16, "precision": "32", "seed": 5}
TEXT: dict[str, Any] = {"corpus": ["".join(NAMES * 40)], "format": "text", "steps": 14, "layers": 2} | COMMON
RUNS: list[dict[str, Any]] = [
    TEXT,
    {"corpus": NAMES * 6, "steps": 10, "batch": 7} | COMMON,
    {"corpus": NAMES * 6, "steps": 6, "batch": 1} | COMMON,
    {"corpus": NAMES * 6, "steps": 10, "cell": "transformer", "layers": 1} | COMMON,
]
"""With rows that the processes cannot share out evenly, and a single row for two of them."""
PROCESSES = 3
LOST = 1
"""The process that ends without a word."""
CODE = """
import json, os, sys
sys.path[:0] = json.loads(sys.argv[1])
import test_distributed
test_distributed.everything(sys.argv[2])
"""


def losses_of(run: dict[str, Any]) -> list[float]:
    """The running mean of the losses after every step."""
    losses: list[float] = []

    def watch(status: Status) -> None:
        if status.progress is not None and status.progress.step > len(losses):
            losses.append(status.progress.loss)

    mangosaurus.fit(**run, watch=watch)
    return losses


def free_port() -> int:
    """Not one of those that the system hands out: someone else could be given it before it is used."""
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


def everything(path: str) -> None:
    """Runs in every process. One start of them all serves every test here."""
    write_losses(path)
    break_off_and_go_on(path)
    count_for_a_time(path)
    lose_one()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where every process has written what it learnt; `0.err` and so on is what it said in the end."""
    folder = tmp_path_factory.mktemp("processes")
    (folder / "corpus.txt").write_text(TEXT["corpus"][0], encoding="utf-8")
    for number, done in enumerate(in_processes(PROCESSES, str(folder), {"XDG_CACHE_HOME": str(folder / "cache")})):
        assert done.returncode == (0 if number == LOST else 2), done.stderr
        (folder / f"{number}.err").write_text(done.stderr, encoding="utf-8")
    return folder


def in_processes(count: int, argument: str, environment: dict[str, str]) -> list[subprocess.CompletedProcess[str]]:
    """What `everything` does in so many processes that know of each other, as torchrun starts them."""
    port = free_port()
    folders = [str(Path(__file__).parent), str(Path(__file__).parent.parent), *filter(None, sys.path)]
    together = {"WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    jobs = [
        subprocess.Popen(
            [sys.executable, "-c", CODE, json.dumps(folders), argument],
            env=os.environ | environment | together | {"RANK": str(number), "LOCAL_RANK": str(number)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    try:
        said = [job.communicate() for job in jobs]
        return [
            subprocess.CompletedProcess(job.args, job.returncode, *each) for job, each in zip(jobs, said, strict=True)
        ]
    finally:  # a test that took too long leaves none behind
        for job in jobs:
            job.kill()


def write_losses(path: str) -> None:
    """Runs in every process."""
    Path(f"{path}/losses-{rank()}.json").write_text(json.dumps([losses_of(run) for run in RUNS]), encoding="utf-8")


def test_several_processes_learn_what_one_learns(written: Path) -> None:
    """Dropout included, for the masks are drawn for all rows everywhere."""
    expected = [losses_of(run) for run in RUNS]
    for number in range(PROCESSES):
        found = json.loads((written / f"losses-{number}.json").read_text(encoding="utf-8"))
        for one, several in zip(expected, found, strict=True):
            assert len(one) > 5
            np.testing.assert_allclose(several, one, atol=1e-4)


def break_off_and_go_on(path: str) -> None:
    """Runs in every process: a run that stops after six steps in the first one alone, and is taken up again twice."""
    stop = threading.Event()

    def watch(status: Status) -> None:
        if rank() == 0 and status.progress is not None and status.progress.step == 6:
            stop.set()

    mangosaurus.fit(**TEXT, checkpoint=f"{path}/broken", every=1000, watch=watch, stop=stop)
    if rank() == 0:
        shutil.copytree(f"{path}/broken", f"{path}/alone")
    mangosaurus.fit(TEXT["corpus"], resume=f"{path}/broken").save(f"{path}/{rank()}.safetensors")


def test_a_run_of_three_processes_is_taken_up_by_three_or_by_one(written: Path) -> None:
    """What is carried from window to window is put together from all, and shared out again; the second has rows of both
    networks."""
    expected = weights(mangosaurus.fit(**TEXT))
    by_three = [weights(mangosaurus.load(written / f"{number}.safetensors")) for number in range(PROCESSES)]
    by_one = weights(mangosaurus.fit(TEXT["corpus"], resume=written / "alone"))
    for found in (*by_three, by_one):
        np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_array_equal(by_three[0], by_three[2])


def weights(model: mangosaurus.Model) -> np.ndarray:
    assert isinstance(model.distribution, Mixture)
    network = model.distribution.networks[0]
    return np.concatenate(network.score([model.vocabulary.encode("".join(NAMES))]))


def count_for_a_time(path: str) -> None:
    """Runs in every process: of a corpus in a file, only the first one has no time to count more than the least."""
    stop = threading.Event()

    def watch(status: Status) -> None:
        if status.progress is not None and status.progress.step == 2:
            stop.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "LARGE", 1000)
        patch.setattr(counting, "SLICE", 8)
        patch.setattr(counting, "BYTES_A_SYMBOL", 10**6)
        patch.setattr(recipe, "SHARE_OF_BUDGET", 1e9 if rank() else 1e-9)
        corpus = Path(f"{path}/corpus.txt")
        model = mangosaurus.fit(corpus, format="text", budget=100, hidden=8, order=3, watch=watch, stop=stop)
    found = {"note": model.training["note"], "held_out": model.training["held_out"]}
    Path(f"{path}/counted-{rank()}.json").write_text(json.dumps(found), encoding="utf-8")


def test_all_count_as_much_of_a_large_corpus_as_the_first(written: Path) -> None:
    first, *others = (
        json.loads((written / f"counted-{number}.json").read_text(encoding="utf-8")) for number in range(PROCESSES)
    )
    assert others == [first] * 2
    assert first["note"].startswith("the n-gram has counted ")


def lose_one() -> None:
    """Runs in every process."""

    def watch(status: Status) -> None:
        if rank() == LOST and status.progress is not None and status.progress.step == 4:
            os._exit(0)

    from mangosaurus.__main__ import fail
    from mangosaurus.core.errors import MangosaurusError

    try:
        mangosaurus.fit(**TEXT, watch=watch)
    except MangosaurusError as error:
        fail(str(error))


def test_who_is_lost_is_missed_at_once(written: Path) -> None:
    lines = (written / "0.err").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("error: ")]
    assert line.startswith("error: process 0 of 3 has lost another one, and ends (")
    assert line.endswith("begin again with resume if there are checkpoints")


@given(rows=st.integers(0, 50), count=st.integers(1, 9))
def test_rows_are_shared_out_as_torch_does(rows: int, count: int) -> None:
    shared = split_rows(rows, count)
    assert [len(part) for part in shared] == [len(part) for part in torch.arange(rows).tensor_split(count)]
    assert [i for part in shared for i in part] == list(range(rows))


def test_rows_in_common() -> None:
    assert common(range(2, 8), range(4, 10)) == range(4, 8)
    assert not common(range(2, 4), range(6, 10))
    assert not common(range(4, 10), range(4))


def test_a_process_that_nobody_else_knows_of_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (rank(), world_size(), own_rows(7), broadcast(1.0, 2.0)) == (0, 1, range(7), (1.0, 2.0))
    monkeypatch.setenv("WORLD_SIZE", "4")  # without a rank, it is someone else's
    assert world_size() == 1
    monkeypatch.setenv("RANK", "2")
    assert (rank(), world_size(), own_rows(10)) == (2, 4, range(6, 8))
