"""Keras files as the old versions laid them out, written by h5py, and a plain computation of what they say."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from mangosaurus.core.arrays import FloatArray, IntArray

SYMBOLS, STEPS = 5, 4
Weights = list[tuple[str, FloatArray]]


def draw(seed: int, *shape: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def lstm(inputs: int, units: int, seed: int = 0) -> Weights:
    shapes = [(inputs, 4 * units), (units, 4 * units), (4 * units,)]
    return [
        (name, draw(seed + number, *shape))
        for number, (name, shape) in enumerate(zip(("kernel", "recurrent_kernel", "bias"), shapes, strict=True))
    ]


def dense(inputs: int, outputs: int, seed: int = 90) -> Weights:
    return [("kernel", draw(seed, inputs, outputs)), ("bias", draw(seed + 1, outputs))]


def layer(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name} | config}


def small_layers(**changes: Any) -> list[dict[str, Any]]:
    """One LSTM of three units and its softmax, as Keras 2 describes them; `changes` are the LSTM's."""
    settings: dict[str, Any] = {"units": 3, "activation": "tanh", "recurrent_activation": "hard_sigmoid"}
    return [
        layer("LSTM", "lstm", **{"batch_input_shape": [None, STEPS, SYMBOLS], **settings, **changes}),
        layer("Dense", "dense", units=SYMBOLS, activation="softmax"),
    ]


def small_weights() -> dict[str, Weights]:
    return {"lstm": lstm(SYMBOLS, 3), "dense": dense(3, SYMBOLS)}


def write(
    path: Path, layers: Sequence[dict[str, Any]], weights: dict[str, Weights], version: str | None = "2.0.6"
) -> Path:
    """A Sequential model's `.h5` file; no arrays for layers without weights."""
    with h5py.File(path, "w") as file:
        if version is not None:
            file.attrs["keras_version"] = version.encode()
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": list(layers)}).encode()
        holder = file.create_group("model_weights")
        names = list(dict.fromkeys(each["config"]["name"] for each in layers if "config" in each))
        holder.attrs["layer_names"] = [name.encode() for name in names]
        for name in names:
            group = holder.create_group(name)
            own = weights.get(name, [])
            group.attrs["weight_names"] = np.array([f"{name}/{weight}".encode() for weight, _ in own], dtype="S60")
            for weight, array in own:
                group.create_dataset(f"{name}/{weight}", data=array)
    return path


def archive(path: Path, packing: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    """A `.keras` archive; `members` replaces the metadata, the config or the weights."""
    contents = {
        "metadata": json.dumps({"keras_version": "3.1.0"}).encode(),
        "config": json.dumps({"class_name": "Sequential", "config": {"layers": small_layers()}}).encode(),
        "weights": b"nothing of the kind",
    } | members
    names = {"metadata": "metadata.json", "config": "config.json", "weights": "model.weights.h5"}
    with zipfile.ZipFile(path, "w", packing) as packed:
        for name, data in contents.items():
            packed.writestr(names[name], data)
    return path


def one_hot(windows: IntArray) -> FloatArray:
    """(B, T, SYMBOLS) from ids of 1 and more."""
    return np.eye(SYMBOLS)[np.asarray(windows) - 1]


def all_windows(count: int = 30) -> IntArray:
    return np.random.default_rng(5).integers(1, SYMBOLS + 1, (count, STEPS))


def softmax(logits: FloatArray) -> FloatArray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: FloatArray = raised / raised.sum(axis=1, keepdims=True)
    return shares
