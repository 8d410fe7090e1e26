"""`mangosaurus train`: learn a model from a corpus."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangosaurus.cli.command import spelled
from mangosaurus.cli.options import LabelColumnOption, LabelsOption, NameColumnOption
from mangosaurus.cli.stopping import stoppable
from mangosaurus.cli.streams import say
from mangosaurus.cli.train_new import train_new
from mangosaurus.errors import OutputError

if TYPE_CHECKING:
    from mangosaurus.model import Model

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
    cell: Annotated[str, typer.Option(help="rnn, gru, lstm or transformer.")] = "lstm",
    hidden: Annotated[int | None, typer.Option(help="Units a layer. Follows from the corpus if not given.")] = None,
    layers: Annotated[int | None, typer.Option(help="Layers of the network: 1, or 4 of a transformer.")] = None,
    order: Annotated[int | None, typer.Option(help="The longest n-gram. Follows from the corpus if not given.")] = None,
    members: Annotated[
        int | None, typer.Option(help="Networks to average: with a budget the most, with --steps so many (1).")
    ] = None,
    batch: Annotated[
        int | None, typer.Option(help="Names, or streams of a text, read side by side in a step, by all processes.")
    ] = None,
    device: Annotated[
        str, typer.Option(help="Where networks are trained: cpu, cuda or mps; auto is CUDA where there is some.")
    ] = "auto",
    precision: Annotated[
        str, typer.Option(help="Their products: 32 bits or bf16; auto is bf16 where the device is fast at it.")
    ] = "auto",
    memory: Annotated[
        str | None, typer.Option(help="How much memory it may use, such as 2GB; large files are then read bit by bit.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option("--from", help="Train this model further: a network of windows, as Keras writes.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="With --from, how often it reads the corpus.")] = 1,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A new folder for checkpoints, from which --resume goes on whatever happens.")
    ] = None,
    every: Annotated[str, typer.Option(help="How often a checkpoint is written, such as 60s or 5m.")] = "60s",
    resume: Annotated[
        Path | None,
        typer.Option(help="Go on from the last checkpoint in this folder, on the same corpus and with its options."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no notes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of names.")] = False,
) -> None:
    """Learn a model from names or texts, and print ten new ones."""
    from mangosaurus.cli.info import held_out_line
    from mangosaurus.cli.keeping import keep, reserved
    from mangosaurus.cli.train_from import train_from
    from mangosaurus.training.ranks import rank

    quiet = quiet or rank() > 0  # of several processes, the first speaks and writes

    def note(line: str) -> None:
        if not quiet:
            say(line)

    with stoppable() as stop:
        with reserved(None if rank() else out, force, [*(corpus or ()), holdout]):
            problem = None
            if start is not None:
                model = train_from(start, corpus, format, lowercase, epochs, seed, note, stop)
            else:
                model, problem = train_new(context, corpus, quiet, stop)
                seed = model.training["seed"]
            if rank():
                raise typer.Exit(stop.status if stop.is_set() else 0)
            training = model.training
            if "note" in training:
                note(f"note: {training['note']}")
            if start is None:
                note(f"held-out loss: {held_out_line(training) or 'none was held out'}")
            if out is not None:
                keep(model, out, force)
                kept = "the best model so far is kept in" if stop.is_set() else "the model is in"
                note(f"{'stopped: ' if stop.is_set() else ''}{kept} {out}")
            elif stop.is_set():
                note("stopped: the model is not kept, for want of --out")
        if stop.is_set():
            raise typer.Exit(stop.status)
        with stop.at_once():
            _show(model, out, seed, as_json, note)
    if problem is not None:
        raise OutputError(f"{problem}; the training itself came to its end")


def _show(model: Model, out: Path | None, seed: int, as_json: bool, note: Callable[[str], None]) -> None:
    """Prints samples of a new model."""
    samples = model.sample(1 if model.kind == "text" else NAMES_AT_THE_END, seed=seed)
    if as_json:
        result = {"out": None if out is None else str(out), "training": model.training, "samples": list(samples)}
        print(json.dumps(result, ensure_ascii=False))
    else:
        sys.stdout.write("".join(line + "\n" for line in samples))
        sys.stdout.flush()
    shortfall = samples.shortfall(spelled)
    if shortfall:
        note(shortfall)
    if out is None:
        note("the model is not kept: train with --out names.safetensors to keep it")
    else:
        note(f"more: mangosaurus write {out}" if model.kind == "text" else f"more: mangosaurus sample {out} -n 100")
