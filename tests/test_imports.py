"""The package runs with its core dependencies alone, and imports little before it is needed."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mangosaurus
from mangosaurus.core import errors

OPTIONAL = ("torch", "numba", "h5py", "matplotlib", "onnx", "fastapi", "pydantic", "uvicorn", "hypothesis", "pytest")
MAY_NEED_MORE = ("mangosaurus.training.", "mangosaurus.server.", "mangosaurus.classic.compiled", "mangosaurus.__main__")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_but_training_networks_and_serving_needs_only_the_core_dependencies() -> None:
    names = [module.name for module in pkgutil.walk_packages(mangosaurus.__path__, "mangosaurus.")]
    light = [name for name in names if not name.startswith(MAY_NEED_MORE)]
    assert len(light) > 25
    blocked = "".join(f"sys.modules[{name!r}] = None;" for name in OPTIONAL)
    run(f"import sys, importlib; {blocked} [importlib.import_module(name) for name in {light!r}]")
    run(f"import sys, mangosaurus; {blocked} mangosaurus.fit(['anna', 'hannah'], budget=0).sample(1, seed=1)")


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import mangosaurus; mangosaurus.sample(3, seed=1)", "torch numba"),
        ("import mangosaurus; mangosaurus.like(['Anna', 'Hannah']).sample(1, seed=1)", "torch numba pooch requests"),
        ("import mangosaurus.__main__", "numpy torch safetensors pooch requests urllib3"),
        ("import mangosaurus; mangosaurus.read_corpus(['dinosaurs'])", "pooch requests urllib3"),
    ],
)
def test_nothing_is_imported_before_it_is_needed(code: str, absent: str) -> None:
    assert run(f"import sys; {code}; print([name for name in {absent.split()} if name in sys.modules])") == "[]\n"


def test_the_public_names_are_those_of_all() -> None:
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert kinds <= set(mangosaurus.__all__) <= set(dir(mangosaurus))
    for name in mangosaurus.__all__:
        assert getattr(mangosaurus, name) is not None
    assert mangosaurus.train is mangosaurus.fit
    source = Path(mangosaurus.__file__).read_text(encoding="utf-8")
    typed = re.findall(r"^    from mangosaurus\.(\S+) import (\w+) as \2$", source, re.MULTILINE)
    assert {name: module for module, name in typed} == mangosaurus._MODULES
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(mangosaurus, "no_such_" + "name")


def test_nothing_is_pickled() -> None:
    """What is read may come from anyone, and a pickle can run anything."""
    sources = list(Path(mangosaurus.__file__).parent.rglob("*.py"))
    assert len(sources) > 50
    imports = re.compile(r"^\s*(from|import) .*\b(pickle|marshal|shelve|dill|joblib|multiprocessing)\b", re.MULTILINE)
    assert [path.name for path in sources if imports.search(path.read_text(encoding="utf-8"))] == []
