"""The command line. Each command is a file of its own, and imports what it needs when it runs: help is quick."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, NoReturn

import typer

from mangosaurus import __version__
from mangosaurus.cli.blend import blend
from mangosaurus.cli.classic import classic
from mangosaurus.cli.classify import classify
from mangosaurus.cli.command import Command
from mangosaurus.cli.corpora import corpora
from mangosaurus.cli.evaluate import evaluate
from mangosaurus.cli.export import export
from mangosaurus.cli.import_keras import import_keras
from mangosaurus.cli.info import info
from mangosaurus.cli.report import report
from mangosaurus.cli.sample import sample
from mangosaurus.cli.score import score
from mangosaurus.cli.serve import serve
from mangosaurus.cli.stopping import Ended
from mangosaurus.cli.top import top
from mangosaurus.cli.train import train
from mangosaurus.cli.write import write
from mangosaurus.errors import MangosaurusError

UsageError: Any = typer.BadParameter.__mro__[1]
"""What a wrong option or argument raises; of its family, typer names only this child."""

app: typer.Typer = typer.Typer(
    name="mangosaurus",
    help="Learn the spelling of a list of names or of a book, and write new ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (
    train,
    sample,
    top,
    write,
    evaluate,
    score,
    classify,
    report,
    info,
    blend,
    serve,
    import_keras,
    export,
    corpora,
    classic,
):
    app.command(cls=Command)(_command)


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
    """Runs the command line: every error is one line on standard error and exit status 2; a signal is 128 and its
    number, 130 for Ctrl-C."""
    try:
        status = app(prog_name="mangosaurus", standalone_mode=False) or 0
        sys.stdout.flush()
        sys.exit(status)
    except MangosaurusError as error:
        fail(str(error))
    except UsageError as error:
        message, context = error.format_message(), error.ctx
        if not message:  # no arguments at all: the help has been printed
            sys.exit(2)
        fail(f"{message.rstrip('.')}; see {context.command_path if context else 'mangosaurus'} --help")
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except Ended as ended:
        print("interrupted", file=sys.stderr)
        sys.exit(ended.status)
    except BrokenPipeError:
        # Whoever read the output has gone, as `head` does; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        fail(f"the output cannot be written: {error.strerror or error}")


def fail(message: str) -> NoReturn:
    """One line on standard error, and exit status 2."""
    print("error: " + " ".join(message.split("\n")), file=sys.stderr)
    sys.exit(2)
