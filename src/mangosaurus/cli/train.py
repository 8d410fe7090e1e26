"""`mangosaurus train`: learn a model from a corpus."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from mangosaurus.cli.options import LabelColumnOption, LabelsOption, NameColumnOption

NAMES_AT_THE_END = 10


def train(
    context: typer.Context,
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CORPUS]...",
            help="Files, folders of .txt files, names that `mangosaurus corpora` lists, or - for standard input. "
            "Without one, the bundled list of dinosaurs.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the model goes, such as names.safetensors.")] = None,
    budget: Annotated[
        str, typer.Option(help="How long, such as 10s or 2m; 0s is the n-gram alone, which takes less than a second.")
    ] = "10s",
    steps: Annotated[
        int | None,
        typer.Option(
            help="Updates of each network, fewer if it learns no more, instead of a budget: the same model each time."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="What chance starts from.")] = 0,
    format: Annotated[str, typer.Option(help="names (one a line), text (one a file), or auto.")] = "auto",
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Lower-case the corpus.")] = False,
    labels: LabelsOption = None,
    label_column: LabelColumnOption = None,
    name_column: NameColumnOption = None,
    holdout: Annotated[
        str | None, typer.Option(help="A file to steer by instead of parts of the corpus; its loss is reported.")
    ] = None,
    cell: Annotated[str, typer.Option(help="rnn, gru or lstm.")] = "lstm",
    hidden: Annotated[int | None, typer.Option(help="Units a layer. Follows from the corpus if not given.")] = None,
    layers: Annotated[int, typer.Option(help="Layers of the network.")] = 1,
    order: Annotated[int | None, typer.Option(help="The longest n-gram. Follows from the corpus if not given.")] = None,
    members: Annotated[
        int | None, typer.Option(help="Networks to average: with a budget the most, with --steps so many (1).")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(help="How much memory it may use, such as 2GB; large files are then read bit by bit.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option("--from", help="Train this model further: a network of windows, as Keras writes.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="With --from, how often it reads the corpus.")] = 1,
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no notes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of names.")] = False,
) -> None:
    """Learn a model from names or texts, and print ten new ones."""
    from mangosaurus import api
    from mangosaurus.cli.display import watching
    from mangosaurus.cli.info import held_out_line
    from mangosaurus.cli.train_from import check_options, train_from
    from mangosaurus.corpus import read_corpus
    from mangosaurus.large import LargeCorpus, parse_memory, threshold
    from mangosaurus.storage import check_writable

    def note(line: str) -> None:
        if not quiet:
            print(line, file=sys.stderr)

    if out is not None:
        check_writable(out, force)
    check_options(context, start is not None)
    if start is not None:
        with stoppable() as stop:
            model = train_from(start, corpus, format, lowercase, epochs, seed, note, stop)
    else:
        seconds = api.parse_duration(budget)
        begun = time.monotonic()
        columns: dict[str, Any] = {
            "label_column": label_column,
            "name_column": name_column,
            "encoded_from": threshold(parse_memory(memory)),
        }
        read = read_corpus(corpus or (), format, lowercase, quiet, labels=labels, **columns)  # type: ignore[arg-type]
        if isinstance(read, LargeCorpus):
            # Encoding it is part of the time, but does not leave nothing for the rest.
            seconds = max(seconds / 2, seconds - (time.monotonic() - begun))
        held_out = None
        if holdout is not None:
            alike = None if label_column is not None else read.labels is not None
            held_out = read_corpus([holdout], read.kind, lowercase, quiet, labels=alike, **columns)
        with stoppable() as stop, watching(quiet, seconds, steps, read.summary()) as watch:
            model = api.fit(
                read,
                budget=seconds,
                steps=steps,
                seed=seed,
                lowercase=lowercase,
                holdout=held_out,
                cell=cell,  # type: ignore[arg-type]
                hidden=hidden,
                layers=layers,
                order=order,
                members=members,
                memory=memory,
                watch=watch,
                stop=stop,
            )
    training = model.training
    if "note" in training:
        note(f"note: {training['note']}")
    if start is None:
        note(f"held-out loss: {held_out_line(training) or 'none was held out'}")
    if out is not None:
        model.save(out, overwrite=force)
        kept = "the best model so far is kept in" if stop.is_set() else "the model is in"
        note(f"{'stopped: ' if stop.is_set() else ''}{kept} {out}")
    elif stop.is_set():
        note("stopped: the model is not kept, for want of --out")
    if not stop.is_set():
        samples = model.sample(1 if model.kind == "text" else NAMES_AT_THE_END, seed=seed)
        if as_json:
            result = {"out": None if out is None else str(out), "training": training, "samples": list(samples)}
            print(json.dumps(result, ensure_ascii=False))
        else:
            sys.stdout.write("".join(line + "\n" for line in samples))
            sys.stdout.flush()
        shortfall = samples.shortfall()
        if shortfall:
            note(shortfall)
        if out is None:
            note("the model is not kept: train with --out names.safetensors to keep it")
        else:
            note(f"more: mangosaurus write {out}" if model.kind == "text" else f"more: mangosaurus sample {out} -n 100")
    if stop.is_set():
        raise typer.Exit(130)


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets; a second one interrupts as usual."""
    stop = threading.Event()

    def first(number: int, frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
