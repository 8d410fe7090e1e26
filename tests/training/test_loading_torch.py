"""Loading torch: a run that is stopped meanwhile does not wait for it, nor does one train whose time it took."""

from __future__ import annotations

import sys
import threading

import pytest
from examples import NAMES

import mangosaurus
from mangosaurus.training import recipe
from mangosaurus.training.status import Run, Status


def test_a_run_that_is_stopped_meanwhile_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, begun, goes_on = threading.Event(), threading.Event(), threading.Event()

    def load() -> None:
        begun.set()
        goes_on.wait()

    def watch(status: Status) -> None:
        if status.stage == "training":
            threading.Thread(target=lambda: (begun.wait(), stop.set()), daemon=True).start()

    monkeypatch.setattr(recipe, "_import_torch", load)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    try:
        model = mangosaurus.fit(NAMES, steps=5, watch=watch, stop=stop)
    finally:
        goes_on.set()
    assert model.training["note"] == "stopped before a network had learnt anything: the n-gram and the prior alone"
    assert model.training["interrupted"]


def test_a_budget_that_loading_uses_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = threading.Event()
    monkeypatch.setattr(recipe, "_import_torch", loaded.set)
    monkeypatch.setattr(Run, "seconds_left", lambda run: -1.0 if loaded.is_set() else 100.0)
    note = mangosaurus.fit(NAMES, budget=30).training["note"]
    assert note.startswith("loading torch took 0 s of the budget of 30 s, give a longer one: the n-gram and the prior")


def test_what_is_wrong_with_torch_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise ImportError("libtorch.so: failed to map segment from shared object")

    monkeypatch.setattr(recipe, "_import_torch", load)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with pytest.raises(ImportError, match="failed to map segment"):
        mangosaurus.fit(NAMES, steps=5)
