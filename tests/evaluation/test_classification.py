"""Agreement by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mangosaurus.core.errors import CorpusError
from mangosaurus.evaluation.classification import Classification, agreement, confusion_lines

FOUND = Classification(
    ("a", "b", "c", "d"), ("x", "y"), np.array([[0.93, 0.07], [0.97, 0.03], [0.44, 0.56], [0.38, 0.62]])
)


def test_every_figure_by_hand() -> None:
    measured = agreement(FOUND, np.array([0, 1, 1, 1]))
    assert measured.accuracy == 0.75
    assert measured.nats_per_name == pytest.approx(-np.log([0.93, 0.03, 0.56, 0.62]).mean())
    # 0.9 to 1: sure of 0.95 on average, and half of them right; 0.5 to 0.6 and 0.6 to 0.7: one each, both right.
    assert measured.calibration_error == pytest.approx((2 * 0.45 + 0.44 + 0.38) / 4)
    np.testing.assert_array_equal(measured.confusion, [[1, 0], [1, 2]])
    assert measured.as_dict()["confusion"] == {"x": {"x": 1, "y": 0}, "y": {"x": 1, "y": 2}}
    assert confusion_lines(measured) == ["own label\tx\ty", "x\t1\t0", "y\t1\t2"]


def test_ranked_and_best() -> None:
    assert FOUND.best == ("x", "x", "y", "y")
    assert FOUND.ranked(2) == [("y", 0.56), ("x", 0.44)]


def test_certainty_falls_into_the_last_interval_and_no_loss_is_endless() -> None:
    sure = Classification(("a", "b"), ("x", "y"), np.array([[1.0, 0.0], [1.0, 0.0]]))
    measured = agreement(sure, np.array([0, 1]))
    assert measured.calibration_error == 0.5
    assert np.isfinite(measured.nats_per_name)
    with pytest.raises(CorpusError, match="no names"):
        agreement(Classification((), ("x",), np.zeros((0, 1))), np.zeros(0, dtype=np.int64))
