"""The Shakespeare poem generator of the Dinosaur Island exercise: an LSTM that completes a poem.

The names, arguments and returns are the exercise's, which uses Keras. m is the number of windows, Tx their length in
characters (40), n_x the number of distinct characters. The network has two LSTM layers, each followed by dropout, and a
dense softmax on the last output of the second; `models/window.py` has the formulas and runs it with NumPy. This module
depends on other parts of the package, and training needs PyTorch (`pip install "mangosaurus[train]"`).

    >>> X, Y = build_data("to be or not to be", Tx=5, stride=4)
    >>> X[:2], Y[:2]
    (['to be', 'e or '], [' ', 'n'])
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from mangosaurus.core.arrays import BoolArray, FloatArray, IntArray
from mangosaurus.core.errors import MissingExtraError, OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.window import WindowModel, WindowNetwork, WindowParameters
from mangosaurus.training.windows import new_parameters

if TYPE_CHECKING:
    from mangosaurus.training.torch_window import Epoch

QUESTION = "Write the beginning of your poem, the Shakespeare machine will complete it. Your input is: "


def build_data(text: str, Tx: int = 40, stride: int = 3) -> tuple[list[str], list[str]]:
    """Cut a text into windows of Tx characters, one every `stride` characters, and the character after each.

    Returns:
        X, the windows, and Y, the characters; empty if the text is not longer than a window.
    """
    starts = range(0, len(text) - Tx, stride)
    return [text[start : start + Tx] for start in starts], [text[start + Tx] for start in starts]


def vectorization(
    X: Sequence[str], Y: Sequence[str], n_x: int, char_indices: Mapping[str, int], Tx: int = 40
) -> tuple[BoolArray, BoolArray]:
    """One-hot encode windows and the characters after them.

    Returns:
        x (m, Tx, n_x) and y (m, n_x), boolean.

    Raises:
        KeyError: a character that `char_indices` lacks.
    """
    x = np.zeros((len(X), Tx, n_x), dtype=bool)
    y = np.zeros((len(X), n_x), dtype=bool)
    for i, (window, following) in enumerate(zip(X, Y, strict=True)):
        x[i, np.arange(len(window)), [char_indices[character] for character in window]] = True
        y[i, char_indices[following]] = True
    return x, y


def sample(preds: FloatArray, temperature: float = 1.0) -> int:
    """Draw an index from the probabilities `preds`, (n_x,), with NumPy's global generator.

    The temperature changes them to p^(1 / temperature), scaled to sum to one; zeros stay zeros.

    Raises:
        OptionError: the temperature is not above 0.
    """
    if not temperature > 0:
        raise OptionError(
            f"the temperature is {temperature}; it must be above 0, 1 being the probabilities as they are"
        )
    given = np.asarray(preds, dtype=np.float64)
    logits = np.full(given.shape, -np.inf)
    np.log(given, out=logits, where=given > 0)
    probabilities = np.exp((logits - logits.max()) / temperature)
    drawn = np.random.multinomial(1, probabilities / probabilities.sum())
    # The exercise draws twice, the second time from a single index. This keeps the generator's state the same.
    return int(np.random.choice(len(given), p=drawn))


class PoemModel:
    """The network. `PoemModel(n_x)` is untrained; `PoemModel.of(...)` wraps a model that was read from a file.

    Attributes:
        parameters: the weights, as `models.window.WindowParameters`.
    """

    def __init__(
        self,
        n_x: int,
        Tx: int = 40,
        units: int = 128,
        dropout: float = 0.5,
        seed: int = 0,
        recurrent_activation: str = "sigmoid",
    ) -> None:
        """Initialise the weights as Keras does, with `seed`.

        Args:
            n_x: number of distinct characters.
            Tx: characters in a window.
            units: hidden units of each of the two layers.
            dropout: the share of a layer's outputs that training sets to zero.
            recurrent_activation: of the gates; a key of `models.window.ACTIVATIONS`. The default of Keras 1
                and 2, for which the exercise was written, is "hard_sigmoid"; that of Keras 3 is "sigmoid".
        """
        self._take(
            new_parameters(
                n_x,
                Tx,
                (units, units),
                recurrent_activation=recurrent_activation,
                dropout=dropout,
                seed=seed,
            )
        )
        self._seed, self._epochs = seed, 0

    @classmethod
    def of(cls, model: WindowModel | WindowParameters, seed: int = 0) -> PoemModel:
        """Wrap a trained model; character i is the one whose id in its vocabulary is i + 1."""
        made = cls.__new__(cls)
        made._take(model if isinstance(model, WindowParameters) else model.parameters)
        made._seed, made._epochs = seed, 0
        return made

    def _take(self, parameters: WindowParameters) -> None:
        self.parameters = parameters
        self._network = WindowNetwork(parameters)

    @property
    def n_x(self) -> int:
        return len(self.parameters.output_bias)

    @property
    def Tx(self) -> int:
        return self.parameters.window

    def fit(
        self,
        x: BoolArray,
        y: BoolArray,
        batch_size: int = 128,
        epochs: int = 1,
        on_epoch: Callable[[Epoch], None] | None = None,
        stop: threading.Event | None = None,
    ) -> list[float]:
        """Train on one-hot windows `x` (m, Tx, n_x) and the characters after them, `y` (m, n_x).

        The optimiser is Adam with a learning rate of 1e-3; each call restarts it. Calls `on_epoch` after every epoch
        with a `training.torch_window.Epoch`; by default it prints the loss. Once `stop` is set, training ends with the
        weights after the last whole epoch. The same seed and the same calls give the same weights.

        Returns:
            The mean training loss of every epoch, in nats per character, with dropout.

        Raises:
            MissingExtraError: torch is not installed.
            ValueError: the shapes disagree, or a row is not one-hot.
        """
        if find_spec("torch") is None:
            raise MissingExtraError(
                'training a poem model needs torch, which is not installed: run pip install "mangosaurus[train]"'
            )
        from mangosaurus.training.torch_window import train_windows

        windows, targets = self._ids(x), _one_hot_ids(y, "y")
        if y.shape != (len(x), self.n_x) or not targets.all():
            raise ValueError(f"y has shape {y.shape}; it must be ({len(x)}, {self.n_x}), with one True in every row")
        losses: list[float] = []

        def tell(epoch: Epoch) -> None:
            losses.append(epoch.loss)
            self._take(epoch.parameters)
            (on_epoch or _print_epoch)(epoch)

        seed = self._seed + self._epochs  # the order and dropout differ from those of earlier epochs
        train_windows(
            self.parameters,
            windows,
            targets,
            epochs=epochs,
            batch_size=batch_size,
            seed=seed,
            on_epoch=tell,
            stop=stop,
        )
        self._epochs += len(losses)
        return losses

    def predict(self, x: BoolArray | FloatArray) -> FloatArray:
        """Return the probabilities of the character after each window, (m, n_x), for one-hot windows `x` (m, Tx, n_x).

        A row of zeros stands for no character.

        Raises:
            ValueError: the shape is wrong, or a row is not one-hot.
        """
        probabilities: FloatArray = np.exp(self._network.log_probs(self._ids(x))[:, 1:])
        return probabilities

    def _ids(self, x: BoolArray | FloatArray) -> IntArray:
        if x.ndim != 3 or x.shape[1:] != (self.Tx, self.n_x):
            raise ValueError(f"x has shape {x.shape}; it must be (m, {self.Tx}, {self.n_x})")
        return _one_hot_ids(x, "x")


def _one_hot_ids(rows: BoolArray | FloatArray, name: str) -> IntArray:
    """Return the index of the 1 on the last axis, counted from 1; 0 for a row of zeros."""
    places = rows.argmax(axis=-1)
    largest = np.take_along_axis(rows, places[..., None], axis=-1)[..., 0]
    if not (rows.sum(axis=-1) == largest).all() or not ((largest == 0) | (largest == 1)).all():
        raise ValueError(f"a row of {name} is not one-hot: it must hold zeros and at most one 1")
    return np.where(largest, places + 1, 0)


def _print_epoch(epoch: Epoch) -> None:
    print(f"Epoch {epoch.number}/{epoch.epochs}: {epoch.seconds:.0f} s, loss {epoch.loss:.4f}")


def generate_output(
    model: PoemModel,
    char_indices: Mapping[str, int],
    text: str | None = None,
    length: int = 400,
    temperature: float = 1.0,
) -> str:
    """Complete a poem on standard output, character by character.

    `text` is its beginning; `None` prompts for it. The network reads the last Tx characters of it, lower-cased, and
    rows of zeros before a shorter one. `sample` draws `length` further characters, so that `numpy.random.seed`
    determines them.

    Returns:
        The whole poem, as written.

    Raises:
        UnknownCharacterError: a character that `char_indices` lacks, before anything is written.
        EOFError: nothing was entered.
    """
    if text is None:
        text = input(QUESTION)
    begun = text.lower()
    Vocabulary(char_indices).encode(begun)  # its error names the character
    characters = {index: character for character, index in char_indices.items()}
    network = WindowNetwork(model.parameters)
    state = network.start
    for character in begun[-model.Tx :]:
        state = network.advance(state, np.array([char_indices[character] + 1]))
    sys.stdout.write(text)
    poem = [text]
    with threadpool_limits(1, user_api="blas"):  # the products are too small for two threads
        for _ in range(length):
            index = sample(np.exp(network.log_probs_of_full(state)[0, 1:]), temperature)
            state = network.advance(state, np.array([index + 1]))
            poem.append(characters[index])
            sys.stdout.write(poem[-1])
            sys.stdout.flush()
    return "".join(poem)
