"""Corpora with a name: their addresses and SHA-256, and the files on this machine.

`find` looks in the folder of the environment variable MANGOSAURUS_DATA, then in the user's cache, then downloads. Every
copy is hashed each time it is used. pooch writes a download to a temporary file, hashes it and renames it: a broken
download, or a second process that downloads at once, leaves no file that could be taken for the corpus.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mangosaurus.core.errors import CorpusError, OutputError

BUNDLED = "dinosaurs"
"""The list that comes with the package; it is never downloaded."""
DATA = "MANGOSAURUS_DATA"
NEAR = 0.7
"""How like a registered name a mistyped one is at least: the ratio of difflib."""
SECONDS_TO_CONNECT = 10.0
SECONDS_OF_SILENCE = 30.0
"""How long the server may send nothing."""
BYTES_A_CHUNK = 1 << 14

Place = Literal["data", "changed", "cache", "web"]
"""Where a file is: in $MANGOSAURUS_DATA; there, but changed; in the cache; still on the web."""


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
        download(entry, path, quiet)
    return path


def whereabouts(entry: Entry) -> tuple[Place, Path]:
    """Where the file is, and its path; of a file still on the web, the path that it will have."""
    folder = os.environ.get(DATA)
    if folder and (Path(folder) / entry.file).is_file():
        path = Path(folder) / entry.file
        return ("data" if _is_original(path, entry) else "changed"), path
    path = cache_folder() / entry.file
    return ("cache" if _is_original(path, entry) else "web"), path


def cache_folder() -> Path:
    """The user's cache folder for this program; it may not exist yet."""
    import pooch

    return Path(pooch.os_cache("mangosaurus"))


def unwritable(folder: Path, error: OSError) -> OutputError:
    """The error for a cache folder that cannot be written, or has no room."""
    return OutputError(
        f"the cache folder {folder} cannot be written: {error.strerror or error}; make room there, or name another "
        "one in the environment variable XDG_CACHE_HOME"
    )


def suggestion(name: str) -> str:
    """The registered names, for the end of "the file does not exist"; nothing if `name` is plainly a path."""
    if any(mark in name for mark in "./\\"):
        return ""
    from difflib import get_close_matches  # it takes time

    names = [BUNDLED, *(entry.name for entry in ENTRIES.values() if entry.format != "model")]
    near = get_close_matches(name.lower(), names, 1, NEAR)
    end = f"corpora with a name are {', '.join(names)}, and - is standard input"
    return f"; did you mean {near[0]}? {end.capitalize()}" if near else f"; {end}"


def _is_original(path: Path, entry: Entry) -> bool:
    try:
        if path.stat().st_size != entry.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    except OSError:
        return False


class _Refused(Exception):
    """The server sent something else than the file."""


def download(entry: Entry, path: Path, quiet: bool = False) -> None:
    """Downloads a registered file to `path`. Raises CorpusError, which says how to do it by hand, if that fails."""
    import pooch
    import requests

    handled = sys.exc_info()[1]
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        pooch.retrieve(
            entry.address,
            f"sha256:{entry.sha256}",
            fname=path.name,
            path=path.parent,
            downloader=lambda address, file, _: _receive(entry, Path(file), quiet),
        )
        return
    except _Refused as error:
        reason = str(error)
    except requests.RequestException as error:
        reason = _reason(error, handled)
    except OSError as error:
        # pooch words the lack of permission itself, and at length.
        reason = f"the folder {path.parent} cannot be written: {error.strerror or 'Permission denied'}"
    except ValueError:
        reason = "what the server sent is not the file that is registered: its SHA-256 differs"
    finally:
        logger.setLevel(level)
    raise CorpusError(
        f"{entry.name} cannot be downloaded: {reason}; to do it by hand, save {entry.address} as {path}, or as "
        f"{entry.file} in the folder that {DATA} names"
    )


def _receive(entry: Entry, file: Path, quiet: bool) -> None:
    """Writes what the server sends to `file`, and hangs up on a server that sends more than the file has."""
    import requests
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    if not quiet:
        print(f"downloading {entry.name}, {entry.size:,} bytes, from {entry.address}", file=sys.stderr, flush=True)
    # The command line escapes what it writes to standard error; the bar is drawn on the stream beneath.
    console = Console(file=getattr(sys.stderr, "stream", sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)
    received = 0
    timeout = (SECONDS_TO_CONNECT, SECONDS_OF_SILENCE)
    with requests.get(entry.address, stream=True, timeout=timeout) as response, file.open("wb") as output, bar:
        response.raise_for_status()
        task = bar.add_task(entry.name, total=entry.size)
        try:
            for chunk in response.iter_content(BYTES_A_CHUNK):
                received += len(chunk)
                if received > entry.size:
                    raise _Refused(f"the server sends more than the {entry.size:,} bytes of the file")
                output.write(chunk)
                bar.advance(task, len(chunk))
        except requests.exceptions.ChunkedEncodingError:
            pass  # The connection is gone, and the count below says so.
    if received < entry.size:
        raise _Refused(f"the connection broke off before all {entry.size:,} bytes had come")


def _reason(error: Exception, handled: BaseException | None) -> str:
    """Why a request failed, in a phrase: the message of the operating system, if one is in the chain of exceptions.

    `handled` is an exception that was being handled before, which Python chains to the new one.
    """
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered with status {error.response.status_code}"
    cause: BaseException | None = error
    while cause is not None and cause is not handled:
        if isinstance(cause, TimeoutError | requests.Timeout):
            return "the server did not answer in time"
        if getattr(cause, "strerror", None):
            return f"no connection to the server ({cause.strerror})"  # type: ignore[attr-defined]
        cause = cause.__cause__ or cause.__context__
    return " ".join(str(error).split()) or type(error).__name__
