"""The model that comes with the package."""

from __future__ import annotations

from importlib.resources import files

import mangosaurus
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.data.read import bundled


def test_it_is_small_and_knows_its_list() -> None:
    path = files("mangosaurus.bundled") / "dinosaurs.safetensors"
    assert len(path.read_bytes()) < 1_000_000
    model = mangosaurus.load()
    assert model.known == DocumentHashes.of(bundled().split())
    assert model.training["held_out"] < 1.6


def test_it_is_what_fit_gives_on_the_same_machine() -> None:
    """The n-gram has no chance in it, so that it is the same on every machine."""
    model = mangosaurus.load()
    again = mangosaurus.fit(steps=0, order=6, seed=1)
    documents = [model.vocabulary.encode(name) for name in bundled().split()]
    ours = model.distribution.ngram  # type: ignore[attr-defined]
    theirs = again.distribution
    for one, two in zip(ours.score(documents), theirs.score(documents), strict=True):
        assert abs(one - two).max() < 1e-9
