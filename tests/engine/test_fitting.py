"""Lists learnt in JavaScript: the model is the one that Python's `fit` makes without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import NAMES
from node import ask_learner, in_node, needs_node

import mangosaurus
from mangosaurus.formats.webpage import FOLDER
from mangosaurus.models.interface import predict

pytestmark = needs_node

TOLERANCE = 1e-4
"""Nats per symbol, as promised; sums of float32 in another order differ by 1e-5 in one name."""
GREEK = [
    "Νεφέλη",
    "Ιόλη",
    "Φαίδρα",
    "Θάλεια",
    "Ευνίκη",
    "Αγλαΐα",
    "Κλειώ",
    "Ουρανία",
    "Ερατώ",
    "Μελίνα",
    "Δάφνη",
    "Λητώ",
]
HINDI = ["प्रिया", "नीलिमा", "कृष्णा", "सुमित्रा", "ज्योति", "रुक्मिणी", "स्मिता", "किरण", "विद्या", "शांति", "उर्मिला"]
EMOJI = ["🧝🏽‍♀️a", "b🧝🏽‍♀️", "ab🏳️‍🌈", "a🧑‍🚀b", "ba"]


def invented(count: int) -> list[str]:
    """Names of syllables, each once."""
    rng = np.random.default_rng(3)
    starts, middles, ends = (
        ["Ka", "Lo", "Mir", "Te", "Sha", "Bren"],
        ["ra", "ni", "vel", "do", ""],
        ["n", "th", "ra", "s", "x"],
    )
    found = {
        "".join(rng.choice(part) for part in (starts, middles, middles, middles, ends)) + "aeiou"[number % 5]
        for number in range(4 * count)
    }
    return sorted(found)[:count]


LISTS = {
    "one name": ["Galadriel"],
    "two names": ["Galadriel", "Elrond"],
    "three names": ["Ann", "Bo", "Cy"],
    "fifteen": NAMES[:15],
    "Greek": GREEK,
    "Hindi, in clusters": HINDI,
    "emoji, in clusters": EMOJI,
    "characters that the prior does not know": ["ꙮa", "ꙮꙮb", "aꙮ𐍈", "𐍈b", "ab"],
    "a hundred": invented(100),
    "three hundred": invented(300),
    "repeated": ["Anna", "Anna", "Anna", "Bela", "Cleo", "Cleo", "Dora", "Emma", "Fay"],
    "repeated alike": ["Anna", "Bela", "Cleo"] * 2,
}


def learnt(names: list[str], **options: Any) -> tuple[str, dict[str, Any]]:
    return "learn", {"names": names, **options}


def said(answer: dict[str, Any]) -> np.ndarray[Any, Any]:
    """log p of each symbol at each place."""
    return np.array(answer["result"])


@pytest.mark.parametrize("names", [pytest.param(names, id=what) for what, names in LISTS.items()])
def test_the_model_is_that_of_python(names: list[str]) -> None:
    model = mangosaurus.fit(names, budget=0)
    characters = set("".join(model.vocabulary.characters))
    texts = [*names[:5], names[0][::-1], "".join(sorted(names[-1])), ""]
    texts = [text for text in texts if (model.vocabulary.find(text) > 0).all() and set(text) <= characters]
    facts, *answers = ask_learner(
        learnt(names), *(("logProbabilities", {"model": "learnt-1", "text": text}) for text in texts)
    )
    assert facts["result"]["documents"] == len(set(names))
    if model.training["held_out"] is None:
        assert facts["result"]["held_out"] is None
    else:
        assert facts["result"]["held_out"] == pytest.approx(model.training["held_out"], abs=TOLERANCE)
    documents = [model.vocabulary.encode(text) for text in texts]
    for answer, python in zip(answers, predict(model.distribution, documents), strict=True):
        assert np.abs(np.exp(said(answer)) - np.exp(python)).max() < TOLERANCE


def test_folds_are_dealt_as_in_python() -> None:
    script = FOLDER.joinpath("learning/numpy_random.js").read_text(encoding="utf-8")
    for seed, count in ((0, 1), (0, 13), (7, 1000), (2**31, 300)):
        found = in_node(f"{script}process.stdout.write(new Pcg64([{seed}, 1]).permutation({count}).join());")
        assert [*map(int, found.split(","))] == np.random.default_rng([seed, 1]).permutation(count).tolist()


@pytest.mark.parametrize("what", ["two names", "Greek", "Hindi, in clusters", "repeated"])
def test_python_opens_the_file_that_the_page_writes(what: str, tmp_path: Path) -> None:
    names, path = LISTS[what], tmp_path / "learnt.safetensors"
    _, answer = ask_learner(learnt(names), ("file", {"model": "learnt-1"}))
    path.write_bytes(bytes(answer["result"]))
    opened, fitted = mangosaurus.load(path), mangosaurus.fit(names, budget=0)
    assert opened.vocabulary == fitted.vocabulary
    assert np.abs(np.subtract(opened.losses(names), fitted.losses(names))).max() < 10 * TOLERANCE
    assert opened.known == fitted.known
    for key in ("documents", "symbols", "order", "members", "seed", "longest", "note", "shares", "held_out_symbols"):
        assert opened.training[key] == pytest.approx(fitted.training[key], abs=TOLERANCE), key
    assert len(opened.sample(3, seed=1)) == 3


def test_a_list_with_labels_is_learnt_as_one_and_every_answer_says_so() -> None:
    names, labels = ["Anna", "Bela", "Anna", "Cleo", "Dora", "Emma"], ["a", "a", "b", "b", "b", "a"]
    options = {"model": "learnt-1", "n": 3, "seed": "1"}
    calls: list[tuple[str, dict[str, Any]]] = [("sample", options), ("sample", {**options, "like": ["Bela", "Ωx"]})]
    calls.append(("sample", {**options, "n": 20, "best": 2}))
    plain, *without = ask_learner(learnt(names), *calls)
    labelled, *answers = ask_learner(learnt(names, labels=labels), *calls)
    assert labelled["result"] == plain["result"]
    for answer, other in zip(answers, without, strict=True):
        (said, found), (usual, expected) = (
            (["".join(part["text"] for part in parts) for parts in result.pop("remark_parts")], result)
            for result in (answer["result"], other["result"])
        )
        assert found == expected
        assert "labels" in said[0]
        assert said[1:] == usual
        assert len(set(said)) == len(said)
