"""`mangosaurus classic`: the course's exercise as a program."""

import json
import os
import sys
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:  # NumPy and Numba are imported when the command runs, so that --help stays fast
    from mangosaurus.classic.parameters import Parameters
    from mangosaurus.classic.report import Report

EDITIONS = ("functional", "objects")


def classic(
    file: Annotated[
        Path | None,
        typer.Argument(help="Names, one a line, UTF-8; lower-cased. The bundled dinosaurs if left out."),
    ] = None,
    iterations: Annotated[int, typer.Option(help="Names to train on, one after the other.")] = 35000,
    hidden: Annotated[int, typer.Option(help="Hidden units.")] = 50,
    edition: Annotated[
        str, typer.Option(help="functional (gradients clipped to 5) or objects (clipped to 1).")
    ] = "functional",
    compiled: Annotated[
        bool | None,
        typer.Option(
            "--compiled/--no-compiled", help="Use the loop compiled by Numba; default: if installed."
        ),
    ] = None,
    every: Annotated[int, typer.Option(help="Iterations from one report to the next.")] = 2000,
    names: Annotated[int, typer.Option(help="Names to draw for every report.")] = 7,
    out: Annotated[
        Path | None, typer.Option(help="Write the learned parameters and the characters to this .npz file.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite --out if it exists.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of the text.")
    ] = False,
) -> None:
    """Train the course's from-scratch RNN and print its loss (nats a name, smoothed) and names, as it does.

    Standard output has the exercise's output, or one JSON object; standard error has everything else.
    """
    try:
        for option, number, least in (
            ("--iterations", iterations, 0),
            ("--hidden", hidden, 1),
            ("--every", every, 1),
            ("--names", names, 0),
        ):
            if number < least:
                _fail(f"{option} is {number}; it must be {least} or more")
        if edition not in EDITIONS:
            _fail(f"--edition is {edition!r}; it must be one of {', '.join(EDITIONS)}")
        if out is not None:
            _refuse_existing(out, force)
        data = _read(file)
        use_numba = _choose_loop(compiled)
        _train(data, iterations, hidden, edition, use_numba, every, names, out, force, as_json)
    except (ValueError, ModuleNotFoundError) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        raise typer.Exit(130) from None


def _train(
    data: str,
    iterations: int,
    hidden: int,
    edition: str,
    compiled: bool,
    every: int,
    names: int,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    from mangosaurus.classic.cells import CharacterLanguageModel
    from mangosaurus.classic.report import print_report
    from mangosaurus.classic.rnn import model

    characters = ["\n", *sorted(set(data) - {"\n"})]  # sorted(set(data)), even where a name has a tab in it
    char_to_ix = {character: index for index, character in enumerate(characters)}
    ix_to_char = dict(enumerate(characters))
    reports: list[Report] = []

    def tell(report: "Report") -> None:
        reports.append(report)
        if not as_json:
            print_report(report)
            sys.stdout.flush()

    start = time.perf_counter()
    settings: dict[str, Any] = {"dino_names": names, "compiled": compiled, "every": every, "report": tell}
    if edition == "functional":
        parameters = model(
            data, ix_to_char, char_to_ix, iterations, hidden, vocab_size=len(characters), **settings
        )
    else:
        cells = CharacterLanguageModel(hidden, len(characters))
        cells.train(data, ix_to_char, char_to_ix, iterations, **settings)
        parameters = cells.parameters
    seconds = time.perf_counter() - start
    print(
        f"{len(data.splitlines())} names, {len(characters)} characters, {edition} edition, "
        f"{hidden} hidden units: {iterations} iterations in {seconds:.1f} s "
        f"({'compiled' if compiled else 'NumPy'} loop)",
        file=sys.stderr,
    )
    if out is not None:
        _write(out, parameters, characters, force)
        print(f"wrote {out}", file=sys.stderr)
    if as_json:
        result = {
            "edition": edition,
            "iterations": iterations,
            "hidden": hidden,
            "compiled": compiled,
            "characters": "".join(characters),
            "loss_unit": "nats per name, smoothed",
            "reports": [report._asdict() for report in reports],
            "seconds": round(seconds, 3),
            "out": None if out is None else str(out),
        }
        print(json.dumps(result, ensure_ascii=False))


def _fail(message: str) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    raise typer.Exit(2)


def _read(file: Path | None) -> str:
    source: Any = file if file is not None else resources.files("mangosaurus") / "corpora" / "dinosaurs.txt"
    try:
        text: str = source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        _fail(
            f"{source} is not UTF-8 text (byte {error.start}); convert it, for instance with iconv -t UTF-8"
        )
    except OSError as error:
        _fail(f"cannot read {source} ({error.strerror}); name a text file with one name a line")
    return text.lower()


def _choose_loop(compiled: bool | None) -> bool:
    """Say whether to take the compiled loop; `None` means where Numba is there."""
    if compiled is False:
        return False
    try:
        import mangosaurus.classic.compiled  # noqa: F401
    except ModuleNotFoundError:
        if compiled:
            raise
        return False
    return True


def _refuse_existing(out: Path, force: bool) -> None:
    if out.is_dir():
        _fail(f"--out is {out}, a folder; name a file in it")
    if out.exists() and not force:
        _fail(f"{out} exists already; pass --force to overwrite it, or another --out")
    if not out.absolute().parent.is_dir():
        _fail(f"the folder of --out, {out.absolute().parent}, does not exist; make it first")


def _write(out: Path, parameters: "Parameters", characters: list[str], force: bool) -> None:
    """Write a temporary file beside `out`, flush it to disk, and rename it: `out` is whole or not there."""
    import numpy as np

    _refuse_existing(out, force)
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("xb") as handle:
            np.savez(handle, allow_pickle=False, characters=np.array(characters), **parameters)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(out)
    except OSError as error:
        _fail(f"cannot write {out} ({error.strerror}); choose another --out")
    finally:
        temporary.unlink(missing_ok=True)
