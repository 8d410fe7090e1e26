"""The bundled list of dinosaur genera keeps the form that everything else relies on."""

import re
from importlib.resources import files

import pytest


@pytest.fixture(scope="module")
def raw() -> bytes:
    return (files("mangosaurus") / "corpora" / "dinosaurs.txt").read_bytes()


@pytest.fixture(scope="module")
def names(raw: bytes) -> list[str]:
    return raw.decode("utf-8").removesuffix("\n").split("\n")


def test_has_at_least_a_thousand_names(names: list[str]) -> None:
    assert len(names) >= 1000


def test_names_are_distinct_whatever_their_case(names: list[str]) -> None:
    assert len({name.lower() for name in names}) == len(names)


def test_names_are_sorted(names: list[str]) -> None:
    assert names == sorted(names)


def test_every_name_is_one_capitalised_word(names: list[str]) -> None:
    assert [name for name in names if not re.fullmatch(r"[A-Z][a-z]+", name)] == []


def test_file_ends_with_exactly_one_newline(raw: bytes) -> None:
    assert raw.endswith(b"\n")
    assert not raw.endswith(b"\n\n")


@pytest.mark.parametrize(
    "name",
    [
        "Allosaurus",
        "Ankylosaurus",
        "Brachiosaurus",
        "Diplodocus",
        "Iguanodon",
        "Mei",
        "Stegosaurus",
        "Triceratops",
        "Tyrannosaurus",
        "Velociraptor",
        "Yi",
    ],
)
def test_well_known_genera_are_there(names: list[str], name: str) -> None:
    assert name in names


@pytest.mark.parametrize("name", ["Archaeopteryx", "Dakosaurus", "Ichthyosaurus", "Plesiosaurus"])
def test_birds_and_marine_reptiles_are_not(names: list[str], name: str) -> None:
    assert name not in names
