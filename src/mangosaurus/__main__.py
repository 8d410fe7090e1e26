"""`mangosaurus` and `python -m mangosaurus`: the list of commands, and the exit statuses.

A command is a function in the file of `cli/` that has its name. It imports what it needs when it runs, so that help is
fast.
"""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any, NoReturn

COMMANDS = (
    "train sample top write evaluate score classify report info blend serve import_keras import_counts export corpora "
    "classic"
)
"""In the order of `--help`."""

try:
    import typer

    from mangosaurus.cli.command import Command, Commands, plainly
    from mangosaurus.cli.help import COMMANDS as GROUPS
    from mangosaurus.cli.help import START
    from mangosaurus.cli.signals import Ended
    from mangosaurus.cli.streams import ReaderLeft, opened, results_shown, say
    from mangosaurus.core.errors import MangosaurusError, lacks_memory, plain
    from mangosaurus.core.version import __version__
    from mangosaurus.server.command import serve

    _commands = [
        serve if name == "serve" else getattr(import_module(f"mangosaurus.cli.{name}"), name)
        for name in COMMANDS.split()
    ]
except KeyboardInterrupt:  # Ctrl-C may come during the imports, which take a tenth of a second
    sys.exit(130)

UsageError: Any = typer.BadParameter.__mro__[1]
"""Raised for a wrong option or argument. It is the base class of BadParameter, which is the only one typer exports."""

app: typer.Typer = typer.Typer(
    name="mangosaurus",
    help="Learn how names or texts are spelled, and write new ones.",
    cls=Commands,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_group_of = {name: group for group, names in GROUPS.items() for name in names.split()}
for _command in _commands:
    _group = _group_of[_command.__name__.replace("_", "-")]
    app.command(cls=Command, rich_help_panel=_group)(results_shown()(_command))


def _version(asked: bool) -> None:
    if asked:
        print(f"mangosaurus {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Learn how names or texts are spelled, and write new ones."""
    if context.invoked_subcommand is None:
        print(START)


def main() -> None:
    """Runs the command line.

    The exit status is 0, or 2 after an error, which prints one line on standard error. After a signal it is 128 plus
    the signal's number: 130 after Ctrl-C, and 141 (SIGPIPE) if nobody reads the results any more.
    """
    with opened():
        status = _run()
    sys.exit(status)


def program() -> None:
    """The program `mangosaurus`: `main`, which leaves at once where torch was loaded.

    Python would take torch apart piece by piece: half a second, on a busy machine several. It may still be loading, on
    a thread that nobody waits for.
    """
    try:
        main()
    except SystemExit as end:
        if "torch" not in sys.modules or not isinstance(end.code, int):
            raise
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(end.code)


def _run() -> int:
    """Runs the command line, and returns the exit status. `fail` exits after an error."""
    try:
        try:
            return app(prog_name="mangosaurus", standalone_mode=False) or 0
        finally:
            sys.stdout.flush()
    except MangosaurusError as error:
        fail(str(error))
    except UsageError as error:
        message, context = plainly(error), error.ctx
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
    """Prints one line on standard error, and exits with status 2."""
    say(f"error: {message}")
    sys.exit(2)


if __name__ == "__main__":
    program()
