"""`mangosaurus` and `python -m mangosaurus`: the list of commands, and the exit statuses.

Each command is a file of `cli/`, and imports what it needs when it runs: help is quick.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, NoReturn

try:
    import typer

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
    from mangosaurus.cli.signals import Ended
    from mangosaurus.cli.streams import ReaderLeft, opened, say, shows
    from mangosaurus.cli.top import top
    from mangosaurus.cli.train import train
    from mangosaurus.cli.write import write
    from mangosaurus.core.errors import MangosaurusError, lacks_memory, plain
    from mangosaurus.core.version import __version__
    from mangosaurus.server.command import serve
except KeyboardInterrupt:  # the imports take a tenth of a second, in which Ctrl-C may come
    sys.exit(130)

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
    app.command(cls=Command)(shows(_command))


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
    """Runs the command line. The exit status is 0; or 2, with one line on standard error, for an error; or 128 and the
    number of a signal: 130 for Ctrl-C, and 141 (SIGPIPE) where nobody reads the results any more."""
    with opened():
        status = _run()
    sys.exit(status)


def _run() -> int:
    """Runs the command line, and returns the exit status; of an error, `fail` raises it."""
    try:
        try:
            return app(prog_name="mangosaurus", standalone_mode=False) or 0
        finally:
            sys.stdout.flush()
    except MangosaurusError as error:
        fail(str(error))
    except UsageError as error:
        message, context = error.format_message(), error.ctx
        if not message:  # no arguments at all: the help has been printed
            return 2
        message = " ".join(message.split()).rstrip(".")
        fail(f"{message}; see {context.command_path if context else 'mangosaurus'} --help")
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted")
        return 130
    except Ended as ended:
        say("interrupted")
        return ended.status
    except ReaderLeft:
        return 141
    except (MemoryError, OSError, ImportError, RuntimeError) as error:
        if lacks_memory(error):
            said = f" ({plain(error)})" if str(error) else ""
            fail(f"not enough memory{said}: ask for fewer or shorter results, or train a smaller network")
        if isinstance(error, OSError):
            fail(f"{error.filename or 'input or output'}: {error.strerror or error}")
        raise


def fail(message: str) -> NoReturn:
    """One line on standard error, and exit status 2."""
    say(f"error: {message}")
    sys.exit(2)


if __name__ == "__main__":
    main()
