"""One record says all about the options of a run; whatever is made from it agrees with it."""

from __future__ import annotations

import inspect
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest

import mangosaurus
from mangosaurus.core.errors import CheckpointError
from mangosaurus.core.options import about
from mangosaurus.formats.native.kinds import MOST_NETWORKS
from mangosaurus.models.ngram import LARGEST_ORDER
from mangosaurus.training.manifest import settings_of
from mangosaurus.training.settings import NETWORK, Settings, stated


def test_fit_has_the_keywords_of_the_record_and_states_none_of_them() -> None:
    keywords = inspect.signature(mangosaurus.fit).parameters
    others = ("corpus", "weights", "holdout", "checkpoint", "every", "resume", "watch", "stop")
    assert set(keywords) - set(others) == {each.name for each in fields(Settings)}
    assert all(keywords[each.name].default is None for each in fields(Settings))
    assert all(f"`{each.name}`" in str(mangosaurus.fit.__doc__) for each in fields(Settings))
    assert stated(dict.fromkeys(keywords)) == {}


def test_limits_are_those_of_what_is_built() -> None:
    most = {each.name: about(each).most for each in fields(Settings)}
    assert (most["order"], most["members"]) == (LARGEST_ORDER, MOST_NETWORKS)
    assert set(NETWORK) < set(most)


def test_a_manifest_has_the_whole_record_and_nothing_else() -> None:
    settings = Settings(steps=7, cell="gru", labels="any", memory=2 * 10**9)
    assert settings_of({"options": asdict(settings)}, Path("runs")) == settings


@pytest.mark.parametrize(
    "change",
    [{"seed": "1"}, {"seed": True}, {"steps": -1}, {"cell": "x"}, {"lowercase": 1}, {"budget": None}, {"x": 1}],
)
def test_a_damaged_manifest_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match="the checkpoint in runs is damaged: it names no options"):
        settings_of({"options": asdict(Settings()) | change}, Path("runs"))
