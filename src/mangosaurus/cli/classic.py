"""`mangosaurus classic`: the Dinosaur Island exercise of Andrew Ng's Coursera course as a program."""

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
    from mangosaurus.classic.rnn import Report

EDITIONS = ("functional", "objects")


def classic(
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CORPUS]...",
            help="Names, one a line: files, folders of .txt files, or - for standard input. "
            "Default: the bundled list of dinosaurs. Lower-cased.",
        ),
    ] = None,
    iterations: Annotated[int, typer.Option(help="Training steps, one name each.")] = 35000,
    hidden: Annotated[int, typer.Option(help="Hidden units.")] = 50,
    edition: Annotated[
        str, typer.Option(help="functional (gradients clipped to 5) or objects (clipped to 1).")
    ] = "functional",
    compiled: Annotated[
        bool | None,
        typer.Option("--compiled/--no-compiled", help="Use the loop compiled by Numba; default: if installed."),
    ] = None,
    every: Annotated[int, typer.Option(help="Iterations between reports.")] = 2000,
    names: Annotated[int, typer.Option(help="Names to draw for each report.")] = 7,
    out: Annotated[
        Path | None, typer.Option(help="Write the learned parameters and the characters to this .npz file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the text.")] = False,
) -> None:
    """Train the from-scratch RNN of Coursera's Dinosaur Island exercise; print its loss and names.

    The loss is in nats per name, smoothed. Standard output has what the exercise prints, or one JSON object; everything
    else goes to standard error.
    """
    from mangosaurus.classic.rnn import print_report
    from mangosaurus.core.errors import CorpusError, OptionError
    from mangosaurus.core.files import check_writable, write
    from mangosaurus.data.read import read_corpus

    least = {"--iterations": (iterations, 0), "--hidden": (hidden, 1), "--every": (every, 1), "--names": (names, 0)}
    for option, (number, minimum) in least.items():
        if number < minimum:
            raise OptionError(f"{option} is {number}; it must be {minimum} or more")
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

    def report(told: Report) -> None:
        reports.append(told)
        if not as_json:
            print_report(told)
            sys.stdout.flush()

    settings = {"num_iterations": iterations, "dino_names": names, "compiled": use_numba, "every": every}
    start = time.perf_counter()
    try:
        parameters = _train(data, characters, hidden, edition, settings | {"report": report})
    except ValueError as error:  # the exercise's own errors are plain ValueErrors
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
            "reports": [told._asdict() for told in reports],
            "seconds": round(seconds, 3),
            "out": None if out is None else str(out),
        }
        print(json.dumps(result, ensure_ascii=False))


def _train(data: str, characters: list[str], hidden: int, edition: str, settings: dict[str, Any]) -> Parameters:
    """Train one of the editions with the settings that both have."""
    from mangosaurus.classic import cells, rnn

    char_to_ix = {character: index for index, character in enumerate(characters)}
    ix_to_char = dict(enumerate(characters))
    if edition == "functional":
        return rnn.model(data, ix_to_char, char_to_ix, n_a=hidden, vocab_size=len(characters), **settings)
    model = cells.CharacterLanguageModel(hidden, len(characters))
    model.train(data, ix_to_char, char_to_ix, **settings)
    return model.parameters


def _choose_loop(compiled: bool | None) -> bool:
    """Say whether to use the compiled loop; `None` means if Numba is installed."""
    from mangosaurus.core.errors import MissingExtraError

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
