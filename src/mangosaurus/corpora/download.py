"""One file from the web into the cache: whole and with the right hash, or not at all.

pooch writes to a temporary file in the cache, hashes it and renames it, so that neither a broken download nor a second
process that downloads at once leaves a file that is taken for the corpus.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mangosaurus.corpora.registry import DATA, Entry
from mangosaurus.errors import CorpusError

SECONDS_TO_CONNECT = 10.0
SECONDS_OF_SILENCE = 30.0
"""How long the server may send nothing."""
BYTES_A_CHUNK = 1 << 14


class _Refused(Exception):
    """What was sent is not the file."""


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
    """Writes what the server sends to `file`, and stops it when it is more than the file has."""
    import requests

    if not quiet:
        print(f"downloading {entry.name}, {entry.size:,} bytes, from {entry.address}", file=sys.stderr, flush=True)
    received = 0
    timeout = (SECONDS_TO_CONNECT, SECONDS_OF_SILENCE)
    with requests.get(entry.address, stream=True, timeout=timeout) as response:
        response.raise_for_status()
        with file.open("wb") as output, _progress(entry, quiet) as advance:
            try:
                for chunk in response.iter_content(BYTES_A_CHUNK):
                    received += len(chunk)
                    if received > entry.size:
                        raise _Refused(f"the server sends more than the {entry.size:,} bytes of the file")
                    output.write(chunk)
                    advance(len(chunk))
            except requests.exceptions.ChunkedEncodingError:
                pass  # The connection is gone, and the count below says so.
    if received < entry.size:
        raise _Refused(f"the connection broke off before all {entry.size:,} bytes had come")


@contextmanager
def _progress(entry: Entry, quiet: bool) -> Iterator[Callable[[int], None]]:
    """What is to be told how many bytes have come: a bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    # The command line escapes what it says on standard error; a bar is drawn on the stream behind it.
    console = Console(file=getattr(sys.stderr, "stream", sys.stderr))
    if quiet or not console.is_terminal:
        yield lambda count: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(entry.name, total=entry.size)
        yield lambda count: progress.advance(task, count)


def _reason(error: Exception, handled: BaseException | None) -> str:
    """Why a request failed, in a phrase: what the operating system said, under the layers that packed it up.

    `handled` is the exception that was being dealt with before, which Python chains to the new one.
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
