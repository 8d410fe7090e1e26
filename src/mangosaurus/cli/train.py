"""`mangosaurus train`: learn a model from a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click

from mangosaurus.cli.command import FURTHER, spelled, tell, told
from mangosaurus.cli.offer import can_ask, offer
from mangosaurus.cli.options import AsJson, Force, Quiet, with_options
from mangosaurus.cli.signals import Stop, stoppable
from mangosaurus.cli.streams import print_json, print_lines, say
from mangosaurus.core.errors import OptionError, OutputError
from mangosaurus.core.typed import argument, option
from mangosaurus.training.settings import Settings

if TYPE_CHECKING:
    from mangosaurus.api.model import Model
    from mangosaurus.data.corpus import Corpus

NAMES_AT_THE_END = 10


@with_options
def train(
    corpus: Annotated[
        list[str] | None,
        argument(
            "CORPUS",
            "Files, folders of .txt files, names that `mangosaurus corpora` lists, or - for standard input. "
            "Default: the bundled list of dinosaurs.",
        ),
    ] = None,
    out: Annotated[Path | None, option(metavar="FILE", help="Save the model here, such as names.safetensors.")] = None,
    *,
    given: Annotated[dict[str, Any], Settings],
    holdout: Annotated[
        str | None,
        option(
            metavar="FILE",
            help="Tune the model to this file and report its loss, instead of holding out a part of the corpus. Judge "
            "the model by another file.",
        ),
    ] = None,
    start: Annotated[
        Path | None,
        option("--from", metavar="MODEL", help="Continue training this model, imported from Keras."),
    ] = None,
    epochs: Annotated[int, option(help="With --from: passes over the corpus.")] = 1,
    checkpoint: Annotated[
        Path | None,
        option(metavar="FOLDER", help="Write checkpoints to this new folder; --resume continues from them."),
    ] = None,
    every: Annotated[
        str | None, option(metavar="SECONDS", help="Time between checkpoints, such as 5m. Default: 60s.")
    ] = None,
    resume: Annotated[
        Path | None,
        option(
            metavar="FOLDER",
            help="Resume from the last checkpoint in this folder, with its options. Name the same corpus again.",
        ),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on names or texts, and print ten new names or one new text."""
    from mangosaurus.cli.info import held_out_line
    from mangosaurus.training.distributed import rank

    quiet = quiet or rank() > 0  # only the first of several processes prints and writes
    asks = out is None and not quiet and not as_json and can_ask()

    def note(line: str) -> None:
        if not quiet:
            say(line)

    with stoppable() as stop:
        with reserved(None if rank() else out, force, [*(corpus or ()), holdout]):
            problem = None
            if start is not None:
                model = _further(start, corpus, given, epochs, note, stop)
            else:
                model, problem = _new(corpus, holdout, given, (checkpoint, resume, every), quiet, stop)
            if rank():
                raise click.exceptions.Exit(stop.status if stop.is_set() else 0)
            training = model.training
            if "note" in training:
                note(f"note: {training['note']}")
            if start is None:
                note(f"held-out loss: {held_out_line(training) or 'none was held out'}")
            if out is not None:
                keep(model, out, force)
                kept = "the best model so far is in" if stop.is_set() else "the model is in"
                note(f"{'stopped: ' if stop.is_set() else ''}{kept} {out}")
            elif stop.is_set() and not (asks and stop.by_hand):
                note("stopped: model not saved: no --out given")
            elif stop.is_set():
                kept_in = offer(model, "the best model so far", corpus or ())
                note("stopped: the model is not saved" if kept_in is None else f"the model is in {kept_in}")
        if stop.is_set():
            raise click.exceptions.Exit(stop.status)
        with stop.at_once():
            _show(model, training["seed"] if start is None else given.get("seed", 0), out, as_json, note)
            _say_where(model, offer(model, "it", corpus or ()) if asks else out, asks, note)
    if problem is not None:
        raise OutputError(f"{problem}; the training itself finished")


def _new(
    corpus: list[str] | None, holdout: str | None, given: Mapping[str, Any], checkpointing: Any, quiet: bool, stop: Stop
) -> tuple[Model, str | None]:
    """The model of a new or resumed run, and the error of its last checkpoint, if any."""
    from mangosaurus.api.fit import read_both, run_fit
    from mangosaurus.cli.progress import watching
    from mangosaurus.data.read import read_corpus
    from mangosaurus.training.checkpoint import opened
    from mangosaurus.training.settings import stated

    def read(settings: Settings) -> tuple[Corpus, Corpus | None]:
        with stop.at_once():
            found = read_both(
                partial(read_corpus, quiet=quiet), corpus or (), None if holdout is None else [holdout], settings
            )
        for each in found:
            if each is not None and not quiet:
                tell(each)
        return found

    options = stated(given)
    with opened(*checkpointing) as checkpoints, watching(quiet, stop) as watch:
        model = run_fit(read, options, checkpoints, watch, stop)
    return model, None if checkpoints is None else checkpoints.problem


def _further(
    path: Path, corpus: list[str] | None, given: Mapping[str, Any], epochs: int, note: Callable[[str], None], stop: Stop
) -> Model:
    """An imported network, trained for more epochs."""
    from mangosaurus.api.fit import train_further
    from mangosaurus.api.verbs import load
    from mangosaurus.data.read import read_corpus

    if not corpus:
        raise OptionError("--from needs a corpus to train on: mangosaurus train CORPUS --from MODEL")
    with stop.at_once():
        model = load(path)
        reading = {name: given[name] for name in FURTHER if name in given and name != "seed"}
        reading["lowercase"] = model.lowering or given.get("lowercase", False)
        read = read_corpus(corpus, kind=model.kind, **reading)
        for each in read.notes:
            note(told(each))
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
    learned = further.training["further"][-1]["epochs"]
    if learned < epochs and not stop.is_set():
        from mangosaurus.training.torch_window import NOT_FINITE

        note(f"{NOT_FINITE.format(learned + 1)}; the model is from the end of epoch {learned}")
    return further


def _show(model: Model, seed: int, out: Path | None, as_json: bool, note: Callable[[str], None]) -> None:
    """Prints samples of a new model."""
    samples = model.sample(1 if model.kind == "text" else NAMES_AT_THE_END, seed=seed)
    if as_json:
        saved = None if out is None else str(out)
        print_json({"out": saved, "training": model.training, "samples": list(samples)})
    else:
        print_lines(samples)
    shortfall = samples.shortfall(spelled)
    if shortfall:
        note(shortfall)


def _say_where(model: Model, path: Path | None, asked: bool, note: Callable[[str], None]) -> None:
    """Says where the model is, and what it is good for."""
    if path is None:
        note("the model is not saved" + ("" if asked else ": train with --out names.safetensors to save it"))
        return
    if asked:
        note(f"the model is in {path}")
    from shlex import quote

    name = quote(str(path))
    note(f"more: mangosaurus {f'write {name} --temperature 0.7' if model.kind == 'text' else f'sample {name} -n 100'}")


@contextmanager
def reserved(out: Path | None, force: bool, reads: Iterable[str | None]) -> Iterator[None]:
    """Keeps other runs from writing `out`, which must not be one of the files that this run `reads`.

    Raises OutputError if `out` exists (without `force`), cannot be written, or is reserved by another run.
    """
    from mangosaurus.core.files import alone, beside, check_writable

    if out is None:
        yield
        return
    check_writable(out, force, reads)
    with alone(beside(out), f"another training will write {out}; wait for it, or choose another name"):
        yield


def keep(model: Model, out: Path, force: bool) -> None:
    """Writes the model to `out`, or elsewhere if that fails. Raises OutputError then: it says where the model is."""
    from mangosaurus.core.files import elsewhere

    def save(folder: Path) -> Path:
        model.save(folder / out.name)
        return folder / out.name

    try:
        model.save(out, overwrite=force)
    except OutputError as error:
        kept = elsewhere(error, save)
        raise OutputError(*error.parts, f"; the model is in {kept} instead") from error
