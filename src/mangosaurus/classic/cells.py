"""The Dinosaur Island RNN as objects: a cell caches its inputs, and a model is a row of cells.

This edition differs from `rnn` in two ways. It clips gradients to ±1. A name's END is the line break of its line, so
that the last name of a file that does not end in a line break has no END.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mangosaurus.classic import rnn
from mangosaurus.classic.examples import (
    END,
    Example,
    check_indices,
    check_vocabulary,
    lines_of,
    one_hot,
    shuffled_indices,
)
from mangosaurus.classic.parameters import FloatArray, Gradients, Parameters, bias_key, check_least, check_parameters
from mangosaurus.classic.rnn import Report, print_report

MAX_GRADIENT = 1.0


class RnnCell:
    """One step in time, ao = tanh(Wax x + Waa ai + b), which caches what its backward pass needs."""

    def __init__(self, parameters: Parameters) -> None:
        """Share the parameters of the model, without copying them.

        Raises:
            ValueError: a parameter is missing or the shapes disagree.
        """
        check_parameters(parameters)
        self.parameters = parameters
        self.gradients: Gradients = {}
        self.x: FloatArray
        self.ai: FloatArray
        self.ao: FloatArray

    def forward_pass(self, x: FloatArray, ai: FloatArray) -> FloatArray:
        """Read a symbol `x` (n_x, 1) in state `ai` (n_a, 1), and return the state after it, `ao` (n_a, 1)."""
        P = self.parameters
        self.x, self.ai = x, ai
        self.ao = np.tanh(np.dot(P["Wax"], x) + np.dot(P["Waa"], ai) + P[bias_key(P)])
        return self.ao

    def predict(self) -> FloatArray:
        """Return the probabilities of the next symbol, softmax(Wya ao + by), shape (n_y, 1)."""
        return rnn.softmax(np.dot(self.parameters["Wya"], self.ao) + self.parameters["by"])

    def backward_pass(self, dao: FloatArray) -> FloatArray:
        """Return the gradient of the loss by `ai` from that by `ao`, both (n_a, 1).

        Stores the gradients by the cell's own parameters, dWax, dWaa and db (or dba), in `gradients`.
        """
        draw = (1 - self.ao * self.ao) * dao
        self.gradients = {
            "dWax": np.dot(draw, self.x.T),
            "dWaa": np.dot(draw, self.ai.T),
            "d" + bias_key(self.parameters): draw,
        }
        dai: FloatArray = np.dot(self.parameters["Waa"].T, draw)
        return dai


class CharacterLanguageModel:
    """A row of cells with shared parameters, one for each symbol of a name.

    Attributes:
        parameters: Wax, Waa, Wya, b and by, as `rnn.initialize_parameters` makes them.
        gradients: those of the last `run_backwards`, for every parameter.
        a_prev: the hidden state (n_a, 1) at the end of the last name; the next name starts from it.
    """

    def __init__(self, n_a: int = 50, vocab_size: int = 27) -> None:
        """Initialise with small random numbers, after seeding NumPy's global generator with 1.

        Raises:
            ValueError: a size is below 1.
        """
        self.n_a: int = n_a
        self.vocab_size: int = vocab_size
        self.parameters: Parameters = rnn.initialize_parameters(n_a, vocab_size, vocab_size)
        self.gradients: Gradients = {}
        self.a_prev: FloatArray = np.zeros((n_a, 1))
        self._cells: list[RnnCell] = []
        self._y_hat: list[FloatArray] = []

    def run_forward(self, X: Sequence[int | None], Y: Sequence[int]) -> float:
        """Read the ids `X`, where `None` stands for a vector of zeros, and return the loss of `Y` in nats.

        Raises:
            ValueError: `X` and `Y` are empty or differ in length, or an id lies outside the vocabulary.
        """
        check_indices(X, Y, self.vocab_size)
        while len(self._cells) < len(X):
            self._cells.append(RnnCell(self.parameters))
        self._y_hat = []
        loss = 0.0
        a = self.a_prev
        for cell, given, asked in zip(self._cells, X, Y, strict=False):
            a = cell.forward_pass(one_hot(given, self.vocab_size), a)
            self._y_hat.append(cell.predict())
            loss -= np.log(self._y_hat[-1][asked, 0])
        self.a_prev = a
        return float(loss)

    def run_backwards(self, Y: Sequence[int]) -> Gradients:
        """Backpropagate through the cells of the last `run_forward`; return the gradients of its loss."""
        Wya = self.parameters["Wya"]
        gradients = {"d" + name: np.zeros(array.shape) for name, array in self.parameters.items()}
        da_next = np.zeros((self.n_a, 1))
        for t in reversed(range(len(Y))):
            cell = self._cells[t]
            dy = self._y_hat[t].copy()
            dy[Y[t]] -= 1
            gradients["dWya"] += np.dot(dy, cell.ao.T)
            gradients["dby"] += dy
            da_next = cell.backward_pass(np.dot(Wya.T, dy) + da_next)
            for name, gradient in cell.gradients.items():
                gradients[name] += gradient
        self.gradients = gradients
        return gradients

    def update_parameters(self, learning_rate: float = 0.01) -> None:
        """Clip the gradients of the last `run_backwards` to ±1 and descend by them.

        Raises:
            ValueError: a gradient holds NaN.
        """
        rnn.clip(self.gradients, MAX_GRADIENT)
        rnn.update_parameters(self.parameters, self.gradients, learning_rate)

    def optimize(self, X: Sequence[int | None], Y: Sequence[int], learning_rate: float = 0.01) -> float:
        """Take one step of gradient descent on one name, and return its loss before the step, in nats."""
        loss = self.run_forward(X, Y)
        self.run_backwards(Y)
        self.update_parameters(learning_rate)
        return loss

    def train(
        self,
        data: str | Sequence[str],
        ix_to_char: Mapping[int, str],
        char_to_ix: Mapping[str, int],
        num_iterations: int = 35000,
        learning_rate: float = 0.01,
        *,
        dino_names: int = 7,
        compiled: bool = False,
        every: int = 2000,
        report: Callable[[Report], None] = print_report,
    ) -> float:
        """Train on one line after the other, carrying the hidden state over.

        Args:
            learning_rate: the factor of the clipped gradients in an update.

        The other arguments are those of `rnn.model`.

        Returns:
            The last smoothed loss, in nats a name.

        Raises:
            ValueError: as `rnn.model`; or a learning rate that is not above 0.
            ModuleNotFoundError: `compiled` without Numba; the message says how to install it.
        """
        check_least(num_iterations=(num_iterations, 0), dino_names=(dino_names, 0), every=(every, 1))
        if not learning_rate > 0:
            raise ValueError(f"learning_rate is {learning_rate}; it must be above 0")
        check_vocabulary(char_to_ix, ix_to_char, self.vocab_size)
        indices = shuffled_indices(lines_of(data), char_to_ix)
        examples: list[Example] = [([None, *ids[:-1]], ids) for ids in indices]
        loss = rnn.get_initial_loss(self.vocab_size, dino_names)
        if compiled:
            from mangosaurus.classic.compiled import losses  # only those who ask for it need Numba

            steps = losses(
                examples,
                self.parameters,
                num_iterations,
                maxValue=MAX_GRADIENT,
                learning_rate=learning_rate,
                a_prev=self.a_prev,
            )
        else:
            steps = rnn.numpy_losses(examples, num_iterations, lambda X, Y: self.optimize(X, Y, learning_rate))

        def draw_names() -> list[str]:
            return [rnn.shown(self.sample(char_to_ix[END], seed=seed), ix_to_char) for seed in range(dino_names)]

        return rnn.follow(steps, loss, every, draw_names, report)

    def sample(self, eos: int = 0, max_len: int = 50, seed: int = 1) -> list[int]:
        """Draw one name: ids that end with `eos`. `eos` is added after `max_len` symbols without one.

        The random numbers are those of `rnn.sample`. The carried hidden state does not change.

        Raises:
            ValueError: `eos` lies outside the vocabulary, or `max_len` is below 1.
        """
        if not 0 <= eos < self.vocab_size:
            raise ValueError(f"eos is {eos}; allowed is 0 to {self.vocab_size - 1}")
        if max_len < 1:
            raise ValueError(f"max_len is {max_len}; it must be 1 or more")
        return rnn.draw(self.parameters, eos, max_len, seed)
