"""The bundled list of dinosaur genera keeps the form that everything else relies on."""

from __future__ import annotations

import re

from mangosaurus.data.read import bundled

KNOWN = ["Allosaurus", "Ankylosaurus", "Brachiosaurus", "Diplodocus", "Iguanodon", "Mei", "Stegosaurus", "Triceratops"]
KNOWN += ["Tyrannosaurus", "Velociraptor", "Yi"]


def test_the_list_is_sorted_capitalised_words_each_once() -> None:
    assert bundled().endswith("\n")
    names = bundled().removesuffix("\n").split("\n")
    assert len(names) >= 1000
    assert names == sorted(names)
    assert len({name.lower() for name in names}) == len(names)
    assert [name for name in names if not re.fullmatch(r"[A-Z][a-z]+", name)] == []


def test_well_known_genera_are_there_and_birds_and_marine_reptiles_are_not() -> None:
    names = bundled().split()
    assert set(KNOWN) <= set(names)
    assert {"Archaeopteryx", "Dakosaurus", "Ichthyosaurus", "Plesiosaurus"}.isdisjoint(names)
