"""`mangosaurus info`: a description of a model file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mangosaurus.cli.options import ModelArgument, with_options
from mangosaurus.cli.output import Output
from mangosaurus.core.errors import plain
from mangosaurus.core.units import counted

if TYPE_CHECKING:
    from mangosaurus.api.model import Model

REPEATED = ("steps", "members", "cell", "hidden", "layers", "order", "seed", "format")
"""The options that repeat a training: keys of its record, or of the record's plan."""
LONGEST_LINE = 100_000
"""In characters. A file may hold anything, and a list of labels may be long."""


@with_options
def info(
    model: ModelArgument = None,
    *,
    output: Output,
) -> None:
    """Describe a model: its kind, its training and its held-out loss."""
    from mangosaurus.api.verbs import load
    from mangosaurus.core.table import Table

    output.check(model)
    loaded = load(model)
    described = loaded.info()
    output.show(
        lambda: description(loaded),
        lambda: Table(("key", "value"), list(entries(described))),
        lambda: described,
    )


def entries(described: dict[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of an object and of those in it, such as `training.seed`. A list is one value, as JSON."""
    for key, value in described.items():
        if isinstance(value, dict):
            yield from entries(value, f"{within}{key}.")
        else:
            yield f"{within}{key}", json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def description(loaded: Model) -> Iterator[str]:
    """What a model is, a line each."""
    from mangosaurus.formats.native.contents import parts_in_words, shares_in_words

    described = loaded.info()
    training = described["training"]
    lines = {
        "model": f"{described['model']}, of {described['kind']}",
        "knows": loaded.vocabulary.summary(),
        "imported from": training.get("imported"),
        "labels": ", ".join(f"{label} ({counted(names, 'name')})" for label, names in loaded.labels.items()),
        "trained on": training.get("corpus"),
        "held-out loss": held_out_line(training),
        "experts": shares_in_words(training),
        "training": training.get("note") or repeat_line(training),
        "took": f"{training['seconds']:.1f} s" if training.get("seconds") is not None else None,
    }
    for name, value in lines.items():
        if value:
            yield f"{name + ':':14} {plain(value, LONGEST_LINE)}"
    for part in parts_in_words(training):
        yield f"{'part:':14} {plain(part, LONGEST_LINE)}"


def held_out_line(training: dict[str, Any]) -> str | None:
    """The held-out losses of a training record in one line."""
    if training.get("held_out") is None or training.get("held_out_symbols") is None:
        return None
    experts = ("ngram", "words", "prior", *(["network"] if training.get("members") else []))  # those of the model
    alone = {name: training.get(f"held_out_{name}") for name in experts}
    said = ", ".join(
        f"{'n-gram' if name == 'ngram' else name} alone {loss:.3f}" for name, loss in alone.items() if loss is not None
    )
    by_weight = training.get("held_out_weighted")
    line = f"{training['held_out']:.3f} nats per symbol" + (f" ({said})" if said else "")
    line += "" if by_weight is None else f", each name once; {by_weight:.3f} by weight"
    return f"{line}, on {training['held_out_symbols']:,} symbols"


def repeat_line(training: dict[str, Any]) -> str | None:
    """The options that repeat a training of networks bit for bit; None if there are none, or it was interrupted."""
    plan = training.get("plan")
    if (
        not isinstance(plan, dict)
        or not training.get("members")
        or not training.get("finished")
        or not {*REPEATED, "epochs"} <= {*training, *plan}
    ):
        return None
    options = [f"--{name} {(training if name in training else plan)[name]}" for name in REPEATED]
    no_prior = training.get("format") == "names" and "prior" not in (training.get("shares") or {})
    options += ["--no-prior"] if no_prior else []
    options += ["--lowercase"] if training.get("lowercased") else []
    options += [f"--language {training['language']}"] if training.get("language") else []
    options += [f"--separator {training['separator']!r}"] if training.get("separator") else []
    options += ["and the same --inventory"] if training.get("inventory") else []
    options += ["and the same labels"] if training.get("labelled") else []
    options += ["and the same --holdout"] if training.get("holdout") else []
    return f"{training['epochs']} epochs; repeat it with {' '.join(options)}"
