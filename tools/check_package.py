"""Builds the package and checks wheel and sdist as users get them. Needs the extra `check`, git and the network.

    python tools/check_package.py
    python tools/check_package.py --python python3.12 --python python3.13 --keep dist

The sdist must hold all files that git tracks. The wheel is built from it, and must hold the whole package and nothing
else. It is installed into a fresh virtual environment with only the core dependencies, of this Python and of those
that `--python` names. `mangosaurus sample` must write the same names there as in the checkout, and `mangosaurus train`
must learn a list.
Otherwise the exit status is 1, and a line says why. `--keep` leaves wheel and sdist in a new folder. `--tag v0.2.0`
checks that the version of that tag is the package's, and that CHANGELOG.md has it.
"""

from __future__ import annotations

import argparse
import os
import shutil
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
TRAIN = ("-m", "mangosaurus", "train", "names.txt", "--budget", "0s", "--out", "names.safetensors")
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


def names_of(wheel: Path, interpreter: str, folder: Path) -> str:
    """The names that the package writes where only the wheel and its dependencies are installed."""
    folder.mkdir()
    run(interpreter, "-m", "venv", "environment", cwd=folder)
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-compile", wheel, cwd=folder)
    seen = run(python, "-c", INSIDE, cwd=folder).strip()
    if seen != "[] True":
        sys.exit(f"{wheel.name} is not alone in its environment: {seen}")
    (folder / "names.txt").write_text("Anna\nHannah\nJohanna\nSusanna\n", encoding="utf-8")
    run(python, *TRAIN, cwd=folder)
    return run(python, *SAMPLE, cwd=folder)


def check_tag(tag: str, wheel: Path) -> None:
    """Whether a release with this tag says which version it is."""
    version = wheel.name.split("-")[1]
    if tag != f"v{version}":
        sys.exit(f"the tag is {tag}, and the version is {version}: it stands in src/mangosaurus/core/version.py")
    if f"\n## {version} (" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        sys.exit(f"CHANGELOG.md has no section of {version} with its day: its Unreleased is that")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", metavar="PROGRAM", help="one more Python; can be repeated")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave wheel and sdist in this new folder")
    parser.add_argument("--tag", help="the tag of the release that this is")
    options = parser.parse_args()
    if options.keep and options.keep.exists():
        parser.error(f"--keep is {options.keep}, which exists already: name a new folder")
    return options


def main() -> None:
    options, started = read_options(), time.monotonic()
    interpreters = [sys.executable, *(options.python or [])]
    versions = [run(each, "-c", "import platform; print(platform.python_version())").strip() for each in interpreters]
    files = tracked()
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(2) as threads:
        out = Path(temporary, "dist")
        run(sys.executable, "-m", "build", "--outdir", out)
        (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
        check_wheel(wheel, files)
        check_sdist(sdist, files)
        if options.tag:
            check_tag(options.tag, wheel)
        expected = run(sys.executable, *SAMPLE, source=str(ROOT / "src"))
        installed = [
            threads.submit(names_of, wheel, interpreter, Path(temporary, str(place)))
            for place, interpreter in enumerate(interpreters)
        ]
        for version, written in zip(versions, installed, strict=True):
            if written.result() != expected:
                sys.exit(f"{wheel.name} on Python {version} writes\n{written.result()}and the checkout\n{expected}")
        if options.keep:
            shutil.copytree(out, options.keep)
        sizes = [f"{archive.name} ({archive.stat().st_size / 1e6:.1f} MB)" for archive in (sdist, wheel)]
    names, seconds = ", ".join(expected.split()), time.monotonic() - started
    on = f"on Python {', '.join(versions)} with the core dependencies alone"
    print(f"{' and '.join(sizes)}: the wheel writes {names} {on}: {seconds:.0f} s")


if __name__ == "__main__":
    main()
