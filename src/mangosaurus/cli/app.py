"""The command line. Each command is a file of its own, and imports what it needs when it runs: help is quick."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from mangosaurus import __version__
from mangosaurus.cli.classic import classic
from mangosaurus.cli.evaluate import evaluate
from mangosaurus.cli.info import info
from mangosaurus.cli.sample import sample
from mangosaurus.cli.train import train
from mangosaurus.errors import MangosaurusError

app = typer.Typer(
    name="mangosaurus",
    help="Learn the spelling of a list of names or of a book, and write new ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (train, sample, evaluate, info, classic):
    app.command()(command)


def _version(asked: bool) -> None:
    if asked:
        print(f"mangosaurus {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Learn the spelling of a list of names or of a book, and write new ones."""


def main() -> None:
    """Runs the command line: errors of Mangosaurus are one line on standard error and exit status 2."""
    try:
        app()
    except MangosaurusError as error:
        fail(str(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read the output has gone, as `head` does; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def fail(message: str) -> None:
    """One line on standard error, and exit status 2."""
    print("error: " + " ".join(message.split("\n")), file=sys.stderr)
    sys.exit(2)
