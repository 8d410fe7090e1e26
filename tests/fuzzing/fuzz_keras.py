"""Keras files, damaged: as bytes, in the description of the layers, and in the arrays."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from fuzz_uses import FINE, REFUSED, message_of, predicts
from fuzz_values import damaged_bytes, damaged_json, nested, packed, unpacked
from keras_files import SYMBOLS, dense, layer, lstm, small_layers, small_weights, write

from mangosaurus.core.errors import ModelFileError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.keras.reader import read_here
from mangosaurus.formats.keras.sandbox import pack, read_keras, unpack
from mangosaurus.models.window import WindowModel

SECONDS = 2
TOO_MUCH = 9
"""The exit status of a process that was stopped, or would have been."""


def _two_layers() -> list[dict[str, Any]]:
    first = small_layers(return_sequences=True)[0]
    second = layer("LSTM", "lstm_1", units=3, activation="relu", recurrent_activation="sigmoid")
    return [first, layer("Dropout", "dropout", rate=0.5), second, small_layers()[-1]]


@cache
def good() -> tuple[bytes, ...]:
    """Two `.h5` files and an archive."""
    deep = {"lstm": lstm(SYMBOLS, 3), "lstm_1": lstm(3, 3, 9), "dense": dense(3, SYMBOLS)}
    with tempfile.TemporaryDirectory() as folder:
        one = write(Path(folder) / "a.h5", small_layers(), small_weights()).read_bytes()
        two = write(Path(folder) / "b.h5", _two_layers(), deep).read_bytes()
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        for name, place in (("lstm", "layers/lstm/cell/vars"), ("dense", "layers/dense/vars")):
            for number, (_, array) in enumerate(small_weights()[name]):
                file[f"{place}/{number}"] = array
    return one, two, _archive(weights.getvalue(), {"class_name": "Sequential", "config": {"layers": small_layers()}})


def _archive(weights: bytes, config: Any) -> bytes:
    config = config if isinstance(config, str) else json.dumps(config)
    about = json.dumps({"keras_version": "3.1.0"})
    return packed({"metadata.json": about, "config.json": config, "model.weights.h5": weights})


def damaged_keras(random: random.Random) -> tuple[str, bytes]:
    """(what was done, the file)."""
    data = random.choice(good())
    how = random.randrange(5)
    if how <= 1:
        return "bytes", damaged_bytes(random, data)
    if data.startswith(b"PK"):
        files = unpacked(data)
        weights, config = files["model.weights.h5"], json.loads(files["config.json"])
        if how == 2:
            return "weights in an archive", _archive(damaged_bytes(random, weights), config)
        config = nested(random) if how == 3 else damaged_json(random, config)
        return "config of an archive", _archive(weights, config)
    changed = io.BytesIO(data)
    with h5py.File(changed, "a") as file:
        if how <= 3:
            config = json.loads(file.attrs["model_config"])
            text = nested(random) if random.random() < 0.1 else json.dumps(damaged_json(random, config))
            if len(text) < 60_000:  # the library keeps no longer attributes in such a file
                file.attrs["model_config"] = text.encode("utf-8", "replace")
        else:
            places: list[str] = []
            file.visititems(lambda name, found: places.append(name) if isinstance(found, h5py.Dataset) else None)
            place = random.choice(places)
            array = file[place][()]
            del file[place]
            choices = [array.T, array[:0], array.astype("f8") * 1e30, array * np.nan, array.astype("i4"), array[None]]
            choices += [array.astype("f2"), array.astype(">f8") * 1e5, np.array("text", "S4")]
            file[place] = random.choice(choices)
    return "description" if how <= 3 else "array", changed.getvalue()


def use_keras(path: Path) -> str:
    """Reads the file in a process that is stopped soon; where that does not end well, as users do, and so it must."""
    status, said = _apart(path)
    try:
        if status == 1:
            raise ModelFileError(said.decode())
        kept = read_keras(path) if status else unpack(said)
    except ModelFileError as error:
        return f"{REFUSED}: {message_of(error)}"
    symbols = len(kept.parameters.output_bias)
    predicts(WindowModel(Vocabulary(map(chr, range(97, 97 + symbols))), kept.parameters))
    return FINE


def _apart(path: Path) -> tuple[int, bytes]:
    """What a copy of this process says: 0 and the model, 1 and the error, or something else."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = TOO_MUCH
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            try:
                data, status = pack(read_here(path)), 0
            except ModelFileError as error:
                data, status = str(error).encode("utf-8", "replace"), 1
            while data:
                data = data[os.write(writing, data) :]
        finally:
            os._exit(status)
    os.close(writing)
    said = b"".join(iter(lambda: os.read(reading, 65_536), b""))
    os.close(reading)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said
