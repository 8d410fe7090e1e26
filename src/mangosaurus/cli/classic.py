"""`mangosaurus classic`: the Dinosaur Island exercise of Andrew Ng's Coursera course as a program."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mangosaurus.cli.command import tell
from mangosaurus.cli.options import AsJson, Force
from mangosaurus.cli.streams import print_json, say
from mangosaurus.core.typed import argument, option

if TYPE_CHECKING:  # NumPy and Numba are imported when the command runs, so that --help stays fast
    from mangosaurus.classic.parameters import Parameters
    from mangosaurus.classic.rnn import Report


def classic(
    corpus: Annotated[
        list[str] | None,
        argument(
            "CORPUS",
            "Names, one per line, which are lower-cased: files, folders of .txt files, or - for standard input. "
            "Default: the bundled list of dinosaurs.",
        ),
    ] = None,
    iterations: Annotated[int, option(help="Training steps; each uses one name.")] = 35000,
    hidden: Annotated[int, option(help="Number of hidden units.")] = 50,
    edition: Annotated[
        str, option(help="functional (clips gradients to 5) or objects (clips them to 1).")
    ] = "functional",
    compiled: Annotated[
        bool | None,
        option("--compiled/--no-compiled", help="Use the loop compiled by Numba. Default: if Numba is installed."),
    ] = None,
    every: Annotated[int, option(help="Iterations between two reports.")] = 2000,
    names: Annotated[int, option(help="Names in each report.")] = 7,
    out: Annotated[
        Path | None, option(metavar="FILE", help="Save the parameters and the characters to this .npz file.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Train the RNN of Coursera's Dinosaur Island exercise from scratch, and print its loss and names.

    The loss is in nats per name, smoothed. The output is that of the exercise.
    """
    import numpy as np

    from mangosaurus.classic.rnn import print_report
    from mangosaurus.core.errors import CorpusError, MissingExtraError, OptionError
    from mangosaurus.core.files import check_writable, write
    from mangosaurus.data.read import read_corpus

    least = {"--iterations": (iterations, 0), "--hidden": (hidden, 1), "--every": (every, 1), "--names": (names, 0)}
    for flag, (number, minimum) in least.items():
        if number < minimum:
            raise OptionError(f"{flag} is {number}; it must be {minimum} or more")
    if edition not in ("functional", "objects"):
        raise OptionError(f"--edition is {edition!r}; it must be functional or objects")
    if out is not None:
        check_writable(out, force, corpus or ())
    use_numba = compiled is not False
    try:
        if use_numba:
            import_module("mangosaurus.classic.compiled")
    except ModuleNotFoundError as error:
        if compiled:
            raise MissingExtraError(str(error)) from error
        use_numba = False
    read = read_corpus(corpus or (), lowercase=True, kind="names")
    tell(read)
    if len(read.documents) < 2:
        raise CorpusError(f"{', '.join(read.sources)} has a single name; the exercise needs two or more")
    say(read.summary())

    data = "\n".join(read.documents)
    characters = ["\n", *sorted(set(data) - {"\n"})]  # sorted(set(data)), even if a name contains a TAB
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
        content = BytesIO()
        np.savez(content, allow_pickle=False, characters=np.array(characters), **parameters)
        write(out, content.getvalue(), force)
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
        print_json(result)


def _train(data: str, characters: list[str], hidden: int, edition: str, settings: dict[str, Any]) -> Parameters:
    """The parameters that one of the editions learns."""
    from mangosaurus.classic import cells, rnn

    char_to_ix = {character: index for index, character in enumerate(characters)}
    ix_to_char = dict(enumerate(characters))
    if edition == "functional":
        return rnn.model(data, ix_to_char, char_to_ix, n_a=hidden, vocab_size=len(characters), **settings)
    model = cells.CharacterLanguageModel(hidden, len(characters))
    model.train(data, ix_to_char, char_to_ix, **settings)
    return model.parameters
