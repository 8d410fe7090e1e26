"""Reads a Keras file in a sandbox: a subprocess with little memory and little time.

HDF5's library does not withstand damaged files: about one changed byte in a thousand made it loop for ever, or ask for
gigabytes. The subprocess answers with safetensors, which are checked like a model file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import numpy as np
from safetensors.numpy import load as deserialize
from safetensors.numpy import save as serialize

from mangosaurus.core.errors import MangosaurusError, ModelFileError
from mangosaurus.formats.keras import hdf5
from mangosaurus.formats.keras import reader as keras
from mangosaurus.formats.keras.reader import KerasModel
from mangosaurus.formats.native.network import dump_window, load_window

SECONDS = 5
"""CPU seconds, and one more for every BYTES_A_SECOND of the file."""
BYTES_A_SECOND = 20_000_000
LONGEST = 120
"""Seconds by the clock, and as many more for the file, for platforms that cannot limit CPU time."""
MEMORY = 2**30
"""Bytes of address space, and MEMORY_A_BYTE for every byte of the file."""
MEMORY_A_BYTE = 12
REFUSED = 3
"""The exit status of a subprocess whose output is an error's message."""
CODE = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from mangosaurus.formats.keras.sandbox import read_and_exit; read_and_exit(sys.argv[2], int(sys.argv[3]))"
)


def read_keras(path: str | os.PathLike[str]) -> KerasModel:
    """Reads a Keras file of versions 1 to 3. Executes nothing in it, and opens no other file.

    Raises ModelFileError, in one line that names what is wrong, if it is missing, damaged, or holds anything but
    layers of LSTM, GRU or SimpleRNN with Dropout and a Dense softmax; MissingExtraError if h5py is not installed.
    """
    path = Path(path)
    hdf5.library()
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise ModelFileError(f"the Keras file {path} {what}; give an .h5 file or a .keras archive")
        return unpack(run_sandbox(path))
    except (OSError, ValueError) as error:  # of a path that no file can have
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def run_sandbox(path: Path) -> bytes:
    """A subprocess reads and packs the file. Raises ModelFileError with its message, or if it stopped or crashed."""
    size = path.stat().st_size
    try:
        done = subprocess.run(
            # -P: the modules imported before sys.path is set must not come from the working folder.
            [sys.executable, "-P", "-c", CODE, json.dumps(sys.path), str(path), str(size)],
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=LONGEST + size / BYTES_A_SECOND,
        )
        if done.returncode == REFUSED:
            raise ModelFileError(done.stdout.decode("utf-8", "replace"))
        done.check_returncode()
    except subprocess.SubprocessError as error:
        raise ModelFileError(f"{path} cannot be imported: it is damaged, and reading it did not finish") from error
    return done.stdout


def read_and_exit(path: str, size: int) -> NoReturn:
    """What the subprocess does: sets its limits, and writes the packed file to standard output."""
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
    try:
        data, status = pack(keras.read_here(Path(path))), 0
    except MangosaurusError as error:
        data, status = str(error).encode("utf-8", "replace"), REFUSED
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
    os._exit(status)  # HDF5's own clean-up could fail as well


def pack(model: KerasModel) -> bytes:
    """The model as safetensors: the arrays of a model file, and the settings as its metadata."""
    window, arrays = dump_window(model.parameters)
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return serialize(arrays, {"kept": json.dumps({"version": model.version, "window": window})})


def unpack(data: bytes) -> KerasModel:
    """The inverse of `pack`; everything is checked as in a model file."""
    length = int.from_bytes(data[:8], "little")
    kept = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["kept"])
    arrays = deserialize(data)
    return KerasModel(kept["version"], load_window(kept["window"], arrays, len(arrays["window.output_bias"])))
