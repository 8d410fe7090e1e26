"""`mangosaurus evaluate`: how well a model predicts a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import AsJson, LabelColumnOption, LabelsOption, Lowercase, NameColumnOption
from mangosaurus.cli.streams import print_json, say


def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A model file, or a bundled model.")],
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The file to predict, a folder of .txt files, a name that `mangosaurus corpora` lists, or - for "
            "standard input.",
        ),
    ],
    samples: Annotated[
        int,
        typer.Option(
            metavar="N", help="Also draw N samples. Report how many are new and distinct, and the nearest name of each."
        ),
    ] = 0,
    training: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="With --samples: the training list to compare them with. Default: FILE."),
    ] = None,
    seed: Annotated[int, typer.Option(help="With --samples: the random seed.")] = 0,
    window: Annotated[
        int | None, typer.Option(metavar="N", help="Predict each character only from the N characters before it.")
    ] = None,
    stride: Annotated[int, typer.Option(metavar="N", help="With --window: predict only every Nth character.")] = 1,
    labels: LabelsOption = None,
    label_column: LabelColumnOption = None,
    name_column: NameColumnOption = None,
    lowercase: Lowercase = False,
    as_json: AsJson = False,
) -> None:
    """Measure the loss of a model on a file, in nats per symbol (END included) and in bits per character.

    If the model and the file have labels, each name is predicted given its label.
    """
    from mangosaurus.api.verbs import load
    from mangosaurus.cli.progress import working
    from mangosaurus.core.errors import Option, OptionError
    from mangosaurus.evaluation.loss import novelty

    loaded = load(model)
    if training is not None and loaded.kind == "text":
        raise OptionError(Option("training"), " is a list of names, but this model writes texts")
    corpus = loaded.read(
        file, loaded.lowering or lowercase, labels=labels, label_column=label_column, name_column=name_column
    )
    unit = loaded.vocabulary.unit
    with working(f"reading {loaded.vocabulary.counted(corpus.characters)}"):
        measured = loaded.evaluate(corpus, window, stride)
    result = measured.as_dict()
    if measured.unknown_characters:
        shown = " ".join(repr(character) for character in measured.unknown)
        count = f"{measured.unknown_characters:,} {unit}s"
        say(f"note: {count} are not in the model's vocabulary and do not count in the losses: {shown}")
    near = None
    if samples:
        everything = loaded.kind == "names"  # texts are never left out
        drawn = loaded.sample(samples, seed=seed, allow_known=everything, allow_duplicates=everything)
        neighbours = corpus if training is None else loaded.read(training, loaded.lowering or lowercase)
        known = neighbours.documents if loaded.kind == "names" else ()
        near = novelty(drawn.documents, loaded.known, known, loaded.vocabulary.split)
        result |= {"samples": near.samples, "new": near.new, "distinct": near.distinct}
        result["nearest"] = [{"text": s, "nearest": name, "edits": edits} for s, name, edits in near.nearest]
    if as_json:
        print_json(result)
        return
    print(f"{measured.nats_per_symbol:.4f} nats per symbol, {measured.bits_per_character:.4f} bits per {unit}")
    ends = "END included" if measured.symbols > measured.characters else "without END: the model never ends a text"
    if measured.accuracy is None:
        given = ", each given its label" if loaded.labels and corpus.labels is not None else ""
        print(f"{measured.symbols:,} symbols, {ends}, in {measured.documents:,} documents{given}")
    else:
        count = loaded.vocabulary.counted(measured.symbols)
        print(f"{count}, each from {window} before it; {measured.accuracy:.1%} correct")
    if near:
        print(f"of {near.samples:,} samples {near.new:.1%} are new, {near.distinct:.1%} distinct")
        if near.nearest:
            print(f"each sample, the nearest name of {training or file}, and the edits between them:")
        for text, name, edits in near.nearest:
            print(f"{text}\t{name}\t{edits}")
