"""Choosing labels: one, several, wrong ones."""

from __future__ import annotations

import math

import numpy as np
import pytest

import mangosaurus
from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.models.label_weights import LabelLike, label_weights, number_of, numbers_of

LABELS = ["dwarf", "elf", "half-elf, grey:2"]


@pytest.mark.parametrize(
    ("label", "weights"),
    [
        ("elf", [0, 1, 0]),
        ("elf:0.6,dwarf:0.4", [0.4, 0.6, 0]),
        (" elf : 3 , dwarf : 1 ", [0.25, 0.75, 0]),
        ("elf,dwarf", [0.5, 0.5, 0]),
        ("elf,elf,dwarf", [1 / 3, 2 / 3, 0]),
        ("elf:0,dwarf:1e2", [1, 0, 0]),
        ("half-elf, grey:2", [0, 0, 1]),
        ({"half-elf, grey:2": 1, "elf": 3}, [0, 0.75, 0.25]),
    ],
)
def test_weights(label: LabelLike, weights: list[float]) -> None:
    assert label_weights(label, LABELS).tolist() == pytest.approx(weights)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("Elf", "no label 'Elf'; did you mean 'elf'"),
        ("dwarfs", "did you mean 'dwarf'"),
        ("", "no label ''"),
        ("elf:-1", "the weight of the label 'elf' is '-1'; it must be a number from 0 upwards"),
        ("elf:nan", "'nan'"),
        ("elf:inf", "'inf'"),
        ("elf:much", "'much'"),
        ("elf:,dwarf", "is ''"),
        ("elf:0,dwarf:0", "at least one weight must be above zero"),
        ({}, "at least one weight must be above zero"),
        ({"elf": math.nan}, "'nan'"),
        ({"elf": None}, "'None'"),
        ("elf,orc:1", "no label 'orc'"),
    ],
)
def test_wrong_ones(label: LabelLike, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        label_weights(label, LABELS)


def test_numbers() -> None:
    assert numbers_of(["elf", "dwarf", "elf"], LABELS).tolist() == [1, 0, 1]
    with pytest.raises(OptionError, match="no label 'orc'"):
        numbers_of(["elf", "orc"], LABELS)
    with pytest.raises(OptionError, match="this model has no labels"):
        number_of("elf", [])
    with pytest.raises(OptionError, match="19, …"):
        number_of("elf", [str(n) for n in range(100)])


@pytest.mark.parametrize("label", ["elf\x1b[2J", "el\x07f", "el\x85f", "el\u2028f"])
def test_labels_with_control_characters_are_not_learnt(label: str) -> None:
    with pytest.raises(CorpusError, match="has a control character; labels are plain text") as raised:
        mangosaurus.fit(["Anna", "Berta"], labels=["a", label], budget=0)
    assert str(raised.value).isprintable()


def test_as_many_labels_and_characters_are_learnt_as_a_model_holds() -> None:
    names = ["".join(map(chr, range(0x4E00, 0x4E00 + 8_000))), *["Anna"] * 2_000]
    with pytest.raises(CorpusError, match="2,001 labels and 8,003 different characters are more than a model holds"):
        mangosaurus.fit(names, labels=[f"label {number}" for number in range(len(names))], budget=0)


def test_a_part_of_combined_labels_can_be_asked_for() -> None:
    names = ["anna", "hanna", "lena", "bo", "arno", "otto", "zuzu", "zizi"]
    labels = ["elf/f", "elf/f", "elf/f", "elf/m", "elf/m", "orc/m", "orc/f", "orc/f"]
    model = mangosaurus.fit(names, labels=labels, budget=0)
    both = np.array([model.with_label(label).score(["anna"])[0].sum() for label in ("elf/f", "elf/m")])
    expected = np.log(np.exp(both) @ [3 / 5, 2 / 5])
    assert model.with_label("elf").score(["anna"])[0].sum() == pytest.approx(expected, abs=1e-6)
    assert len(model.sample(3, label="elf", seed=1, prefix="a")) == 3
    assert model.with_label("f/elf").score(["anna"])[0].sum() == both[0]
    with pytest.raises(OptionError, match="no label 'dwarf'"):
        model.with_label("dwarf")
    with pytest.raises(OptionError, match="save the one with all its labels"):
        model.with_label("elf").to_bytes()
