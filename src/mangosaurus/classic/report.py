"""What training tells every so many iterations."""

from typing import NamedTuple


class Report(NamedTuple):
    """The smoothed loss, in nats a name, after an iteration (counted from 0), and names drawn then."""

    iteration: int
    loss: float
    names: list[str]


def print_report(report: Report) -> None:
    """Print a report as the exercise does: the loss, a blank line, the names, two blank lines."""
    print(f"Iteration: {report.iteration}, Loss: {report.loss:f}\n")
    for name in report.names:
        print(name)
    print("\n")
