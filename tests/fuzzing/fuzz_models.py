"""Damaged model files: of every family, as bytes, in the header, in the arrays, and grown beyond measure."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from fuzz_grown import GROWTHS
from fuzz_seeds import SEEDS
from fuzz_values import damaged_bytes, damaged_json, damaged_text, nested
from model_files import TYPES, Array, Parts, resealed

EXTREMES = [0, 1, -1, 1e6, -1e6, 1.1e6, 1e30, -1e30, 1e300, 1e-320, np.nan, np.inf, -np.inf]
WHOLE = [0, 1, 2, 254, 255, 2**15, 2**31, 2**32, 2**53, 2**62, 2**63 - 1, 2**63, 2**64 - 1, -1]


def damaged_model(random: random.Random) -> tuple[str, bytes]:
    """(what was done, the file)."""
    family = random.choice(list(SEEDS))
    data = SEEDS[family]()
    kinds = [_bytes] * 3 + [_header] * 5 + [_characters] * 2 + [_numbers] * 6 + [_shapes] * 4 + [_names] * 2
    change = random.choice([*kinds, _entries, _deep, _grown, _grown])
    return f"{family}, {change.__name__[1:]}", change(random, data)


def _grown(random: random.Random, data: bytes) -> bytes:
    parts = Parts.of(data)
    random.choice(GROWTHS)(random, parts)
    return parts.joined()


def _bytes(random: random.Random, data: bytes) -> bytes:
    changed = damaged_bytes(random, data)
    return resealed(changed) if random.random() < 0.7 else changed


def _header(random: random.Random, data: bytes) -> bytes:
    parts = Parts.of(data)
    parts.described = damaged_json(random, parts.described)
    return parts.joined()


def _characters(random: random.Random, data: bytes) -> bytes:
    """Segmentations, and vocabularies with duplicates, surrogates, thousands of characters or none, of blends too."""
    parts = Parts.of(data)
    holders = [parts.described]
    if "blend" in parts.described:
        holders += parts.described["blend"]["parts"]
    holder = random.choice(holders)
    if isinstance(holder["characters"], str):
        holder["characters"] = damaged_text(random, holder["characters"])
    else:
        place = random.randrange(len(holder["characters"]))
        holder["characters"][place] = damaged_text(random, holder["characters"][place])
        if random.random() < 0.5:
            holder["segmentation"] = damaged_json(random, holder["segmentation"])
    return parts.joined()


def _numbers(random: random.Random, data: bytes) -> bytes:
    """Some or all numbers of an array extreme, exchanged, or next to what they were."""
    parts = Parts.of(data)
    for _ in range(random.choice((1, 1, 2, 6))):
        name = random.choice(list(parts.arrays))
        flat = parts.arrays[name].reshape(-1)
        if not len(flat):
            continue
        draw = np.random.default_rng(random.randrange(2**32))
        places = draw.integers(0, len(flat), random.choice((1, 1, 3, 30)))
        if random.random() < 0.25:
            places = np.arange(len(flat))
        with np.errstate(all="ignore"):
            how = random.randrange(6)
            if how == 0:
                flat[places] = flat[draw.permutation(places)]
            elif how == 1 and flat.dtype.kind == "f":
                flat[places] *= random.choice((-1, 2, 1e3, 1e5, 1e-9))
            elif how == 2:
                flat[places] = (flat[places].astype(np.float64) + random.choice((1, -1))).astype(flat.dtype)
            elif how == 3:
                flat[places] = np.sort(flat[places])[:: random.choice((1, -1))]
            elif flat.dtype.kind == "f":
                flat[places] = np.array(random.choice(EXTREMES)).astype(flat.dtype)
            else:
                bits = 8 * flat.dtype.itemsize
                flat[places] = np.array(random.choice(WHOLE) % 2**bits, f"u{flat.dtype.itemsize}").view(flat.dtype)
    return parts.joined()


def _shapes(random: random.Random, data: bytes) -> bytes:
    """An array of another shape or another type, empty, twice as long, turned or without its last rows."""
    parts = Parts.of(data)
    name = random.choice(list(parts.arrays))
    array = parts.arrays[name]
    with np.errstate(all="ignore"):
        choices: list[Callable[[], Array]] = [
            *(lambda: array.T, lambda: array.reshape(-1), lambda: array[None], lambda: array[..., None]),
            *(lambda: array[:0], lambda: array[..., :0], lambda: array[:-1], lambda: array[1:]),
            lambda: np.concatenate([array, array]),
            lambda: np.concatenate([array, array], axis=-1),
            lambda: np.concatenate([array, array[-1:]]),
            lambda: array.reshape(-1)[:1].reshape(()) if array.size else array,
            lambda: array.astype(TYPES[random.choice(list(TYPES))]),
            lambda: array.astype(TYPES[random.choice(list(TYPES))]),
            lambda: array.astype("<u8") << np.uint64(random.randrange(64)) if array.dtype.kind in "ui" else array * 1e5,
            lambda: np.zeros_like(array),
            lambda: np.ones((random.choice((1, 3, 1000)),) * array.ndim, array.dtype),
        ]
        parts.arrays[name] = random.choice(choices)()
    return parts.joined()


def _names(random: random.Random, data: bytes) -> bytes:
    """Arrays left out, exchanged, under other names, or under two."""
    parts = Parts.of(data)
    one, other = random.choice(list(parts.arrays)), random.choice(list(parts.arrays))
    how = random.randrange(5)
    if how == 0:
        parts.arrays[one], parts.arrays[other] = parts.arrays[other], parts.arrays[one]
    elif how == 1:
        parts.arrays[one] = parts.arrays[other]
    elif how == 2:
        del parts.arrays[one]
    elif how == 3:
        array = parts.arrays[one]
        parts.arrays[one.replace("0", "1").replace("layer1", "layer2")] = array
    else:
        parts.arrays[random.choice(("", "network9.output", "part0." + one, "a" * 100_000))] = parts.arrays[one]
    return parts.joined()


def _entries(random: random.Random, data: bytes) -> bytes:
    """What the header says of an array: shapes that overflow, offsets past the end or shared, types unknown."""
    parts = Parts.of(data)
    name, other = random.choice(list(parts.arrays)), random.choice(list(parts.arrays))
    (length,) = struct.unpack("<Q", data[:8])
    said = json.loads(data[8 : 8 + length])
    entry = said[name]
    shapes = ([2**32, 2**32], [2**63, 2], [2**62, 4, 0], [0], [-1])
    changes: list[dict[str, Any]] = [
        *({"shape": shape} for shape in (*shapes, [1] * 40 + entry["shape"], [1] * 70 + entry["shape"], [2**70])),
        {"dtype": random.choice(("F8_E4M3", "BF16", "C64", "F4", "OBJECT", "U64"))},
        {"data_offsets": said[other]["data_offsets"]},
        {"data_offsets": [0, 2**63]},
        {"data_offsets": entry["data_offsets"][::-1]},
        {"data_offsets": [0, 0], "shape": [0]},
    ]
    return parts.joined(**{name: entry | random.choice(changes)})


def _deep(random: random.Random, data: bytes) -> bytes:
    """JSON nested deeply, as the whole entry, as the training record or as the header itself."""
    parts = Parts.of(data)
    text = nested(random)
    how = random.randrange(3)
    if how == 0:
        parts.described = text
    elif how == 1:
        parts.described = json.dumps(parts.described | {"training": 7})[:-1].replace(": 7", ": " + text) + "}"
    else:
        return struct.pack("<Q", len(text)) + text.encode() + data[8:]
    return parts.joined()
