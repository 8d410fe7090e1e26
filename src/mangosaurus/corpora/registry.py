"""The corpora that have a name: where each can be downloaded, what it must hash to, and where it lies by now.

`find` looks in the folder that the environment variable MANGOSAURUS_DATA names, then in the user's cache, and then
downloads. Whatever it returns has the SHA-256 that stands here: every copy is hashed each time it is used.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mangosaurus.errors import CorpusError

BUNDLED = "dinosaurs"
"""The name of the list that comes with the package; it is never downloaded."""
DATA = "MANGOSAURUS_DATA"
NEAR = 70.0
"""From which similarity on, of 100, a mistyped name is taken for a registered one."""

Place = Literal["data", "changed", "cache", "web"]
"""Of a file: in $MANGOSAURUS_DATA; there, but with other contents; in the cache; to be downloaded."""


@dataclass(frozen=True)
class Entry:
    """A file that can be downloaded."""

    name: str
    about: str
    """One line."""
    format: Literal["names", "text", "model"]
    """What is in it; a model is a Keras file, and no corpus."""
    file: str
    """Its name in $MANGOSAURUS_DATA and in the cache."""
    size: int
    """Bytes."""
    sha256: str
    """In hexadecimal digits."""
    address: str


_COURSE = "https://raw.githubusercontent.com/jungsoh/rnn-character-level-language-model/main"
_LIST = (
    Entry(
        "dinos",
        "the course's list of 1,536 dinosaur names",
        "names",
        "dinos.txt",
        19_909,
        "ad6465621cf56c08f71d4fbb40cf7eab763f9df42c54cc460d6c4d86e9c927fb",
        f"{_COURSE}/dinos.txt",
    ),
    Entry(
        "sonnets",
        "Shakespeare's sonnets, as the course has them",
        "text",
        "sonnets.txt",
        94_275,
        "1b454b67b44e6f367c83a17ed295c46c5d4a1173cf5d09161882af4041bae023",
        f"{_COURSE}/shakespeare.txt",
    ),
    Entry(
        "tinyshakespeare",
        "a million characters of Shakespeare's plays",
        "text",
        "tinyshakespeare.txt",
        1_115_394,
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    ),
    Entry(
        "sonnets-keras",
        "the course's Keras model of the sonnets, for import-keras",
        "model",
        "model_shakespeare_kiank_350_epoch.h5",
        2_692_856,
        "a73e515af2522f884bd057fec1e0f854b9bf47ea17711aa63559af9813e6b7fb",
        f"{_COURSE}/models/model_shakespeare_kiank_350_epoch.h5",
    ),
)
ENTRIES = {entry.name: entry for entry in _LIST}


def find(name: str, quiet: bool = False) -> Path:
    """The file that is registered under `name`, downloaded if this machine does not have it yet.

    Unless `quiet`, a download is announced on standard error, and has a progress bar on a terminal. Raises CorpusError
    if no entry has the name, if the file in $MANGOSAURUS_DATA is another one, or if the download fails.
    """
    if name not in ENTRIES:
        raise CorpusError(f"nothing to download is called {name}{suggestion(name)}")
    entry = ENTRIES[name]
    place, path = whereabouts(entry)
    if place == "changed":
        raise CorpusError(
            f"{path}, in the folder of {DATA}, is not the original of {name}: it cannot be read, or its SHA-256 is not "
            f"{entry.sha256}; put the original there or move the file away, or write its path instead of {name} to "
            "use it as it is"
        )
    if place == "web":
        from mangosaurus.corpora.download import download

        download(entry, path, quiet)
    return path


def whereabouts(entry: Entry) -> tuple[Place, Path]:
    """Where the file is, and its path; of one that is to be downloaded, the path that it will have."""
    folder = os.environ.get(DATA)
    if folder and (Path(folder) / entry.file).is_file():
        path = Path(folder) / entry.file
        return ("data" if _is_original(path, entry) else "changed"), path
    path = cache_folder() / entry.file
    return ("cache" if _is_original(path, entry) else "web"), path


def cache_folder() -> Path:
    """The user's cache folder for this program, which need not exist yet."""
    import pooch

    return Path(pooch.os_cache("mangosaurus"))


def suggestion(name: str) -> str:
    """What to say after "there is no such file": nothing if `name` is plainly a path, else the names that there are."""
    if any(mark in name for mark in "./\\"):
        return ""
    from rapidfuzz import fuzz, process

    names = [BUNDLED, *(entry.name for entry in ENTRIES.values() if entry.format != "model")]
    near = process.extractOne(name.lower(), names, scorer=fuzz.ratio, score_cutoff=NEAR)
    return f"{f'; did you mean {near[0]}?' if near else ';'} Corpora with a name are {', '.join(names)}"


def _is_original(path: Path, entry: Entry) -> bool:
    try:
        if path.stat().st_size != entry.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    except OSError:
        return False
