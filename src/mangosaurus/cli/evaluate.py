"""`mangosaurus evaluate`: how well a model predicts a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import LabelColumnOption, LabelsOption, NameColumnOption
from mangosaurus.cli.streams import say


def evaluate(
    model: Annotated[Path, typer.Argument(help="A model file.")],
    file: Annotated[
        str,
        typer.Argument(
            help="What to predict: a file, a folder of .txt files, a name that `mangosaurus corpora` lists, or - for "
            "standard input."
        ),
    ],
    samples: Annotated[
        int,
        typer.Option(
            help="Also draw this many, and report how many are new and distinct, and what each is nearest to."
        ),
    ] = 0,
    training: Annotated[
        str | None,
        typer.Option(help="With --samples: the training list, to compare them with. FILE by default."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of these samples.")] = 0,
    window: Annotated[
        int | None, typer.Option(help="Predict each character from this many before it, and no others.")
    ] = None,
    stride: Annotated[int, typer.Option(help="With --window: distance from one predicted character to the next.")] = 1,
    labels: LabelsOption = None,
    label_column: LabelColumnOption = None,
    name_column: NameColumnOption = None,
    lowercase: Annotated[
        bool, typer.Option("--lowercase", help="Lower-case the file, as is always done for a lower-cased model.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Measure the loss of a model on a file: nats per symbol, END included, and bits per character.

    A model with labels predicts each name given its label, where the file has labels.
    """
    from mangosaurus.api.verbs import load
    from mangosaurus.cli.progress import working
    from mangosaurus.core.errors import Option, OptionError
    from mangosaurus.evaluation.loss import novelty

    loaded = load(model)
    if training is not None and loaded.kind == "text":
        raise OptionError(Option("training"), " is a list of names to compare with, and this model writes texts")
    lowercase = lowercase or bool(loaded.training.get("lowercased"))
    corpus = loaded.read(file, lowercase, labels=labels, label_column=label_column, name_column=name_column)
    with working(f"reading {corpus.characters:,} characters"):
        measured = loaded.evaluate(corpus, window, stride)
    result = measured.as_dict()
    if measured.unknown_characters:
        shown = " ".join(repr(character) for character in measured.unknown)
        say(
            f"note: {measured.unknown_characters:,} characters are outside the model's vocabulary and left out of the "
            f"losses: {shown}"
        )
    near = None
    if samples:
        everything = loaded.kind == "names"  # of texts, none is ever left out
        drawn = loaded.sample(samples, seed=seed, allow_known=everything, allow_duplicates=everything)
        neighbours = corpus if training is None else loaded.read(training, lowercase)
        near = novelty(drawn, loaded.known, neighbours.documents if loaded.kind == "names" else ())
        result |= {"samples": near.samples, "new": near.new, "distinct": near.distinct}
        result["nearest"] = [{"text": s, "nearest": name, "edits": edits} for s, name, edits in near.nearest]
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    print(f"{measured.nats_per_symbol:.4f} nats per symbol, {measured.bits_per_character:.4f} bits per character")
    ends = "END included" if measured.symbols > measured.characters else "END left out: the model never ends a text"
    if measured.accuracy is None:
        given = ", each given its label" if loaded.labels and corpus.labels is not None else ""
        print(f"{measured.symbols:,} symbols, {ends}, in {measured.documents:,} documents{given}")
    else:
        print(f"{measured.symbols:,} characters, each from {window} before it; {measured.accuracy:.1%} guessed right")
    if near:
        print(f"of {near.samples:,} samples {near.new:.1%} are new, {near.distinct:.1%} distinct")
        if near.nearest:
            print(f"each sample, the nearest name of {training or file}, and the edits between them:")
        for text, name, edits in near.nearest:
            print(f"{text}\t{name}\t{edits}")
