"""The facts of a model and the chart of its losses, as the report and notebooks show them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from mangosaurus.formats.native.contents import Contents, parts_in_words, parts_of, shares_in_words
from mangosaurus.html.charts import CHARTS, curves_chart
from mangosaurus.html.notebook import block, title
from mangosaurus.html.page import escape
from mangosaurus.html.tables import facts_table
from mangosaurus.models.describe import describe

Curve = list[tuple[int, float, float]]
CAPTION = (
    "Both losses are in nats per symbol. The training loss is a running mean with dropout, so it may be above the "
    "held-out loss, which is measured without."
)


def facts_of(model: Contents) -> dict[str, str | None]:
    """What a model is, knows and was trained on, and how good it was on held-out documents; None where unknown."""
    training = model.training
    symbols = training.get("held_out_symbols")
    held_out = held_out_in_words(training)
    by_weight = training.get("held_out_weighted")
    if held_out and isinstance(by_weight, int | float):
        held_out += f", each name once; {by_weight:.3f} by weight"
    facts = {
        "model": describe(model.distribution),
        "knows": model.vocabulary.summary(),
        "trained on": training.get("corpus"),
        "held-out loss": held_out and held_out + (f", on {symbols:,} symbols" if isinstance(symbols, int) else ""),
        "experts": shares_in_words(training),
        "note": training.get("note"),
    }
    return facts | {f"part {number}": part for number, part in enumerate(parts_in_words(training), 1)}


def held_out_in_words(training: Mapping[str, Any]) -> str | None:
    """The held-out loss of a training record."""
    loss = training.get("held_out")
    return f"{loss:.3f} nats per symbol" if isinstance(loss, int | float) else None


def curves_of(training: Mapping[str, Any], of: str = "") -> list[tuple[str, Curve]]:
    """(name, curve) of every network, including those of a blend's parts. A record may hold anything."""
    found = []
    recorded = training.get("curves")
    for number, points in enumerate(recorded if isinstance(recorded, list) else [], 1):
        try:
            curve = [(int(step), float(loss), float(held_out)) for step, loss, held_out in points]
        except (TypeError, ValueError, OverflowError):
            continue
        if curve and all(math.isfinite(number) for point in curve for number in point):
            found.append((f"Network {number}{of}", curve))
    for number, part in enumerate(parts_of(dict(training)), 1):
        found.extend(curves_of(part["training"], f" of part {number}{of}"))
    return found


def figure(svg: str, caption: str) -> str:
    return f'<figure><div class="scroll">{svg}</div><figcaption>{escape(caption)}</figcaption></figure>'


def model_block(model: Contents) -> str:
    """A model in a notebook: its facts, and a chart of the loss if it has one and Matplotlib is installed."""
    parts = [title(f"A model of {model.kind}"), facts_table(facts_of(model))]
    curves = dict(curves_of(model.training))
    if curves and find_spec("matplotlib") is not None:
        # A notebook shows several models on one page, and the ids of each chart must be its own.
        name = "curves-" + hashlib.sha256(repr(curves).encode()).hexdigest()[:12]
        parts.append(figure(curves_chart(curves, name), CAPTION))
    return block(parts, CHARTS)
