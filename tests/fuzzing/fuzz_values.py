"""Damage to what every file is made of: bytes, values of JSON, and text. The same generator, the same damage."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

NUMBERS: list[Any] = [
    *(0, 1, -1, 2, 255, 256, 4096, 4097, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, -(2**63)),
    *(0.5, -0.0, 1e-320, 1e6, 1e38, 1e308, -1e308, float("nan"), float("inf"), float("-inf")),
]
WORDS = [
    *("", "a", "aa", "names", "text", "lstm", "product", "mixture", "transformer", "relu", "linear", "__class__"),
    *("\0", "\n", "a\nb", "\ud800", "e\u0301", "\u202e", "\U0001f995", "../../etc/passwd", "x" * 10_000, "[31m"),
]
EDGES = [0, 1, 7, 2**16, 2**30, 2**31 - 1, 2**32, 2**62, 2**63, 2**64 - 1]
"""What a length of eight bytes may claim; 2**30 is a gigabyte."""


def damaged_bytes(random: random.Random, data: bytes) -> bytes:
    """Bits turned, bytes set, cut off, left out, repeated or added, or the first or any eight bytes an extreme."""
    changed = bytearray(data)
    how = random.randrange(9)
    if not changed or how == 0:
        return bytes(changed) + random.randbytes(random.randrange(1, 64))
    place = random.randrange(len(changed))
    if how <= 2:
        for _ in range(random.choice((1, 1, 2, 8, 64))):
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    elif how == 3:
        for _ in range(random.choice((1, 4, 32))):
            changed[random.randrange(len(changed))] = random.choice((0, 1, 127, 128, 255, random.randrange(256)))
    elif how == 4:
        del changed[random.choice((place, place // 8, 8, len(changed) - 1)) :]
    elif how == 5:
        del changed[place : place + random.choice((1, 8, 100))]
    elif how == 6:
        changed[place:place] = changed[max(0, place - random.choice((1, 8, 1000))) : place]
    else:
        place = 0 if how == 7 else place
        changed[place : place + 8] = struct.pack("<Q", random.choice(EDGES))
    return bytes(changed)


def damaged_value(random: random.Random, value: Any) -> Any:
    """Another value for one in a JSON document: an extreme, one of another type, or one that is slightly off."""
    how = random.randrange(10)
    if how <= 2:
        return random.choice(NUMBERS)
    if how == 3:
        return random.choice(WORDS)
    if how == 4:
        return random.choice([None, True, False, [], {}, [[]], {"": None}])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int) and abs(value) < 2**64:
        return random.choice((value + 1, value - 1, -value, value * 2, float(value), str(value), [value]))
    if isinstance(value, float):
        return random.choice((value * 2, -value, int(value) if abs(value) < 1e300 else 0, str(value)))
    if isinstance(value, str):
        return damaged_text(random, value)
    if isinstance(value, list):
        return random.choice((value[::-1], value * 2, value[1:], value[:1] * 50, [value], [*value, random.random()]))
    if isinstance(value, dict):
        return random.choice((list(value), {**value, "": value}, list(value.items()), dict(list(value.items())[1:])))
    return random.choice(NUMBERS)


def damaged_text(random: random.Random, text: str) -> str:
    """A text with characters doubled, left out, swapped or strange ones put in."""
    place = random.randrange(len(text) + 1)
    strange = random.choice(("\0", "\ud800", "\U0010ffff", "e\u0301", "\u00e9", "\t", "\n", "\r", "\ufeff", "a", '"'))
    return random.choice(
        (
            text[:place] + strange + text[place:],
            text[:place] + text[place + 1 :],
            text[:place] + text[place : place + 1] * 2 + text[place + 1 :],
            text[::-1],
            text * random.choice((0, 2, 30)),
            "".join(random.sample(text, len(text))),
            text + "".join(map(chr, range(0x4E00, 0x4E00 + random.choice((3, 300, 20_000))))),
        )
    )


def damaged_json(random: random.Random, document: Any) -> Any:
    """`document` with one to three of its values replaced, left out, added or swapped."""
    document = json.loads(json.dumps(document))
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        places = _places(document)
        if not places:
            return damaged_value(random, document)
        holder, key = random.choice(places)
        how = random.randrange(8)
        if how <= 4:
            holder[key] = damaged_value(random, holder[key])
        elif how == 5:
            del holder[key]
        elif how == 6:
            other, there = random.choice(places)
            value = json.loads(json.dumps(other[there]))  # a copy: what is put into itself has no end
            holder[key] = value
        elif isinstance(holder, dict):
            holder[random.choice(("labels", "blend", "window", "cells", "more"))] = holder[key]
        else:
            holder.insert(0, holder[key])
    return document


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every place in a document, as its holder and the key or the number there."""
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        found += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys]
    return found


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """Files as an archive, which tells no time."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, data in files.items():
            file.writestr(zipfile.ZipInfo(name), data)
    return archive.getvalue()


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def nested(random: random.Random) -> str:
    """JSON that is nested deeply, closed or not."""
    depth = random.choice((50, 900, 1100, 20_000, 200_000))
    return random.choice(("[" * depth, "[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth))
