"""The mixture while its networks learn: its loss is that of the record, it never rises, and nothing learnt changes."""

from __future__ import annotations

import math
import random
from itertools import product
from typing import Any

import numpy as np
import pytest
from examples import LABELS, NAMES
from rounding import rounding

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.data.sources import bundled
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.training import so_far
from mangosaurus.training.mixing import cross_fitted
from mangosaurus.training.status import Status

LIST = list(map("".join, product(("kor", "vel", "zan"), ("i", "ou", "ae"), ("x", "ndt", "rrq"), ("a", "yth"))))
random.Random(1).shuffle(LIST)
SMALL: dict[str, Any] = {"steps": 60, "hidden": 16, "order": 3}


def watched(corpus: Any, **options: Any) -> tuple[Model, list[tuple[str, float | None]]]:
    """A model, and the stage and the loss at every step."""
    seen: list[tuple[str, float | None]] = []

    def watch(status: Status) -> None:
        seen.append((status.stage, status.held_out))

    return mangosaurus.fit(corpus, watch=watch, **options), seen


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it takes, every better network is measured."""
    monkeypatch.setattr(so_far, "SHARE", math.inf)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("prior", [pytest.param(True, marks=pytest.mark.slow), False])
def test_the_loss_begins_without_networks_and_ends_as_in_the_record(
    prior: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[float] = []

    def remember(*given: Any) -> Any:
        losses, weights = cross_fitted(*given)
        measured.append(losses.mean)
        return losses, weights

    monkeypatch.setattr(so_far, "cross_fitted", remember)
    # One fold, all of which is measured: the same numbers in another order.
    options: dict[str, Any] = {"holdout": LIST[40:], "prior": prior}
    options |= {"steps": 10, "order": 3} if prior else {"steps": 120, "hidden": 16, "order": 3}
    model, seen = watched(LIST[:40], **options)
    assert isinstance(model.distribution, Mixture)
    assert model.distribution.networks
    without = mangosaurus.fit(LIST[:40], **options | {"steps": 0, "hidden": None}).training["held_out"]
    within = rounding(np.float64, 10_000, 3.0)
    (_, counting), (stage, first), *_ = seen
    assert (counting, stage) == (None, "training")
    assert first == pytest.approx(without, abs=within)
    losses = [loss for stage, loss in seen if stage == "training" and loss is not None]
    assert losses == sorted(losses, reverse=True)
    alone, *with_networks = measured
    assert alone == pytest.approx(first, abs=within)
    assert with_networks[-1] == pytest.approx(model.training["held_out"], abs=within)
    assert losses[-1] == pytest.approx(min(measured), abs=within)
    assert len(with_networks) > 1
    assert seen[-1] == ("mixing", min(losses[-1], model.training["held_out"]))


@pytest.mark.parametrize(
    ("corpus", "options"),
    [
        (LIST, SMALL | {"members": 3}),
        pytest.param(LIST, SMALL | {"labels": [name[:3] for name in LIST], "members": 2}, marks=pytest.mark.slow),
        pytest.param([" ".join(bundled().split()[:300])], SMALL | {"format": "text"}, marks=pytest.mark.slow),
        (LIST, {"steps": 5, "members": 2}),  # networks that start from the prior, both at once
    ],
    ids=["names", "labels", "text", "fine-tuned"],
)
def test_measuring_changes_nothing(corpus: Any, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    files, previewed = [], 0
    for share in (0.0, math.inf):
        monkeypatch.setattr(so_far, "SHARE", share)
        model, seen = watched(corpus, **options)
        files.append(model.to_bytes())
        trained = [loss for stage, loss in seen if stage == "training"]
        assert None not in trained
        previewed = len({*trained})
        assert (previewed > 1) == (share > 0)
    assert files[0] == files[1]


@pytest.mark.usefixtures("always")
def test_the_model_so_far_has_the_networks_so_far() -> None:
    """Once a network is measured, it is in the mixture; the next ones when all their steps are done."""
    counts: list[int] = []

    def watch(status: Status) -> None:
        model = status.preview()
        assert isinstance(model, Mixture) or model is None
        counts.append(0 if model is None else len(model.networks))
        if model is not None and status.stage == "training":
            assert status.preview() is model

    mangosaurus.fit(LIST, **SMALL | {"members": 3}, watch=watch)
    assert counts == sorted(counts)
    assert {0, 2, 3} == {*counts}


@pytest.mark.usefixtures("always")
def test_of_a_large_ngram_the_exponents_are_computed_where_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Status] = []
    mangosaurus.fit(LIST, **SMALL, watch=kept.append)
    found = kept[0].so_far
    assert found is not None
    whole = found.whole()
    assert isinstance(whole, Mixture)
    monkeypatch.setattr(so_far, "MOST_NODES", 0)
    found._best, found._made = so_far._Best(None, whole.weights, [each.parameters for each in whole.networks]), None
    passing = found.model()
    assert type(passing) is not Mixture
    documents = whole.vocabulary.encode_all(LIST[:5])
    for here, there in zip(passing.score(documents), found.whole().score(documents), strict=True):
        np.testing.assert_allclose(here, there, atol=rounding(np.float64, 1000, 20.0))


def test_what_takes_too_long_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(so_far.SoFar, "measure", lambda *_: pytest.fail("it was measured"))
    monkeypatch.setattr(so_far, "OPERATIONS_A_SECOND", 1.0)
    _, seen = watched(LIST, **SMALL)
    assert len({loss for stage, loss in seen if stage == "training"}) == 1


@pytest.mark.usefixtures("always")
def test_with_labels_and_with_nothing_held_out() -> None:
    found: list[object] = []
    mangosaurus.fit(NAMES, labels=LABELS, **SMALL, watch=lambda status: found.append(status.preview()))
    assert isinstance(found[-1], Labelled)
    _, seen = watched(NAMES[:1], steps=5)
    assert {loss for _, loss in seen} == {None}
