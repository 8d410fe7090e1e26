"""`mangosaurus info`: a description of a model file."""

from __future__ import annotations

from typing import Any

from mangosaurus.cli.options import AsJson, ModelArgument
from mangosaurus.cli.streams import print_json
from mangosaurus.core.errors import plain

REPEATED = ("steps", "members", "cell", "hidden", "layers", "order", "seed", "format")
"""The options that repeat a training: keys of its record, or of the record's plan."""
LONGEST_LINE = 100_000
"""In characters. A file may hold anything, and a list of labels may be long."""


def info(
    model: ModelArgument = None,
    as_json: AsJson = False,
) -> None:
    """Describe a model: its kind, its training and its held-out loss."""
    from mangosaurus.api.verbs import load
    from mangosaurus.formats.native.contents import parts_of, shares_in_words

    loaded = load(model)
    described = loaded.info()
    if as_json:
        print_json(described)
        return
    training = described["training"]
    lines = {
        "model": f"{described['model']}, of {described['kind']}",
        "knows": loaded.vocabulary.summary(),
        "imported from": training.get("imported"),
        "labels": ", ".join(f"{label} ({names:,} names)" for label, names in loaded.labels.items()),
        "trained on": training.get("corpus"),
        "held-out loss": held_out_line(training),
        "experts": shares_in_words(training),
        "training": training.get("note") or repeat_line(training),
        "took": f"{training['seconds']:.1f} s" if training.get("seconds") is not None else None,
    }
    for name, value in lines.items():
        if value:
            print(f"{name + ':':14} {plain(value, LONGEST_LINE)}")
    for part in parts_of(training):
        print(f"{'part:':14} {part['weight']:.4g} × {plain(part['model'], LONGEST_LINE)}", end="")
        corpus = part["training"].get("corpus")
        print(f", trained on {plain(corpus, LONGEST_LINE)}" if corpus else "")


def held_out_line(training: dict[str, Any]) -> str | None:
    """The held-out losses of a training record in one line."""
    if training.get("held_out") is None or training.get("held_out_symbols") is None:
        return None
    experts = ("ngram", "prior", *(["network"] if training.get("members") else []))  # those of the model
    alone = {name: training.get(f"held_out_{name}") for name in experts}
    said = ", ".join(
        f"{'n-gram' if name == 'ngram' else name} alone {loss:.3f}" for name, loss in alone.items() if loss is not None
    )
    line = f"{training['held_out']:.3f} nats per symbol" + (f" ({said})" if said else "")
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
