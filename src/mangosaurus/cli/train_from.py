"""`mangosaurus train --from`: epochs more of a network that reads windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mangosaurus.cli.stopping import Stop
from mangosaurus.errors import OptionError

if TYPE_CHECKING:
    from mangosaurus.model import Model


def train_from(
    path: Path,
    corpus: list[str] | None,
    format: str,
    lowercase: bool,
    epochs: int,
    seed: int,
    note: Callable[[str], None],
    stop: Stop,
) -> Model:
    """`api.train_further` of a model file; every epoch is noted. Raises what that raises."""
    from mangosaurus import api
    from mangosaurus.read import read_corpus

    if not corpus:
        raise OptionError("--from needs a corpus to train on: mangosaurus train CORPUS --from MODEL")
    with stop.at_once():
        model = api.load(path)
        lowercase = lowercase or bool(model.training.get("lowercased"))
        read = read_corpus(corpus, model.kind if format == "auto" else format, lowercase)  # type: ignore[arg-type]
    further = api.train_further(
        model,
        read,
        epochs=epochs,
        seed=seed,
        begun=lambda: note(read.summary()),
        watch=lambda epoch: note(
            f"epoch {epoch.number} of {epoch.epochs}, {epoch.seconds:.0f} s, loss {epoch.loss:.4f} nats per character "
            "while learning"
        ),
        stop=stop,
    )
    learnt = further.training["further"][-1]["epochs"]
    if learnt < epochs and not stop.is_set():
        from mangosaurus.training.windows import NOT_FINITE

        note(f"{NOT_FINITE.format(learnt + 1)}; the model is that after epoch {learnt}")
    return further
