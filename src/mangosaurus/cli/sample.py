"""`mangosaurus sample`: new names from a model."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

from mangosaurus.cli.command import spelled
from mangosaurus.cli.options import Column, Label, ModelArgument, Training, with_options
from mangosaurus.cli.output import Manner, Output
from mangosaurus.cli.streams import say
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.core.options import is_file, made
from mangosaurus.core.typed import option
from mangosaurus.generation.constraints.options import Constraints, names_to_avoid
from mangosaurus.generation.parameters import Drawing, SamplingParameters, Steering

if TYPE_CHECKING:
    from mangosaurus.api.model import Model
    from mangosaurus.cli.columns import Columns
    from mangosaurus.core.casing import Lowering
    from mangosaurus.data.read import CorpusLike
    from mangosaurus.generation.ranking import Ranking
    from mangosaurus.generation.samples import Samples


SECONDS = 1.0
"""A search that takes longer shows its progress."""
STREAMED = 1000
"""More names than this are written as they are found."""


@with_options
def sample(
    model: ModelArgument = None,
    n: Annotated[
        int | None,
        option("-n", "--n", help="Number of names. Default: 20. With --best: names to choose from. Default: 1000."),
    ] = None,
    *,
    constraints: Annotated[dict[str, Any], Constraints],
    training: Training = None,
    parameters: SamplingParameters,
    label: Label = None,
    steering: Steering,
    column: Column = None,
    drawing: Drawing,
    best: Annotated[
        int | None,
        option(
            metavar="K",
            help="Print only the K best names: typical, far from those of the training list, easy to say. "
            "A model file needs --training.",
        ),
    ] = None,
    scores: Annotated[
        bool, option("--scores", help="Add a TAB and the name's nats per symbol. Lower is more typical.")
    ] = False,
    output: Output,
) -> None:
    """Generate names, one per line. They are distinct, not in the training list, and satisfy all constraints.

    With --like and no MODEL, the names to resemble are what is learnt from.
    """
    from mangosaurus.cli.columns import Columns
    from mangosaurus.cli.steering import chosen

    columns = Columns(column)
    wishes = _constraints(constraints, columns)
    if scores and output.manner != "text":
        raise OptionError.of(
            "{scores} has no effect with {}, which has that column already: leave it out", Option(output.manner)
        )
    output.check(model, training)
    loaded, own = chosen(model, label, steering, columns, training)
    names = _training(training, columns, loaded.lowering)
    columns.check()
    if own is not None and (best is not None or wishes.not_like is not None):
        names = own
    if best is not None:
        with _progress() as watch:
            ranking = loaded.rank(best, n, wishes, parameters, drawing, names, watch=watch)
        _show_best(ranking, output)
        return
    number = 20 if n is None else n
    # Gumbel draws all names at once.
    streamed = number > STREAMED and drawing.method == "independent"
    shown = streamed and output.out is None and sys.stdout.isatty()  # the names show how far it is
    with output.writing() as put, _progress() if not shown else nullcontext(_nothing) as watch:
        writer = _Writer(loaded, output.manner, scores, put)
        give = writer.give if streamed else None
        samples = loaded.draw(number, wishes, parameters, drawing, names, watch=watch, give=give)
        writer.end(samples)
    for remark in samples.remarks(spelled):
        say(remark)


class _Writer:
    """Writes samples as they are found: as text, as JSON or as a table."""

    def __init__(self, model: Model, manner: Manner, scores: bool, put: Callable[[str], None]) -> None:
        self._model, self._manner, self._put = model, manner, put
        self._scores = scores or manner != "text"
        self._begun = False

    def give(self, samples: Samples) -> None:
        """Writes some of the samples, or all."""
        losses: Sequence[float] = []
        if self._scores:
            losses = self._model.losses(samples.documents) if samples.losses is None else samples.losses
        if self._manner == "text":
            scores = [f"\t{loss:.3f}" for loss in losses] or [""] * len(samples)
            self._put("".join(f"{text}{score}\n" for text, score in zip(samples, scores, strict=True)))
        elif self._manner == "json":
            rows = json.dumps(samples.as_dict(losses)["samples"], ensure_ascii=False)
            self._put((", " if self._begun else '{"samples": [') + rows[1:-1])
        else:
            lines = samples.table(losses).lines("," if self._manner == "csv" else "\t")
            self._put("".join(islice(lines, int(self._begun), None)))  # the header comes once
        self._begun = True

    def end(self, samples: Samples) -> None:
        """Writes those that were not given, and what is known at the end."""
        if samples or not self._begun:
            self.give(samples)
        if self._manner == "json":
            self._put(f"], {json.dumps(samples.facts(), ensure_ascii=False)[1:]}\n")


def _nothing(found: int, n: int) -> None:
    """Shows no progress."""


def _constraints(given: dict[str, Any], columns: Columns) -> Constraints:
    """The record of the constraints; the names to avoid are of the column that was asked for."""
    avoid = given.get("avoid")
    if columns.column is not None and avoid and is_file(avoid):
        read = columns.read(avoid, lambda column: names_to_avoid(avoid, column))
        given = given | {"avoid": read.documents}
    return made(Constraints, given)


def _training(training: str | None, columns: Columns, lowering: Lowering) -> CorpusLike:
    """The training list, likewise."""
    if columns.column is None or training is None:
        return training
    from mangosaurus.data.read import read_corpus

    return columns.read(training, lambda column: read_corpus(training, lowercase=lowering, column=column, kind="names"))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """The `watch` of a search that shows how many names are found, if it takes longer than SECONDS."""
    begun = time.monotonic()
    show: Callable[[int, int], None] | None = None
    with ExitStack() as stack:

        def watch(found: int, n: int) -> None:
            nonlocal show
            if show is None and time.monotonic() - begun > SECONDS:
                from mangosaurus.cli.progress import counting  # rich takes time to load

                show = stack.enter_context(counting("names"))
            if show is not None:
                show(found, n)

        yield watch


def _show_best(ranking: Ranking, output: Output) -> None:
    """Prints the best, each with its score and what that is made of."""
    output.show(lambda: _columns(ranking), ranking.table, ranking.as_dict)
    if output.manner == "text":
        say(ranking.explanation())
    for remark in ranking.remarks(spelled):
        say(remark)


def _columns(ranking: Ranking) -> Iterator[str]:
    """The names in columns, below a line of headings."""
    from rich.cells import cell_len

    from mangosaurus.generation.ranking import FIGURES, HEADINGS, cells

    rows = [HEADINGS, *map(cells, ranking)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(
            space + cell if heading in FIGURES else cell + space
            for heading, cell, width in zip(HEADINGS, row, widths, strict=True)
            for space in [" " * (width - cell_len(cell))]
        ).rstrip()
