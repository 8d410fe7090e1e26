"""The windows of a corpus that a network of windows is fine-tuned on, as in the course."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.errors import CorpusError

STRIDE = 3
"""Characters from the start of one window to the start of the next, as in the course."""


def windows_of(documents: Sequence[IntArray], window: int) -> tuple[IntArray, IntArray]:
    """Full windows, (m, window), one every STRIDE characters of each document, and the ids that follow them, (m,).

    Raises CorpusError if there is none.
    """
    # For a single document this is a view: a long book is not copied forty times.
    rows = [sliding_window_view(each, window + 1)[::STRIDE] for each in documents if len(each) > window]
    if not rows:
        raise CorpusError(
            f"the network reads {window} characters and learns the next one, and no document of the corpus is that long"
        )
    whole = rows[0] if len(rows) == 1 else np.concatenate(rows)
    return whole[:, :window], whole[:, window]
