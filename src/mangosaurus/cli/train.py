"""`mangosaurus train`: learn a model from a corpus."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mangosaurus.cli.command import spelled
from mangosaurus.cli.options import parameter_of
from mangosaurus.cli.signals import Stop, stoppable
from mangosaurus.cli.streams import say
from mangosaurus.core.errors import OptionError, OutputError
from mangosaurus.core.options import about
from mangosaurus.training.settings import Settings

if TYPE_CHECKING:
    from mangosaurus.api.model import Model
    from mangosaurus.data.corpus import Corpus
    from mangosaurus.training.status import Status

NAMES_AT_THE_END = 10


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of Settings, in place of its parameter `given`.

    It is called with those that are on the command line.
    """
    own = list(inspect.signature(command, eval_str=True).parameters.values())
    place = next(place for place, each in enumerate(own) if each.name == "given")
    options = [parameter_of(each, about(each).typed or eval(str(each.type))) for each in fields(Settings)]
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    every = [*own[:place], *options, *own[place + 1 :], context]

    @wraps(command)
    def call(context: typer.Context, **values: Any) -> None:
        typed = {each.name: values.pop(each.name) for each in options}
        sources = {name: context.get_parameter_source(name) for name in typed}
        given = {name: typed[name] for name, source in sources.items() if source and source.name == "COMMANDLINE"}
        command(**values, given=given)

    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in every]
    )
    call.__annotations__ = {each.name: each.annotation for each in every}
    return call


@with_settings
def train(
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CORPUS]...",
            help="Files, folders of .txt files, names that `mangosaurus corpora` lists, or - for standard input. "
            "Without one, the bundled list of dinosaurs.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the model goes, such as names.safetensors.")] = None,
    *,
    given: dict[str, Any],
    holdout: Annotated[
        str | None, typer.Option(help="A file to hold out instead of parts of the corpus; its loss is reported.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option("--from", help="Train this model further: a network of windows, as Keras writes.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="With --from, how often it reads the corpus.")] = 1,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="A new folder for checkpoints, from which --resume continues the run."),
    ] = None,
    every: Annotated[
        str | None, typer.Option(help="How often a checkpoint is written, such as 5m; 60s by default.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(help="Resume from the last checkpoint in this folder, on the same corpus and with its options."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no notes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of names.")] = False,
) -> None:
    """Learn a model from names or texts, and print ten new ones."""
    from mangosaurus.cli.info import held_out_line
    from mangosaurus.cli.output import keep, reserved
    from mangosaurus.training.distributed import rank

    quiet = quiet or rank() > 0  # of several processes, the first speaks and writes

    def note(line: str) -> None:
        if not quiet:
            say(line)

    with stoppable() as stop:
        with reserved(None if rank() else out, force, [*(corpus or ()), holdout]):
            problem = None
            if start is not None:
                model = _further(start, corpus, given, epochs, note, stop)
            else:
                from mangosaurus.training.checkpoint import opened

                model, problem = _new(corpus, holdout, given, opened(checkpoint, resume, every), quiet, stop)
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
                note("stopped: model not saved: no --out given")
        if stop.is_set():
            raise typer.Exit(stop.status)
        with stop.at_once():
            _show(model, out, training["seed"] if start is None else given.get("seed", 0), as_json, note)
    if problem is not None:
        raise OutputError(f"{problem}; the training itself came to its end")


def _new(
    corpus: list[str] | None, holdout: str | None, given: Mapping[str, Any], checkpoints: Any, quiet: bool, stop: Stop
) -> tuple[Model, str | None]:
    """A new model, or one of a run that is resumed; and why its last checkpoint could not be written, if so it was.

    Raises what `api.fit` raises.
    """
    from mangosaurus.api.fit import read_both, run_fit
    from mangosaurus.cli.progress import watching
    from mangosaurus.data.read import read_corpus
    from mangosaurus.training.settings import stated

    last: list[Status] = []

    def read(settings: Settings) -> tuple[Corpus, Corpus | None]:
        with stop.at_once():
            return read_both(
                partial(read_corpus, quiet=quiet), corpus or (), None if holdout is None else [holdout], settings
            )

    with watching(quiet) as watch:

        def after_step(status: Status) -> None:
            last[:] = [status]
            watch(status)

        model = run_fit(read, stated(given), checkpoints, after_step, stop)
    kept = last[0].checkpoints
    return model, None if kept is None else kept.problem


def _further(
    path: Path,
    corpus: list[str] | None,
    given: Mapping[str, Any],
    epochs: int,
    note: Callable[[str], None],
    stop: Stop,
) -> Model:
    """A network of windows, trained for some epochs more. Raises what `api.train_further` raises."""
    from mangosaurus.api.fit import train_further
    from mangosaurus.api.verbs import load
    from mangosaurus.data.read import read_corpus

    if not corpus:
        raise OptionError("--from needs a corpus to train on: mangosaurus train CORPUS --from MODEL")
    with stop.at_once():
        model = load(path)
        lowercase = given.get("lowercase", False) or bool(model.training.get("lowercased"))
        format = given.get("format", "auto")
        read = read_corpus(corpus, model.kind if format == "auto" else format, lowercase)
    further = train_further(
        model,
        read,
        epochs=epochs,
        seed=given.get("seed", 0),
        begun=lambda: note(read.summary()),
        watch=lambda epoch: note(
            f"epoch {epoch.number} of {epoch.epochs}, {epoch.seconds:.0f} s, loss {epoch.loss:.4f} nats per character "
            "while learning"
        ),
        stop=stop,
    )
    learnt = further.training["further"][-1]["epochs"]
    if learnt < epochs and not stop.is_set():
        from mangosaurus.training.torch_window import NOT_FINITE

        note(f"{NOT_FINITE.format(learnt + 1)}; the model is that after epoch {learnt}")
    return further


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
