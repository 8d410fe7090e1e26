"""The second half of the exercise: a network that goes on with a poem, from windows of 40 characters.

The names, arguments and returns are the exercise's. m is the number of windows, Tx their length, n_x the number of
characters. The network is two LSTM layers with dropout behind each, and a dense softmax on what the second says at the
last step; the formulas are in `models/window.py`, which runs it with NumPy. This one file of the course's needs the
other parts, and to learn it needs torch (`pip install "mangosaurus[train]"`).

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

from mangosaurus.arrays import BoolArray, FloatArray, IntArray
from mangosaurus.errors import MissingExtraError, OptionError
from mangosaurus.models.window import WindowModel, WindowNetwork, WindowParameters
from mangosaurus.training.initial import new_parameters
from mangosaurus.vocabulary import Vocabulary

if TYPE_CHECKING:
    from mangosaurus.training.windows import Epoch

QUESTION = "Write the beginning of your poem, the Shakespeare machine will complete it. Your input is: "


def build_data(text: str, Tx: int = 40, stride: int = 3) -> tuple[list[str], list[str]]:
    """Cut a text into windows of Tx characters, one every `stride`, and the character that follows each.

    Returns:
        X, the windows, and Y, the characters; empty if the text is not longer than a window.
    """
    starts = range(0, len(text) - Tx, stride)
    return [text[start : start + Tx] for start in starts], [text[start + Tx] for start in starts]


def vectorization(
    X: Sequence[str], Y: Sequence[str], n_x: int, char_indices: Mapping[str, int], Tx: int = 40
) -> tuple[BoolArray, BoolArray]:
    """Turn windows and the characters that follow into one-hot rows.

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

    They are sharpened first: p^(1 / temperature), scaled to sum to one; what is zero stays zero.

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
    # The exercise draws twice, the second time from one certain index: so the generator is left as it leaves it.
    return int(np.random.choice(len(given), p=drawn))


class PoemModel:
    """The network; `PoemModel(n_x)` has learnt nothing yet, `PoemModel.of(...)` is a model that was read from a file.

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
        """Draw weights as Keras does, with `seed`.

        Args:
            n_x: characters there are.
            Tx: characters in a window.
            units: hidden units of each of the two layers.
            dropout: the share of a layer's outputs that learning sets to zero.
            recurrent_activation: of the gates; a key of `models.window.ACTIVATIONS`. Keras 1 and 2, which the exercise
                was made with, took "hard_sigmoid" where nothing was said, Keras 3 takes "sigmoid".
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
        """A model that has learnt already; character i is the one whose id in its vocabulary is i + 1."""
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
        """Learn from one-hot windows `x` (m, Tx, n_x) and what follows them, `y` (m, n_x), with Adam at a rate of 1e-3.

        `on_epoch` is told of every epoch: see `training.windows.Epoch`, whose `loss` is printed if none is given. Once
        `stop` is set, learning ends, and the weights are those after the last whole epoch. Adam starts anew with every
        call. The same seed and the same calls give the same weights.

        Returns:
            The mean loss of every epoch in nats per character, dropout included, taken while it was learnt.

        Raises:
            MissingExtraError: torch is not installed.
            ValueError: the shapes disagree, or a row is not one-hot.
        """
        if find_spec("torch") is None:
            raise MissingExtraError(
                "a poem model learns with torch, which is not installed: run pip install 'mangosaurus[train]'"
            )
        from mangosaurus.training.windows import train_windows

        windows, targets = self._ids(x), _one_hot_ids(y, "y")
        if y.shape != (len(x), self.n_x) or not targets.all():
            raise ValueError(f"y has shape {y.shape}; it must be ({len(x)}, {self.n_x}), with one True in every row")
        losses: list[float] = []

        def tell(epoch: Epoch) -> None:
            losses.append(epoch.loss)
            self._take(epoch.parameters)
            (on_epoch or _print_epoch)(epoch)

        seed = self._seed + self._epochs  # other orders and other dropout than in the epochs before
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
        """Return the probabilities of what follows each window, (m, n_x), of one-hot windows `x` (m, Tx, n_x).

        A row of zeros stands for no character.

        Raises:
            ValueError: the shape is another, or a row has more than a one.
        """
        probabilities: FloatArray = np.exp(self._network.log_probs(self._ids(x))[:, 1:])
        return probabilities

    def _ids(self, x: BoolArray | FloatArray) -> IntArray:
        if x.ndim != 3 or x.shape[1:] != (self.Tx, self.n_x):
            raise ValueError(f"x has shape {x.shape}; it must be (m, {self.Tx}, {self.n_x})")
        return _one_hot_ids(x, "x")


def _one_hot_ids(rows: BoolArray | FloatArray, name: str) -> IntArray:
    """The place of the one on the last axis, counted from 1; 0 where there are only zeros."""
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
    """Go on with a poem, on standard output, character by character as they are drawn.

    `text` is how it begins; without one the question is asked for it. The network reads its last Tx characters,
    lower-cased, with rows of zeros before a shorter one. `length` characters follow, drawn by `sample`, so that
    `numpy.random.seed` decides them.

    Returns:
        The beginning and what followed, as written.

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
    with threadpool_limits(1, user_api="blas"):  # the products are small: two threads would wait for each other
        for _ in range(length):
            index = sample(np.exp(network.log_probs_of_full(state)[0, 1:]), temperature)
            state = network.advance(state, np.array([index + 1]))
            poem.append(characters[index])
            sys.stdout.write(poem[-1])
            sys.stdout.flush()
    return "".join(poem)
