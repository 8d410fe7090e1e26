"""A run that is broken off anywhere and resumed ends in the same file; what does not belong to it is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save as serialize

import mangosaurus
from mangosaurus.core.errors import CheckpointError, MangosaurusError, OptionError, OutputError
from mangosaurus.core.files import write
from mangosaurus.data.sources import bundled
from mangosaurus.training.batches import DataLoader, names, streams
from mangosaurus.training.checkpoint import CHECKSUM, ENTRY, checksum, latest, put_together, take_apart
from mangosaurus.training.status import Status
from mangosaurus.training.trainer import steps_of
from mangosaurus.training.training_state import to_arrays, to_tensors

NAMES = bundled().split()[:200]
LABELS = ["long" if len(name) > 11 else "short" for name in NAMES]
TEXT = [" ".join(NAMES * 2), " ".join(reversed(NAMES))]
FAMILIES: dict[str, dict[str, Any]] = {  # short n-grams, which are counted anew at every start
    "side by side": {"corpus": NAMES, "steps": 16, "members": 3, "hidden": 8, "seed": 3, "order": 3},
    "labels": {"corpus": NAMES, "labels": LABELS, "steps": 22, "members": 2, "hidden": 8, "order": 3},
    "text": {"corpus": TEXT, "format": "text", "steps": 24, "hidden": 16, "order": 3},
    "gru": {"corpus": TEXT, "format": "text", "steps": 22, "hidden": 8, "cell": "gru", "layers": 2, "order": 3},
    "rnn": {"corpus": NAMES, "steps": 22, "hidden": 8, "cell": "rnn", "holdout": NAMES[:5], "order": 3},
    "fine-tuned": {"corpus": NAMES[:24], "steps": 22, "members": 2, "order": 3},
    "fine-tuned with labels": {"corpus": NAMES[:24], "labels": LABELS[:24], "steps": 22, "members": 2, "order": 3},
}


class Killed(BaseException):
    """What stands for a process that is killed."""


def killing(after: int, stage: str = "training") -> Callable[[Status], None]:
    """Kills a run after so many steps."""
    left = [after]

    def watch(status: Status) -> None:
        left[0] -= status.stage == stage
        if left[0] == 0:
            raise Killed

    return watch


def saved(model: mangosaurus.Model, path: Path) -> bytes:
    model.save(path, overwrite=True)
    return path.read_bytes()


def broken_off(folder: Path, after: int = 9, **options: Any) -> None:
    with pytest.raises(Killed):
        mangosaurus.fit(options.pop("corpus", NAMES), checkpoint=folder, every=0, watch=killing(after), **options)


def stopped_at(folder: Path, step: int, **options: Any) -> mangosaurus.Model:
    """The model of a run that is stopped after this step; its last checkpoint is of this step too."""
    stop = threading.Event()

    def watch(status: Status) -> None:
        if status.progress is not None and status.progress.step == step:
            stop.set()

    return mangosaurus.fit(**options, checkpoint=folder, every="1h", watch=watch, stop=stop)


@pytest.mark.parametrize("family", FAMILIES)
def test_resumed_again_and_again_it_is_the_same_model_bit_for_bit(family: str, tmp_path: Path) -> None:
    options = dict(FAMILIES[family])
    whole = saved(mangosaurus.fit(**options), tmp_path / "whole")
    broken_off(tmp_path / "kept", **options)
    given = {name: options[name] for name in ("corpus", "labels", "holdout") if name in options}
    kills = 0
    while True:
        assert len(list((tmp_path / "kept").iterdir())) <= 2
        latest(tmp_path / "kept")
        try:
            model = mangosaurus.fit(resume=tmp_path / "kept", watch=killing(9), **given)
            break
        except Killed:
            kills += 1
            assert kills < 20
    assert kills
    assert saved(model, tmp_path / "resumed") == whole
    # The run has come to its end: what is left of it gives the model once more.
    assert saved(mangosaurus.fit(resume=tmp_path / "kept", **given), tmp_path / "again") == whole


@pytest.mark.parametrize("stage", ["counting", "mixing"])
def test_killed_before_and_after_the_training(stage: str, tmp_path: Path) -> None:
    options = FAMILIES["rnn"] | {"holdout": None}
    with pytest.raises(Killed):
        mangosaurus.fit(**options, checkpoint=tmp_path / "kept", watch=killing(1, stage))
    model = mangosaurus.fit(NAMES, resume=tmp_path / "kept")
    assert saved(model, tmp_path / "a") == saved(mangosaurus.fit(**options), tmp_path / "b")


def test_stopped_well_it_goes_on_from_where_it_was(tmp_path: Path) -> None:
    options = FAMILIES["side by side"] | {"steps": 40}
    model = stopped_at(tmp_path / "kept", 17, **options)
    assert model.training["interrupted"]
    assert latest(tmp_path / "kept").training["group"]["schedule"]["step"] == 17
    resumed = mangosaurus.fit(NAMES, resume=tmp_path / "kept")
    assert saved(resumed, tmp_path / "a") == saved(mangosaurus.fit(**options), tmp_path / "b")


@pytest.mark.usefixtures("clock")
def test_a_budget_counts_the_seconds_already_used(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with pytest.raises(Killed):
        mangosaurus.fit(NAMES, budget=60, hidden=8, checkpoint=folder, every=0, watch=killing(6))
    step = latest(folder).training["group"]["schedule"]["step"]

    def later(described: dict[str, Any]) -> Any:
        described = replaced(described, ("seconds",), 59.9)
        return replaced(described, ("training", "group", "schedule", "seconds"), 58.0)

    rewritten(folder, later)
    model = mangosaurus.fit(NAMES, resume=folder)
    assert 59.9 < model.training["seconds"] < 66 + 2
    assert model.training["steps"] == steps_of(step)
    assert model.training["plan"]["hidden"] == 8


def test_a_damaged_one_gives_way_to_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    broken_off(folder, **FAMILIES["rnn"])
    before, last = sorted(folder.iterdir())
    data = bytearray(last.read_bytes())
    data[-20] ^= 1
    last.write_bytes(data)
    (note,) = latest(folder).notes
    assert note.startswith(f"{last.name} is damaged")
    assert f"{before.name}, the one before, takes its place" in note
    told: list[str] = []

    def watch(status: Status) -> None:
        assert status.checkpoints is not None
        told[:] = status.checkpoints.notes

    model = mangosaurus.fit(NAMES, holdout=NAMES[:5], resume=folder, watch=watch)
    assert told[0] == note
    assert saved(model, tmp_path / "a") == saved(mangosaurus.fit(**FAMILIES["rnn"]), tmp_path / "b")
    assert last.name not in {path.name for path in folder.iterdir()}
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r"no checkpoint in .* can be resumed: .* is damaged"):
        latest(folder)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"corpus": NAMES[1:]}, CheckpointError, "has another corpus: a list: 200 names; .*; and this is a list: 199"),
        ({"corpus": [*NAMES[1:], "Mangosaurus"]}, CheckpointError, "another corpus"),
        ({"corpus": NAMES[::-1]}, CheckpointError, "alike in size but not in content"),
        ({"holdout": None}, CheckpointError, "has a holdout, a list: 5 names; .*: name it again"),
        ({"holdout": NAMES[:4]}, CheckpointError, "has another holdout"),
        ({"hidden": 9}, OptionError, "hidden is 9, and the run in .* has 8: leave it out"),
        ({"seed": 1}, OptionError, "seed is 1"),
        ({"steps": 21}, OptionError, "steps is 21"),
        ({"budget": "1m"}, OptionError, "budget is 60 s, and the run in .* is of 22 steps"),
        ({"label_column": "x"}, OptionError, "label_column is ..x"),
        ({"lowercase": True}, OptionError, "lowercase is True"),
        ({"checkpoint": "elsewhere"}, OptionError, "leave checkpoint, elsewhere, out"),
    ],
)
def test_another_run_is_refused_by_what_differs(
    options: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    broken_off(tmp_path / "kept", **FAMILIES["rnn"])
    given: dict[str, Any] = {"corpus": NAMES, "holdout": NAMES[:5], "hidden": 8, "cell": "rnn"}
    with pytest.raises(error, match=message):
        mangosaurus.fit(**given | options, resume=tmp_path / "kept")


def test_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kept"
    broken_off(folder)
    ours = {"mangosaurus": mangosaurus.__version__, "numpy": np.__version__, "torch": "9.0"}
    with monkeypatch.context() as patch:
        patch.setattr("mangosaurus.training.manifest.versions", lambda: ours)
        with pytest.raises(CheckpointError, match=r"begun with torch \d\S*, and this is 9.0: install"):
            mangosaurus.fit(NAMES, resume=folder)
    rewritten(folder, lambda described: described | {"format": 9})
    with pytest.raises(CheckpointError, match="has format 9, and this version of Mangosaurus reads 2"):
        mangosaurus.fit(NAMES, resume=folder)


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with pytest.raises(CheckpointError, match=r"there is no folder .*kept to resume from"):
        mangosaurus.fit(NAMES, resume=folder)
    with pytest.raises(OptionError, match="every is 5, and there is no folder"):
        mangosaurus.fit(NAMES, every=5)
    with pytest.raises(OptionError, match="every is 'soon'; give seconds"):
        mangosaurus.fit(NAMES, every="soon", checkpoint=folder)
    with pytest.raises(OptionError, match="hidden is 0"):
        mangosaurus.fit(NAMES, hidden=0, checkpoint=folder)
    assert not folder.exists()  # nothing came into it
    folder.mkdir()
    with pytest.raises(CheckpointError, match="has no checkpoint to resume from"):
        mangosaurus.fit(NAMES, resume=folder)
    broken_off(folder)
    with pytest.raises(OutputError, match="holds the checkpoints of an earlier run; go on with resume"):
        mangosaurus.fit(NAMES, checkpoint=folder)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file is a file; name a folder"):
        mangosaurus.fit(NAMES, checkpoint=tmp_path / "file")


def test_one_run_at_a_time_and_nothing_left_behind(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    broken_off(folder)
    (folder / ".lock").touch()  # of a process that was killed
    (folder / ".checkpoint-00000009.safetensors.abc").touch()

    def watch(status: Status) -> None:
        with pytest.raises(OutputError, match="another training writes its checkpoints to"):
            mangosaurus.fit(NAMES, resume=folder)
        raise Killed

    with pytest.raises(Killed):
        mangosaurus.fit(NAMES, resume=folder, watch=watch)
    assert all(path.name.startswith("checkpoint-") for path in folder.iterdir())


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    told: list[str] = []
    problems: list[str | None] = []

    def full(path: Path, data: bytes) -> None:
        if int(path.stem[-8:]) in (3, 4):
            raise OutputError(f"{path} cannot be written: No space left on device")
        write(path, data)

    def watch(status: Status) -> None:
        assert status.checkpoints is not None
        told[:] = status.checkpoints.notes
        problems.append(status.checkpoints.problem)

    monkeypatch.setattr("mangosaurus.training.checkpoint.write", full)
    model = mangosaurus.fit(**FAMILIES["text"], checkpoint=folder, every=0, watch=watch)
    assert len(told) == 2
    assert "No space left on device; the last one is checkpoint-00000002.safetensors; the training goes on" in told[0]
    assert problems[0] is None
    assert any(problems)
    assert problems[-1] is None
    assert saved(model, tmp_path / "a") == saved(mangosaurus.fit(**FAMILIES["text"]), tmp_path / "b")


def rewritten(
    folder: Path,
    change: Callable[[dict[str, Any]], Any] = lambda described: described,
    change_arrays: Callable[[dict[str, Any]], None] = lambda arrays: None,
) -> None:
    """Changes what the last checkpoint says, and gives it the checksum that belongs to it."""
    path = sorted(folder.iterdir())[-1]
    with safe_open(path, framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        entry = json.dumps(change(json.loads(file.metadata()[ENTRY])))
    change_arrays(arrays)
    for older in folder.iterdir():
        older.unlink()
    path.write_bytes(serialize(arrays, {ENTRY: entry, CHECKSUM: checksum(entry, arrays)}))


def replaced(tree: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[place[0]] = replaced(copy[place[0]], place[1:], value)
    return copy


def outcome(folder: Path) -> str | None:
    """What a resumed run is refused with."""
    try:
        mangosaurus.fit(TEXT, format="text", resume=folder)
    except MangosaurusError as error:
        return str(error)
    return None


@pytest.mark.parametrize("part", ["network", "optimizer", "best", "carried"])
def test_what_is_not_finite_is_not_resumed(part: str, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    stopped_at(folder, 12, **FAMILIES["text"])
    changed: list[str] = []

    def spoil(arrays: dict[str, Any]) -> None:
        for name, array in arrays.items():
            if part in name.split(".") and array.size > 1:
                kind = array.dtype  # numbers of bfloat16 are kept as integers of their bits
                arrays[name] = np.full_like(array, 0x7FC0 if kind == np.int16 else np.nan)
                changed.append(name)

    rewritten(folder, change_arrays=spoil)
    assert changed
    said = outcome(folder)
    assert said is not None
    assert "one of its numbers is not finite); begin a new run" in said


def test_a_loss_that_is_not_finite_is_not_resumed(tmp_path: Path) -> None:
    stopped_at(tmp_path, 12, **FAMILIES["text"])
    place = ("training", "group", "learners", 0, "progress", "held_out")
    rewritten(tmp_path, lambda described: replaced(described, place, float("nan")))
    assert "a loss is not finite" in str(outcome(tmp_path))


def test_trees_come_back_bit_for_bit() -> None:
    tree = {
        "weights": torch.randn(3, 2),
        "half": [torch.randn(2).to(torch.bfloat16), (torch.tensor(3.5), None)],
        "none": torch.zeros(0, 4),
        "large": 2**127 + 1,
        "loss": 0.1 + 0.2,
    }
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    entry = json.dumps(take_apart(to_arrays(tree), "tree", arrays))
    back = to_tensors(put_together(json.loads(entry), arrays))
    assert (back["large"], back["loss"], back["half"][1][1]) == (2**127 + 1, 0.1 + 0.2, None)
    for old, new in (
        (tree["weights"], back["weights"]),
        (tree["half"][0], back["half"][0]),  # type: ignore[index]
        (tree["half"][1][0], back["half"][1][0]),  # type: ignore[index]
        (tree["none"], back["none"]),
    ):
        assert old.dtype == new.dtype  # type: ignore[union-attr]
        assert torch.equal(old, new)  # type: ignore[arg-type]


def test_what_is_fed_goes_on_at_every_place() -> None:
    documents = [np.arange(1, 200), np.arange(5, 90), np.arange(1, 3)]

    def make(text: bool, seed: int) -> DataLoader:
        rng = np.random.default_rng(seed)
        return streams(documents, 3, 16, rng) if text else names(documents, 2, rng)

    for text in (False, True):
        whole = make(text, 4)
        for _ in range(23):
            other = make(text, 0)
            other.restore(json.loads(json.dumps(whole.state())))
            expected, found = next(whole), next(other)
            assert torch.equal(expected.inputs, found.inputs)
            assert torch.equal(expected.carried, found.carried)
            assert other.state() == whole.state()
