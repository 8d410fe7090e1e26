"""Training a network of windows for some epochs more, as the course does with the one that it is given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mangosaurus.arrays import IntArray
from mangosaurus.errors import CorpusError, MissingExtraError, OptionError
from mangosaurus.models.window import WindowParameters

if TYPE_CHECKING:
    from mangosaurus.training.windows import Epoch

STRIDE = 3
"""Characters from the beginning of one window to that of the next, as in the course."""


def train_documents(
    parameters: WindowParameters,
    documents: Sequence[IntArray],
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    begun: Callable[[], None],
    watch: Callable[[Epoch], None],
    stop: threading.Event | None,
) -> WindowParameters:
    """`training.windows.train_windows` on all windows of `documents`, ids without END; `begun` is called before it.

    Raises OptionError for a number out of range, CorpusError if no document is longer than a window, and
    MissingExtraError if torch is not installed.
    """
    for name, value, least in (("epochs", epochs, 1), ("batch_size", batch_size, 1), ("seed", seed, 0)):
        if value < least:
            raise OptionError(f"{name} is {value}; it must be {least} or more")
    windows, targets = windows_of(documents, parameters.window)
    if find_spec("torch") is None:
        raise MissingExtraError(
            "training a network needs torch, which is not installed: run pip install 'mangosaurus[train]'"
        )
    from mangosaurus.training.windows import train_windows

    begun()
    return train_windows(
        parameters,
        windows,
        targets,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        on_epoch=watch,
        stop=stop,
    )


def windows_of(documents: Sequence[IntArray], window: int) -> tuple[IntArray, IntArray]:
    """Full windows, (m, window), one every STRIDE characters of each document, and the ids that follow them, (m,).

    Raises CorpusError if there is none.
    """
    # Of a single document this is a view: a long book is not written down forty times.
    rows = [sliding_window_view(each, window + 1)[::STRIDE] for each in documents if len(each) > window]
    if not rows:
        raise CorpusError(
            f"the network reads {window} characters and learns the next one, and no document of the corpus is that long"
        )
    whole = rows[0] if len(rows) == 1 else np.concatenate(rows)
    return whole[:, :window], whole[:, window]
