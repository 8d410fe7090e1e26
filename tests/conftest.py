"""What tests share: the reference corpora, where this machine has them, and an application to ask."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from applications import Client

# A run in the background, or under nohup, may have been started with a signal ignored, which the programs under test
# would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Processes that test side by side would wait for each other's threads. Programs under test inherit it.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says how busy the machine is.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

pytest_plugins = ["commands", "browser", "visits"]  # fixtures of the command line and of pages

ROOT = Path(__file__).resolve().parent.parent


def pytest_sessionstart(session: pytest.Session) -> None:
    """Matplotlib lists the fonts when it first runs on a machine, and says so on standard error: not in a test."""
    if not hasattr(session.config, "workerinput") and find_spec("matplotlib"):
        import_module("matplotlib.font_manager")


@pytest.hookimpl(tryfirst=True)  # before those that are slow are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a browser are slow."""
    for item in items:
        if "chrome" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes run the whole suite; a part of it that is named runs in this one, without their start."""
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    return 2 if whole and (os.cpu_count() or 1) > 1 else 0


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Path]:
    """The path of a reference file; the test is skipped where it is missing."""

    def find(name: str) -> Path:
        folders = [ROOT.parent / "shared" / "data"]
        if "MANGOSAURUS_DATA" in os.environ:
            folders.insert(0, Path(os.environ["MANGOSAURUS_DATA"]))
        for folder in folders:
            if (folder / name).is_file():
                return folder / name
        pytest.skip(f"the reference file {name} is not on this machine; MANGOSAURUS_DATA can name its folder")

    return find


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The server's application with the bundled models."""
    from applications import running

    with running(tmp_path_factory.mktemp("keep") / "kept") as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """Time goes on by a hundredth of a second whenever it is read, however quick or busy the machine is."""
    readings = count()

    def read() -> float:
        return next(readings) / 100

    monkeypatch.setattr("time.monotonic", read)
    return read


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """No coverage of the processes that the test begins: those that may write little could not write it either."""
    for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
        monkeypatch.delenv(name, raising=False)
