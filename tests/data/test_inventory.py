"""Inventories of symbols: lists, strings and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangosaurus.core.errors import CorpusError
from mangosaurus.data.inventory import inventory_of


def test_an_inventory_is_a_list_or_a_string_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "inventory.txt"
    path.write_text("tʃ dʒ\naː\n\nẽ\u0303\n", encoding="utf-8")
    entries = ("aː", "dʒ", "tʃ", "ẽ\u0303")
    assert inventory_of(path) == inventory_of(str(path)) == inventory_of(reversed(entries)) == entries
    assert inventory_of(" tʃ, dʒ") == ("dʒ", "tʃ")
    assert inventory_of("") == inventory_of([]) == ()
    path.write_text("# phonemes\ntʃ,dʒ\naː\nẽ\u0303\n", encoding="utf-16")
    assert inventory_of(path) == entries
    path.write_text('["tʃ", "dʒ", "aː", "ẽ\u0303"]', encoding="utf-8")
    assert inventory_of(str(path)) == entries
    with pytest.raises(CorpusError, match=r"none does not exist"):
        inventory_of(tmp_path / "none")
    with pytest.raises(CorpusError, match=r"there is no inventory none.txt; if it is a symbol, write a comma after it"):
        inventory_of("none.txt")
    assert inventory_of("none.txt,") == ("none.txt",)
