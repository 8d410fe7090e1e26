"""Reading a Keras file in a process of its own.

HDF5's library is not proof against damaged files: one changed byte in a thousand made it loop for ever, or ask for
gigabytes, where a text's length was changed. So a file is read where neither can do harm: in a process with little
memory and little time, which hands back the arrays as safetensors, and the rest is checked like a model file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from mangosaurus.errors import MangosaurusError, ModelFileError

SECONDS = 5
"""Of the processor, and one more for every BYTES_A_SECOND of the file."""
BYTES_A_SECOND = 20_000_000
LONGEST = 120
"""Seconds on the clock, and as many more, where the processor's cannot be limited."""
MEMORY = 2**30
"""Bytes of address space, and MEMORY_A_BYTE for every byte of the file."""
MEMORY_A_BYTE = 12
REFUSED = 3
"""The exit status of a process whose output is the message of an error."""
CODE = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from mangosaurus.exchange.apart import child; child(sys.argv[2], int(sys.argv[3]))"
)


def read_apart(path: Path) -> bytes:
    """What `keras.pack` gives for the file at `path`.

    Raises ModelFileError with the message of the process's own, or if it was stopped or did not survive.
    """
    size = path.stat().st_size
    try:
        done = subprocess.run(
            # -P, so that the modules imported before sys.path is set are not looked for in the working folder.
            [sys.executable, "-P", "-c", CODE, json.dumps(sys.path), str(path), str(size)],
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=LONGEST + size / BYTES_A_SECOND,
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is not None and done.returncode == 0:
        return done.stdout
    if done is not None and done.returncode == REFUSED:
        raise ModelFileError(done.stdout.decode("utf-8", "replace"))
    raise ModelFileError(f"{path} cannot be imported: it is damaged, so that reading it came to no end")


def child(path: str, size: int) -> NoReturn:
    """What the process does: `keras.pack` to standard output."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        pass
    else:
        for limit, most in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, SECONDS + size // BYTES_A_SECOND),
            (resource.RLIMIT_AS, MEMORY + MEMORY_A_BYTE * size),
        ):
            hard = resource.getrlimit(limit)[1]
            resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    from mangosaurus.exchange.keras import pack, read_here

    try:
        data, status = pack(read_here(Path(path))), 0
    except MangosaurusError as error:
        data, status = str(error).encode("utf-8", "replace"), REFUSED
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
    os._exit(status)  # the library's own clearing up could fail as well
