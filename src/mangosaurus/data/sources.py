"""Sources: the files that paths, folders, registered names and standard input stand for."""

from __future__ import annotations

import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

from mangosaurus.core.briefly import few
from mangosaurus.core.errors import CorpusError, plain
from mangosaurus.core.units import counted
from mangosaurus.data import registry
from mangosaurus.data.corpus import source_of
from mangosaurus.data.decoding import BYTES_A_PIECE, Source, read_stream, unreadable

BUNDLED = "the bundled list of dinosaurs"
NAMED = 3
"""Files that a note names."""
MOST_BESIDE, LEAST_LIKE = 1_000, 0.8
"""Files of a folder that a misspelt name is compared with, and how like it one must be to be meant."""


def bundled() -> str:
    """The bundled list of dinosaur genera, one a line."""
    return (files("mangosaurus") / "data" / "dinosaurs.txt").read_text(encoding="utf-8")


def resolve(
    paths: Sequence[str | Path], quiet: bool, stack: ExitStack, most_in_memory: int | None = None
) -> list[Source]:
    """Every file of `paths`; of no path, the bundled list.

    Standard input, pipes and devices can be read only once. They are read here into memory, or into a nameless file
    that `stack` closes if they have more than `most_in_memory` bytes.
    Raises CorpusError if a file is missing, cannot be read or cannot be downloaded, and OutputError if the cache folder
    cannot be written.
    """
    if not paths:
        return [_in_memory(BUNDLED, bundled().encode())]

    def keep(stream: IO[bytes], name: str) -> Source:
        return _kept(stream, name, stack, most_in_memory)

    if [*map(str, paths)].count("-") > 1:
        raise CorpusError("standard input (-) is given twice, and can be read once: name it once")
    found = {path: _files(path, quiet, keep) for path in dict.fromkeys(paths)}
    return [source for path in paths for source in found[path]]


def _files(path: str | Path, quiet: bool, keep: Callable[[IO[bytes], str], Source]) -> list[Source]:
    """Every file of one path. `keep` makes a file of what can be read only once."""
    if str(path) == "-":
        return [keep(sys.stdin.buffer, "standard input")]
    if "\n" in str(path):
        raise CorpusError("a corpus given as one string is the path of a file, and this is a text; give it as [text]")
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        if path == registry.BUNDLED and isinstance(path, str):
            return [_in_memory(BUNDLED, bundled().encode())]
        if isinstance(path, str) and path in registry.ENTRIES:
            if registry.ENTRIES[path].format == "model":
                raise CorpusError(
                    f"{path} is a Keras model and no corpus; mangosaurus import-keras {path} --corpus sonnets reads it"
                ) from None
            return [_file(path, registry.find(path, quiet))]
        raise CorpusError(f"the file {path} does not exist{_beside(path) or registry.suggestion(str(path))}") from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        inside = sorted(Path(path).glob("*.txt"))
        others = sorted(each.name for each in Path(path).glob("[!.]*") if each not in inside and each.is_file())
        named = _some(others)
        if not inside:
            other = f", and {named}; name the files themselves" if others else ""
            raise CorpusError(f"the folder {path} has no .txt files{other}")
        sources = [source for file in inside for source in _files(file, quiet, keep)]
        if others:
            sources[0] = replace(sources[0], notes=(f"{source_of(path)}: left out {named}",))
        return sources
    source = _file(source_of(path), Path(path))
    if stat.S_ISREG(mode):
        return [source]
    with source.open() as stream:
        return [keep(stream, source.name)]


def _beside(path: str | os.PathLike[str]) -> str:
    """A file beside it that may be meant, for the end of "the file does not exist"; nothing if there is none."""
    from difflib import get_close_matches

    wanted = Path(path)
    with suppress(OSError):
        names = [each.name for each in islice(wanted.parent.iterdir(), MOST_BESIDE)]
        if near := get_close_matches(wanted.name, names, 1, LEAST_LIKE):
            return f"; did you mean {plain(wanted.with_name(near[0]))}?"
    return ""


def _some(names: Sequence[str]) -> str:
    """How many files there are in a folder that do not end in .txt, and the first ones."""
    do = "does" if len(names) == 1 else "do"
    return f"{counted(len(names), 'file')} that {do} not end in .txt ({few(names, NAMED, 40)})"


def _file(name: str, path: Path) -> Source:
    return Source(name, lambda: path.open("rb"), path.stat().st_size)


def _in_memory(name: str, data: bytes) -> Source:
    return Source(name, partial(io.BytesIO, data), len(data))


def _kept(stream: IO[bytes], name: str, stack: ExitStack, most: int | None) -> Source:
    """The rest of a stream: in memory if it has at most `most` bytes, else in a file."""
    begun = read_stream(stream, name, -1 if most is None else most + 1)
    if most is None or len(begun) <= most:
        return _in_memory(name, begun)
    folder = registry.cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = stack.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115
        kept.write(begun)
        while block := read_stream(stream, name, BYTES_A_PIECE):
            kept.write(block)
        kept.flush()
    except OSError as error:
        raise registry.unwritable(folder, error) from error

    def opener() -> BinaryIO:
        copy = cast(BinaryIO, os.fdopen(os.dup(kept.fileno()), "rb"))
        copy.seek(0)
        return copy

    return Source(name, opener, kept.tell())
