"""The package runs with its core dependencies alone, and imports little before it is needed."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mangosaurus
from mangosaurus import errors

OPTIONAL = ("torch", "numba", "h5py", "matplotlib", "onnx", "fastapi", "pydantic", "uvicorn", "hypothesis", "pytest")
NEEDS_MORE = (
    "mangosaurus.__main__",
    "mangosaurus.classic.compiled",
    "mangosaurus.server.answers",
    "mangosaurus.server.app",
    "mangosaurus.server.corpora",
    "mangosaurus.server.openapi",
    "mangosaurus.server.middleware",
    "mangosaurus.server.problems",
    "mangosaurus.server.routes_models",
    "mangosaurus.server.routes_names",
    "mangosaurus.server.routes_page",
    "mangosaurus.server.routes_texts",
    "mangosaurus.server.routes_trainings",
    "mangosaurus.server.run",
    "mangosaurus.server.serve",
    "mangosaurus.server.shapes",
    "mangosaurus.server.state",
    "mangosaurus.server.models",
    "mangosaurus.server.trainings",
    "mangosaurus.server.pool",
    "mangosaurus.training.batches",
    "mangosaurus.training.capture",
    "mangosaurus.training.crew",
    "mangosaurus.training.hardware",
    "mangosaurus.training.members",
    "mangosaurus.training.network",
    "mangosaurus.training.trainer",
    "mangosaurus.training.transformer",
    "mangosaurus.training.windows",
)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_error_is_exported() -> None:
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert "OutputExistsError" in kinds
    assert kinds <= set(mangosaurus.__all__)


def test_every_module_outside_training_needs_only_the_core_dependencies() -> None:
    names = [module.name for module in pkgutil.walk_packages(mangosaurus.__path__, "mangosaurus.")]
    light = [name for name in names if name not in NEEDS_MORE]
    assert len(light) > 25
    assert not [name for name in NEEDS_MORE if name not in names and name != "mangosaurus.classic.compiled"]
    assert all(
        name.startswith(tuple(f"mangosaurus.{part}" for part in ("training.", "classic.", "server.", "__")))
        for name in NEEDS_MORE
    )
    blocked = "".join(f"sys.modules[{name!r}] = None;" for name in OPTIONAL)
    run(f"import sys, importlib; {blocked} [importlib.import_module(name) for name in {light!r}]")


def test_sampling_imports_no_torch_and_help_no_numpy() -> None:
    web = ("pooch", "requests", "urllib3")
    loaded = "import sys; {} print([name for name in {} if name in sys.modules])"
    assert run(loaded.format("import mangosaurus; mangosaurus.sample(3, seed=1);", ("torch", "numba"))).strip() == "[]"
    assert run(loaded.format("import mangosaurus.cli.app;", ("numpy", "torch", "safetensors", *web))).strip() == "[]"
    reading = (
        "import mangosaurus.corpora.registry, mangosaurus.corpora.download; mangosaurus.read_corpus(['dinosaurs']);"
    )
    assert run(loaded.format(reading, web)).strip() == "[]"


def test_the_public_names_are_those_of_all() -> None:
    assert set(mangosaurus.__all__) <= set(dir(mangosaurus))
    for name in mangosaurus.__all__:
        assert getattr(mangosaurus, name) is not None
    assert mangosaurus.train is mangosaurus.fit
    places = {name for names in mangosaurus._PLACES.values() for name in names}
    assert places | {"train"} == set(mangosaurus.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(mangosaurus, "no_such_" + "name")


def test_nothing_is_pickled() -> None:
    """What is read may come from anyone, and a pickle can run anything."""
    sources = list(Path(mangosaurus.__file__).parent.rglob("*.py"))
    assert len(sources) > 100
    imports = re.compile(r"^\s*(from|import) .*\b(pickle|marshal|shelve|dill|joblib|multiprocessing)\b", re.MULTILINE)
    assert [path.name for path in sources if imports.search(path.read_text(encoding="utf-8"))] == []
