"""The annotations of what is typed on a command line: `Annotated[int, option("-n", help="Number of names.")]`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Typed:
    """The annotation of a parameter that is typed on the command line."""

    help: str
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    """The word for its value. By default that of its type."""
    group: str | None = None
    """The group of the help that an option is in."""
    argument: bool = False
    limits: tuple[int, int] | None = None
    """The least and the greatest number."""


def argument(metavar: str, help: str) -> Typed:
    """The annotation of an argument."""
    return Typed(help, metavar=metavar, argument=True)


def option(
    *flags: str, help: str, metavar: str | None = None, group: str | None = None, limits: tuple[int, int] | None = None
) -> Typed:
    """The annotation of an option. Its flag is made of the parameter's name if none is given."""
    return Typed(help, flags, metavar, group, limits=limits)
