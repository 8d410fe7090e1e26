"""Where editions of the exercise hand back something else: import from here what your notebook expects.

The hidden bias is called `b` in some editions and `ba` in another: `rnn` takes either, and needs no wrapper.
"""

from collections.abc import Callable, Mapping, Sequence

from mangosaurus.classic import rnn
from mangosaurus.classic.parameters import FloatArray, Parameters
from mangosaurus.classic.report import Report, print_report


def optimize_returning_parameters(
    X: Sequence[int | None],
    Y: Sequence[int],
    a_prev: FloatArray,
    parameters: Parameters,
    learning_rate: float = 0.01,
) -> tuple[float, Parameters, FloatArray]:
    """Do what `rnn.optimize` does, and return the updated parameters where that returns the gradients."""
    loss, _, a_last = rnn.optimize(X, Y, a_prev, parameters, learning_rate)
    return loss, parameters, a_last


def model_returning_last_name(
    data: str | Sequence[str],
    ix_to_char: Mapping[int, str],
    char_to_ix: Mapping[str, int],
    num_iterations: int = 35000,
    n_a: int = 50,
    dino_names: int = 7,
    vocab_size: int = 27,
    verbose: bool = False,
    *,
    compiled: bool = False,
    every: int = 2000,
    report: Callable[[Report], None] = print_report,
) -> tuple[Parameters, str]:
    """Do what `rnn.model` does, and return the parameters and the last name drawn, its line break with it.

    Without a name drawn (`num_iterations=0` or `dino_names=0`) the last name is empty.
    """
    last_name = ""

    def keep_last_and_report(told: Report) -> None:
        nonlocal last_name
        if told.names:
            last_name = told.names[-1] + "\n"
        report(told)

    parameters = rnn.model(
        data,
        ix_to_char,
        char_to_ix,
        num_iterations,
        n_a,
        dino_names,
        vocab_size,
        verbose,
        compiled=compiled,
        every=every,
        report=keep_last_and_report,
    )
    return parameters, last_name
