"""Model files whose parts all fit together and are out of all proportion; each a change of good parts in place."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from model_files import Parts

from mangosaurus.core.arrays import dequantized

MANY = (3, 20, 150, 600)


def strong_window(random: random.Random, parts: Parts) -> None:
    """A network that reads windows as long as may be, whose numbers grow at every step."""
    if "window" not in parts.described:
        return
    parts.described["window"]["length"] = random.choice((1, 40, 200, 1023, 1024, 1025, 4096))
    for layer in parts.described["window"]["layers"]:
        layer["activation"] = random.choice(("relu", "linear", "tanh"))
        layer["recurrent_activation"] = random.choice(("relu", "linear", "hard_sigmoid"))
    for name in parts.own:
        parts.arrays[name] = parts.arrays[name] * parts.arrays[name].dtype.type(random.choice((1, 3, 1000, 1e5)))


def strong_weights(random: random.Random, parts: Parts) -> None:
    """All numbers as large as may be, all of one sign or of both."""
    parts.arrays = dequantized(parts.arrays)
    for name, array in parts.own.items():
        if array.dtype.kind == "f" and "discounts" not in name and "blend" not in name:
            sign = random.choice((np.sign(array), np.ones_like(array), -np.ones_like(array)))
            largest = min(random.choice((1e3, 1e6)), float(np.finfo(array.dtype).max))
            parts.arrays[name] = (sign * largest).astype(array.dtype)


def long_context(random: random.Random, parts: Parts) -> None:
    """A transformer that looks back as far as may be, with more heads or fewer."""
    for cell in parts.described.get("cells", []):
        if isinstance(cell, dict):
            cell["transformer"]["context"] = random.choice((1, 2, 1023, 1024, 1025, 2**40))
            cell["transformer"]["heads"] = random.choice((1, 2, 4, 8, 0, 3, 10**9))


def many_networks(random: random.Random, parts: Parts) -> None:
    """The first network of a mixture many times."""
    if not parts.described.get("cells"):
        return
    many = random.choice(MANY)
    first = {name: array for name, array in parts.own.items() if name.startswith("network0.")}
    parts.described["cells"] = parts.described["cells"][:1] * many
    for number in range(many):
        parts.arrays |= {name.replace("network0", f"network{number}"): array for name, array in first.items()}


def many_layers(random: random.Random, parts: Parts) -> None:
    """The last layer of the first network many times."""
    layers = sum(name.startswith("network0.layer") and name.endswith(".input_bias") for name in parts.arrays)
    last = {name: array for name, array in parts.own.items() if name.startswith(f"network0.layer{layers - 1}.")}
    if not last:
        return
    hidden, gates = parts.arrays[f"network0.layer{layers - 1}.recurrent"].shape
    for level in range(layers, layers + random.choice(MANY)):
        for name, array in last.items():
            into = name.replace(f"layer{layers - 1}", f"layer{level}")
            parts.arrays[into] = np.ones((hidden, gates), "f4") if name.endswith(".input") else array


def many_labels(random: random.Random, parts: Parts) -> None:
    """The first label many times, under other names."""
    if not parts.described.get("labels"):
        return
    before, many = len(parts.described["labels"]), random.choice(MANY)
    parts.described["labels"] = [[f"label {number}", 1 + number] for number in range(many)]
    nodes = int(parts.arrays["labels.levels"][0, -1])
    arcs = int(parts.arrays["labels.degree"][:nodes].sum())
    parts.arrays["labels.levels"] = parts.arrays["labels.levels"][:1].repeat(many, axis=0)
    for name in ("suffix", "oldest", "degree", "symbol", "target", "count"):
        end = nodes if name in ("suffix", "oldest", "degree") else arcs
        parts.arrays[f"labels.{name}"] = np.tile(parts.arrays[f"labels.{name}"][:end], many)
    for name, array in parts.own.items():
        if name.endswith("embedding"):
            parts.arrays[name] = np.resize(array, (len(array) - before + many, array.shape[1]))
        if name.endswith(("prior.vectors", "prior.gates", "prior.scale", "prior.output_bias")):
            parts.arrays[name] = np.resize(array, (many, array.shape[1]))


def long_order(random: random.Random, parts: Parts) -> None:
    """An n-gram with many levels that have no nodes."""
    if "ngram.levels" not in parts.arrays or parts.described.get("labels"):
        return
    more = random.choice((1, 27, 29, 250, 255, 256, 20_000))
    levels, discounts = parts.arrays["ngram.levels"], parts.arrays["ngram.discounts"]
    parts.arrays["ngram.levels"] = np.append(levels, levels[-1:].repeat(more))
    parts.arrays["ngram.discounts"] = np.concatenate([discounts, discounts[-1:].repeat(more, axis=0)])
    if "mixture.weights" in parts.arrays:
        weights = parts.arrays["mixture.weights"]
        parts.arrays["mixture.weights"] = np.concatenate([weights[:1].repeat(more, axis=0), weights])


def large_counts(random: random.Random, parts: Parts) -> None:
    """Counts near and beyond what sums of them can hold."""
    for name, array in parts.own.items():
        if name.endswith(".count"):
            counts = array.astype("<u8")
            counts[random.randrange(len(counts)) :: random.choice((1, 2, 50))] = random.choice(
                (2**31, 2**52, 2**53, 2**61, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
            )
            parts.arrays[name] = counts.astype(random.choice(("<u8", "<u8", "<i8")))


def many_characters(random: random.Random, parts: Parts) -> None:
    """A vocabulary of every character that there is; it fits n-grams alone."""
    most = random.choice((20_000, 0xD000, 0x110000))
    known = set(parts.described["characters"])
    others = (chr(code) for code in range(1, most) if not 0xD800 <= code <= 0xDFFF)
    parts.described["characters"] += "".join(c for c in others if c not in known)


def many_parts(random: random.Random, parts: Parts) -> None:
    """A blend of the same model many times."""
    many, characters = random.choice(MANY), parts.described["characters"]
    own = {f"part{p}.{name}": array for p in range(many) for name, array in parts.own.items()}
    how = random.choice(("product", "mixture"))
    bare = {"blend": {"how": how, "parts": [parts.bare] * many}, "characters": characters}
    parts.replace(bare, own | {"blend.weights": np.full(many, 1 / many)})


def deep_blend(random: random.Random, parts: Parts) -> None:
    """A blend whose first part is a blend, and so on."""
    leaf, leaf_arrays, characters = parts.bare, parts.own, parts.described["characters"]
    bare, own = leaf, leaf_arrays
    for depth in range(random.choice((2, 8, 60, 200))):
        how = ("product", "mixture")[depth % 2]
        own = {f"part0.{name}": array for name, array in own.items()}
        own |= {f"part1.{name}": array for name, array in leaf_arrays.items()}
        own["blend.weights"] = np.array([0.5, 0.5])
        bare = {"blend": {"how": how, "parts": [bare, leaf]}, "characters": characters}
    parts.replace(bare, own)


def odd_record(random: random.Random, parts: Parts) -> None:
    """A training record that says anything."""
    values = (-1, 0, 10**9, 1e308, float("nan"), "9" * 5000, "x\n\033[2J", [1], {"a": 1}, None, True, "1e400")
    keys = "longest corpus held_out held_out_network held_out_symbols seconds note plan finished documents lowercased"
    keys += " curves blend imported format further"
    for key in random.sample(keys.split(), random.choice((1, 3, 8))):
        parts.described["training"][key] = random.choice(values)


GROWTHS: tuple[Callable[[random.Random, Parts], None], ...] = (
    *(strong_window, strong_weights, long_context, many_networks, many_layers, many_labels),
    *(long_order, large_counts, many_characters, many_parts, deep_blend, odd_record),
)
