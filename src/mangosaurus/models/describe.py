"""A model in a phrase."""

from __future__ import annotations

from collections import Counter

from mangosaurus.core.units import counted
from mangosaurus.models.blend import Blend
from mangosaurus.models.interface import CharModel
from mangosaurus.models.labelled import LabelBlend, Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram
from mangosaurus.models.prior_network import PriorNetwork
from mangosaurus.models.recurrent import Recurrent
from mangosaurus.models.steered import Steered
from mangosaurus.models.transformer import Transformer
from mangosaurus.models.window import WindowModel


def describe(model: CharModel) -> str:
    """A model in a phrase, such as `7-gram mixed with 2 times LSTM of 192 units`."""
    if isinstance(model, NGram):
        return f"{model.order}-gram"
    if isinstance(model, Recurrent):
        layers = len(model.parameters.layers)
        return f"{model.parameters.cell.upper()} of {f'{layers} x ' if layers > 1 else ''}{model.hidden} units"
    if isinstance(model, PriorNetwork):
        return "the prior of names"
    if isinstance(model, Transformer):
        layers, seen = len(model.parameters.layers), model.parameters.context
        return f"transformer of {layers} x {model.hidden} units seeing {seen} characters"
    if isinstance(model, Mixture):
        experts, ngram = _describe_experts(model), describe(model.ngram) + (" and words" if model.words else "")
        return f"{ngram} mixed with {experts}" if experts else ngram
    if isinstance(model, Labelled):
        mixed = f" mixed with {_describe_experts(model)}" if model.prior or model.networks else ""
        labels = "1 label" if len(model.labels) == 1 else f"{len(model.labels)} labels"
        return f"{describe(model.common)} of all names and of each of {labels}{mixed}"
    if isinstance(model, WindowModel):
        counts = Counter((layer.cell, len(layer.recurrent)) for layer in model.parameters.layers)
        described = " and ".join(
            f"{f'{count} x ' if count > 1 else ''}{cell.upper()} of {units} units"
            for (cell, units), count in counts.items()
        )
        return f"{described} with a window of {model.parameters.window} characters"
    if isinstance(model, Steered):
        return f"{describe(model.model)}, steered by {counted(len(model.names), 'name')}"
    if isinstance(model, Blend):
        parts = zip(model.weights, model.models, strict=True)
        return f"{model.how} of {', '.join(f'{weight:.4g} × ({describe(part)})' for weight, part in parts)}"
    if isinstance(model, LabelBlend):
        shares = zip(model.labels.tolist(), model.weights, strict=True)
        asked = ", ".join(f"{model.whole.labels[label]} {weight:.0%}" for label, weight in shares)
        return f"{describe(model.whole)}, as {asked}"
    return type(model).__name__


def _describe_experts(model: Mixture | Labelled) -> str:
    kinds = Counter(describe(network) for network in model.networks)
    prior = ["the prior of names"] if model.prior else []
    return " and ".join([*prior, *(f"{count} times {kind}" if count > 1 else kind for kind, count in kinds.items())])
