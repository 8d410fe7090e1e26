"""`mangosaurus` and `python -m mangosaurus`: the list of commands, and the exit statuses.

A command is a function in the file of `cli/` that has its name, which is imported when the command is typed. It imports
what it needs when it runs, so that help is fast.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

try:
    import click

    from mangosaurus.cli.command import Commands, plainly
    from mangosaurus.cli.help import START, VARIABLE
    from mangosaurus.cli.signals import Ended
    from mangosaurus.cli.streams import ReaderLeft, opened, say
    from mangosaurus.core.errors import MangosaurusError, lacks_memory, plain
    from mangosaurus.core.version import __version__
except KeyboardInterrupt:  # Ctrl-C may come during the imports
    sys.exit(130)


def _command(name: str) -> Callable[..., None]:
    """The function of a command."""
    module = "mangosaurus.server.command" if name == "serve" else f"mangosaurus.cli.{name.replace('-', '_')}"
    found: Callable[..., None] = getattr(import_module(module), name.replace("-", "_"))
    return found


def _eager(do: Callable[[Any], None]) -> Callable[[Any, Any, Any], None]:
    """The callback of an option that does something in place of a command."""

    def call(context: Any, option: Any, value: Any) -> None:
        if value not in (None, False) and not context.resilient_parsing:
            do(value)
            context.exit()

    return call


def _install_completion(shell: str) -> None:
    from mangosaurus.cli.completion import asked, install

    name = asked(shell)
    print(f"{name} completion installed in {install(name)}; it takes effect in the next terminal")


def _show_completion(shell: str) -> None:
    from mangosaurus.cli.completion import asked, script

    print(script(asked(shell)))


_SHELL: dict[str, Any] = {"metavar": "[SHELL]", "is_flag": False, "flag_value": "", "is_eager": True}

app: Commands = Commands(
    _command,
    name="mangosaurus",
    help="Learn how names or texts are spelled, and write new ones.",
    callback=lambda: None if click.get_current_context().invoked_subcommand else print(START),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            metavar="",
            callback=_eager(lambda asked: print(f"mangosaurus {__version__}")),
            help="Print the version and exit.",
        ),
        *(
            click.Option([flag], expose_value=False, callback=_eager(do), help=help, **_SHELL)
            for flag, do, help in (
                ("--install-completion", _install_completion, "Install completion for the current or the named shell."),
                ("--show-completion", _show_completion, "Show the script of completion, to copy or change it."),
            )
        ),
    ],
)


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
    if VARIABLE in os.environ:
        import mangosaurus.cli.completion  # noqa: F401  (it knows PowerShell)
    try:
        try:
            return app(prog_name="mangosaurus", standalone_mode=False) or 0
        finally:
            sys.stdout.flush()
    except MangosaurusError as error:
        fail(str(error))
    except click.UsageError as error:
        message, context = plainly(error), error.ctx
        fail(f"{message}; see {context.command_path if context else 'mangosaurus'} --help")
    except (KeyboardInterrupt, click.Abort):
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
