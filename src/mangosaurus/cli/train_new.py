"""`mangosaurus train` of a new model, or of one that was broken off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mangosaurus.cli.stopping import Stop

if TYPE_CHECKING:
    from mangosaurus.model import Model
    from mangosaurus.training.recipe import Status


def train_new(context: typer.Context, corpus: list[str] | None, quiet: bool, stop: Stop) -> tuple[Model, str | None]:
    """`api.fit` with the options of the command, and why its last checkpoint could not be written, if so it was.

    Of a run that is resumed, the options are those that it was begun with. Raises what `api.fit` raises.
    """
    with stop.at_once():
        from mangosaurus import api
        from mangosaurus.cli.display import watching
        from mangosaurus.large import parse_memory, threshold
        from mangosaurus.read import read_corpus
        from mangosaurus.training.checkpoint import latest
        from mangosaurus.training.identity import OPTIONS, agreed

        words = context.params
        given: dict[str, Any] = {name: words[name] for name in OPTIONS if _was_given(context, name)}
        if "budget" in given:
            given["budget"] = api.parse_duration(given["budget"])
        if "memory" in given:
            given["memory"] = parse_memory(given["memory"])
        api.check_together(given)  # before anything is read
        resume: Path | None = words["resume"]
        options = OPTIONS | given if resume is None else agreed(given, resume, latest(resume).heading)
        columns = {name: options[name] for name in ("label_column", "name_column", "memory")}
        columns["encoded_from"] = threshold(options["memory"])
        read = read_corpus(
            corpus or (), options["format"], options["lowercase"], quiet, labels=options["labels"], **columns
        )
        held_out = None
        if words["holdout"] is not None:
            alike = None if options["label_column"] is not None else read.labels is not None
            held_out = read_corpus([words["holdout"]], read.kind, options["lowercase"], quiet, labels=alike, **columns)
    last: list[Status] = []
    with watching(quiet, options["budget"], options["steps"], read.summary()) as watch:

        def look(status: Status) -> None:
            last[:] = [status]
            watch(status)

        model = api.fit(
            read,
            holdout=held_out,
            checkpoint=words["checkpoint"],
            every=words["every"] if _was_given(context, "every") else None,
            resume=resume,
            watch=look,
            stop=stop,
            **given,
        )
    checkpoints = last[0].checkpoints
    return model, None if checkpoints is None else checkpoints.problem


def _was_given(context: typer.Context, name: str) -> bool:
    """Whether the option stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
