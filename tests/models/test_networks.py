"""The kinds of networks: each is in all tables."""

from __future__ import annotations

from typing import get_args

from mangosaurus.formats.native.network import READERS
from mangosaurus.models.networks import KINDS, AnyCell
from mangosaurus.training.ensemble import NETWORKS


def test_all_tables_have_the_same_kinds() -> None:
    assert list(KINDS) == list(READERS) == list(NETWORKS) == list(get_args(AnyCell))
