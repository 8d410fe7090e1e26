"""`mangosaurus classic`: the course's exercise as a program."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mangosaurus.cli.streams import say

if TYPE_CHECKING:  # NumPy and Numba are imported when the command runs, so that --help stays fast
    from mangosaurus.classic.parameters import Parameters
    from mangosaurus.classic.report import Report

EDITIONS = ("functional", "objects")


def classic(
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CORPUS]...",
            help="Names, one a line: files, folders of .txt files, or - for standard input. "
            "Without one, the bundled list of dinosaurs. Lower-cased.",
        ),
    ] = None,
    iterations: Annotated[int, typer.Option(help="Names to train on, one after the other.")] = 35000,
    hidden: Annotated[int, typer.Option(help="Hidden units.")] = 50,
    edition: Annotated[
        str, typer.Option(help="functional (gradients clipped to 5) or objects (clipped to 1).")
    ] = "functional",
    compiled: Annotated[
        bool | None,
        typer.Option("--compiled/--no-compiled", help="Use the loop compiled by Numba; default: if installed."),
    ] = None,
    every: Annotated[int, typer.Option(help="Iterations from one report to the next.")] = 2000,
    names: Annotated[int, typer.Option(help="Names to draw for every report.")] = 7,
    out: Annotated[
        Path | None, typer.Option(help="Write the learned parameters and the characters to this .npz file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the text.")] = False,
) -> None:
    """Train the course's from-scratch RNN and print its loss (nats a name, smoothed) and names, as it does.

    Standard output has the exercise's output, or one JSON object; standard error has everything else.
    """
    from mangosaurus.errors import CorpusError, OptionError
    from mangosaurus.read import read_corpus
    from mangosaurus.storage.files import check_writable, write

    for option, number, least in (
        ("--iterations", iterations, 0),
        ("--hidden", hidden, 1),
        ("--every", every, 1),
        ("--names", names, 0),
    ):
        if number < least:
            raise OptionError(f"{option} is {number}; it must be {least} or more")
    if edition not in EDITIONS:
        raise OptionError(f"--edition is {edition!r}; it must be one of {', '.join(EDITIONS)}")
    if out is not None:
        check_writable(out, force, corpus or ())
    use_numba = _choose_loop(compiled)
    read = read_corpus(corpus or (), "names", lowercase=True)
    if len(read.documents) < 2:
        raise CorpusError(f"{', '.join(read.sources)} has a single name; the exercise needs two or more")
    say(read.summary())

    data = "\n".join(read.documents)
    characters = ["\n", *sorted(set(data) - {"\n"})]  # sorted(set(data)), even where a name has a tab in it
    reports: list[Report] = []
    start = time.perf_counter()
    try:
        parameters = _train(data, characters, iterations, hidden, edition, use_numba, every, names, reports, as_json)
    except ValueError as error:  # the exercise stands apart from the rest, and so do its errors
        raise OptionError(str(error)) from error
    seconds = time.perf_counter() - start
    loop = "compiled" if use_numba else "NumPy"
    say(
        f"{edition} edition, {hidden} hidden units, {len(characters)} characters with the line break: "
        f"{iterations} iterations in {seconds:.1f} s ({loop} loop)"
    )
    if out is not None:
        write(out, _serialize(parameters, characters), force)
        say(f"the parameters are in {out}")
    if as_json:
        result = {
            "edition": edition,
            "iterations": iterations,
            "hidden": hidden,
            "compiled": use_numba,
            "characters": "".join(characters),
            "loss_unit": "nats per name, smoothed",
            "reports": [report._asdict() for report in reports],
            "seconds": round(seconds, 3),
            "out": None if out is None else str(out),
        }
        print(json.dumps(result, ensure_ascii=False))


def _train(
    data: str,
    characters: list[str],
    iterations: int,
    hidden: int,
    edition: str,
    compiled: bool,
    every: int,
    names: int,
    reports: list[Report],
    quiet: bool,
) -> Parameters:
    """Train one of the editions; collect its reports in `reports`, and print them unless `quiet`."""
    from mangosaurus.classic.cells import CharacterLanguageModel
    from mangosaurus.classic.report import print_report
    from mangosaurus.classic.rnn import model

    def tell(report: Report) -> None:
        reports.append(report)
        if not quiet:
            print_report(report)
            sys.stdout.flush()

    char_to_ix = {character: index for index, character in enumerate(characters)}
    ix_to_char = dict(enumerate(characters))
    settings: dict[str, Any] = {"dino_names": names, "compiled": compiled, "every": every, "report": tell}
    if edition == "functional":
        return model(data, ix_to_char, char_to_ix, iterations, hidden, vocab_size=len(characters), **settings)
    cells = CharacterLanguageModel(hidden, len(characters))
    cells.train(data, ix_to_char, char_to_ix, iterations, **settings)
    return cells.parameters


def _choose_loop(compiled: bool | None) -> bool:
    """Say whether to take the compiled loop; `None` means where Numba is there."""
    from mangosaurus.errors import MissingExtraError

    if compiled is False:
        return False
    try:
        import numba  # noqa: F401
    except ImportError as error:
        if compiled:
            raise MissingExtraError(
                f"the compiled loop needs Numba, which cannot be imported ({error}): "
                "run pip install 'mangosaurus[train]', or leave out --compiled"
            ) from error
        return False
    return True


def _serialize(parameters: Parameters, characters: list[str]) -> bytes:
    """The bytes of an .npz file."""
    from io import BytesIO

    import numpy as np

    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, characters=np.array(characters), **parameters)
    return buffer.getvalue()
