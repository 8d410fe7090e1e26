"""Builds the package and checks wheel and sdist as users get them. Needs the extra `check`, git and the network.

    python tools/check_package.py

The wheel must hold the whole package and nothing else, and the sdist all files that git tracks. Each is installed into
a fresh virtual environment with only the core dependencies. `mangosaurus sample` must write the same names there as in
the checkout. Otherwise the exit status is 1, and a line says why.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "src/mangosaurus/"
SAMPLE = ("-m", "mangosaurus", "sample", "-n", "3", "--seed", "1")
OPTIONAL = ("torch", "numba", "keras", "h5py", "matplotlib", "onnx", "fastapi", "uvicorn", "pytest")
INSIDE = f"""
import sys
from importlib.util import find_spec
import mangosaurus
print([name for name in {OPTIONAL} if find_spec(name)], mangosaurus.__file__.startswith(sys.prefix))
"""
"""Prints optional packages that are importable there, and whether the installed package is the one imported."""


def run(*command: str | Path, cwd: Path = ROOT, source: str | None = None) -> str:
    """Runs a command without Python's environment variables, except PYTHONPATH if `source` is given.

    Returns its standard output. If the command fails, this exits with its output.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE"))}
    if source is not None:
        environment["PYTHONPATH"] = source
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def tracked() -> set[str]:
    """All files that git tracks, as paths from the root."""
    return set(run("git", "ls-files", "-z").split("\0")) - {""}


def check_wheel(wheel: Path, files: set[str]) -> None:
    """Compares the wheel with the package in git; wheels have a .dist-info folder besides."""
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    package = {name.removeprefix("src/") for name in files if name.startswith(PACKAGE)}
    compare(wheel.name, missing=package - held, surplus=held - package)


def check_sdist(sdist: Path, files: set[str]) -> None:
    """Compares the sdist with all files in git, so that its tests run as here."""
    with tarfile.open(sdist) as archive:
        held = {each.name.partition("/")[2] for each in archive.getmembers() if each.isfile()}
    compare(sdist.name, missing=files - held, surplus=held - files - {"PKG-INFO"})


def compare(name: str, missing: Iterable[str], surplus: Iterable[str] = ()) -> None:
    for what, found in (("lacks", missing), ("should not have", surplus)):
        if found:
            sys.exit(f"{name} {what} {', '.join(sorted(found))}")


def names_of(archive: Path, folder: Path) -> str:
    """The names that the package writes where only `archive` and its dependencies are installed."""
    folder.mkdir()
    run(sys.executable, "-m", "venv", "environment", cwd=folder)
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", "--quiet", archive, cwd=folder)
    seen = run(python, "-c", INSIDE, cwd=folder).strip()
    if seen != "[] True":
        sys.exit(f"{archive.name} is not alone in its environment: {seen}")
    return run(python, *SAMPLE, cwd=folder)


def main() -> None:
    started = time.monotonic()
    files = tracked()
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(2) as threads:
        out = Path(temporary, "dist")
        run(sys.executable, "-m", "build", "--outdir", out)
        (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
        check_wheel(wheel, files)
        check_sdist(sdist, files)
        expected = run(sys.executable, *SAMPLE, source=str(ROOT / "src"))
        installed = [threads.submit(names_of, archive, Path(temporary, archive.suffix)) for archive in (wheel, sdist)]
        for archive, written in zip((wheel, sdist), installed, strict=True):
            if written.result() != expected:
                sys.exit(f"{archive.name} writes\n{written.result()}and the checkout\n{expected}")
        sizes = [f"{archive.name} ({archive.stat().st_size / 1e6:.1f} MB)" for archive in (wheel, sdist)]
    names = ", ".join(expected.split())
    print(f"{' and '.join(sizes)} write {names} with the core dependencies alone: {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
