"""The course's poem model: its loss over all windows of the sonnets is the one that its own activations give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from course_values import POEM
from numpy.lib.stride_tricks import sliding_window_view

import mangosaurus
from mangosaurus.core.arrays import IntArray
from mangosaurus.models.window import WindowModel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stored(reference: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> WindowModel:
    """The model, imported, written and read again."""
    path = tmp_path_factory.mktemp("poems") / "poems.safetensors"
    file, sonnets = reference("model_shakespeare_kiank_350_epoch.h5"), reference("sonnets.txt")
    mangosaurus.import_keras(file, sonnets).save(path)
    read = mangosaurus.load(path)
    assert read.training["lowercased"]
    assert mangosaurus.info(read)["model"] == "2 x LSTM of 128 units with a window of 40 characters"
    assert isinstance(read.distribution, WindowModel)
    assert [layer.dropout for layer in read.distribution.parameters.layers] == [0.5, 0.5]
    return read.distribution


@pytest.fixture(scope="module")
def windows(stored: WindowModel, reference: Callable[[str], Path]) -> tuple[IntArray, IntArray]:
    """Every third window of 40 characters, (31412, 40), and the characters after them."""
    text = stored.vocabulary.encode(reference("sonnets.txt").read_text(encoding="utf-8").lower())
    return sliding_window_view(text, 40)[:-1:3], text[40::3]


def test_the_loss_and_accuracy_of_all_windows(windows: tuple[IntArray, IntArray], stored: WindowModel) -> None:
    """In float32, which takes half the time; of every twentieth window in float64 too."""
    single, double = (WindowModel(stored.vocabulary, stored.parameters, kind) for kind in (np.float32, np.float64))
    found, symbols = single.log_probs((windows[0],)), windows[1]
    assert found.dtype == np.float32
    losses = -found[np.arange(len(symbols)), symbols].astype(np.float64)
    assert len(losses) == POEM["windows"]
    assert losses.mean() == pytest.approx(POEM["nats per character"], abs=1e-5)
    assert (found.argmax(axis=1) == symbols).mean() == pytest.approx(POEM["accuracy"], abs=1e-4)
    exact = double.log_probs((windows[0][::20],))
    np.testing.assert_allclose(losses[::20], -exact[np.arange(len(exact)), symbols[::20]], rtol=0, atol=1e-3)
