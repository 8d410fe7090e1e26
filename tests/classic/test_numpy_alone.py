"""The exercise needs NumPy and nothing else: Numba only where it is asked for, other parts in poem.py only."""

import pkgutil
import subprocess
import sys

import pytest

import mangosaurus.classic

MODULES = [module.name for module in pkgutil.iter_modules(mangosaurus.classic.__path__)]
OF_THE_POEM = {
    f"mangosaurus.{name}"
    for name in (
        "core.arrays",
        "core.errors",
        "core.folding",
        "core.segmentation",
        "core.units",
        "core.vocabulary",
        "models",
        "models.interface",
        "models.recurrent",
        "models.window",
        "training",
        "training.windows",
    )
}
"""The network of windows, its initial weights, and what these need."""


def test_the_modules_are_those_of_the_package() -> None:
    assert {"rnn", "cells", "compiled", "lstm", "gru", "steps", "poem"} <= set(MODULES)


@pytest.mark.parametrize("name", [name for name in MODULES if name != "compiled"])
def test_imports_numpy_alone(name: str) -> None:
    code = (
        "import sys\n"
        "for other in ('numba', 'llvmlite', 'torch', 'click', 'rich', 'safetensors', 'rapidfuzz', 'scipy'):\n"
        "    sys.modules[other] = None\n"
        f"import mangosaurus.classic.{name}\n"
        "print(*(m for m in sys.modules if m.startswith('mangosaurus') and 'classic' not in m))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"mangosaurus", "mangosaurus.core", "mangosaurus.core.version"} | (
        OF_THE_POEM if name == "poem" else set()
    )
