"""Lists learnt in JavaScript: the model is the one that Python's `fit` makes without a network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from examples import NAMES
from node import ask_learner, in_node, needs_node

import mangosaurus
from mangosaurus.core.vocabulary import normalize
from mangosaurus.formats.pages import FOLDER
from mangosaurus.formats.webpage import learning_script
from mangosaurus.generation.constraints.composed import composed_dfa
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


@pytest.mark.parametrize(
    ("rule", "names", "typed"),
    [(True, ["Galadriel", "Elrond", "Celeborn"], "ELRO"), ("tr", ["Irmak", "İnci", "Aydın", "Nihat"], "IR")],
)
def test_a_list_in_lower_case_is_known_as_such(
    rule: Literal["tr", True], names: list[str], typed: str, tmp_path: Path
) -> None:
    """What is typed in capitals is understood, here and in the files that the page writes."""
    (read,) = ask_learner(("read", {"text": "\n".join(names), "options": {"lowercase": rule}}))
    list_read = {key: read["result"][key] for key in ("names", "lowercased", "written")}
    score = ("logProbabilities", {"model": "learnt-1", "text": names[1].upper()})
    begun = ("sample", {"model": "learnt-1", "prefix": typed, "case": "list", "n": 3, "seed": "1"})
    _, scored, sampled, file, page = ask_learner(
        ("learn", list_read), score, begun, ("file", {"model": "learnt-1"}), ("page", {"model": "learnt-1"})
    )
    model = mangosaurus.fit(names, budget=0, lowercase=True, language=None if rule is True else rule)
    (wanted,) = predict(model.distribution, [model.vocabulary.encode(model.as_read(names[1].upper()))])
    assert np.abs(np.exp(said(scored)) - np.exp(wanted)).max() < TOLERANCE
    wanted_names = model.sample(3, prefix=typed, case="list", seed=1)
    assert [each["text"] for each in sampled["result"]["samples"]] == [*wanted_names]
    path = tmp_path / "learnt.safetensors"
    path.write_bytes(bytes(file["result"]))
    opened = mangosaurus.load(path)
    for key in ("lowercased", "language", "case"):
        assert opened.training.get(key) == model.training.get(key), key
    assert opened.lowering == rule
    header = bytes(page["result"]["bytes"])
    exported = json.loads(header[8 : 8 + int.from_bytes(header[:8], "little")])["__metadata__"]
    assert json.loads(exported["mangosaurus"])["training"]["lowercased"] == rule


MARKED = {
    "marks in order": ["a\u0323\u0301", "o\u0323\u0302b", "eq\u0323\u0301", "q\u0301\u0323\u0334", "b\u0345q\u0301"],
    "Vietnamese": ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ"],
    "Hangul": ["가\u1100", "각\u11a8", "\u1100\u1161", "나"],
    "Hindi": HINDI,
    "emoji": EMOJI,
    "Thai": ["กำธร", "น้ำฝน", "ปิ่น", "ใบไม้", "ฟ้า", "เพ็ญ"],
    "Hebrew": ["שָׁלוֹם", "דָּוִד", "רָחֵל", "נָעֳמִי"],
    "plain": NAMES[:10],
}


@pytest.mark.parametrize("names", [pytest.param(names, id=what) for what, names in MARKED.items()])
def test_what_is_read_as_drawn_is_known_as_in_python(names: list[str]) -> None:
    model = mangosaurus.fit(names, budget=0)
    dfa = composed_dfa(model.vocabulary)
    script = learning_script().removesuffix("})();")
    wanted = json.dumps([*map(normalize, names)])
    table = f"process.stdout.write(JSON.stringify(composedTable(vocabularyOf({wanted}))));"
    found = json.loads(in_node(f"{script}{table}}})();"))
    assert (found is None) == (dfa is None)
    if found is None or dfa is None:
        return
    rng = np.random.default_rng(1)
    for _ in range(2000):
        mine, python = found["start"], dfa.start
        for symbol in rng.integers(1, len(model.vocabulary), 5).tolist():
            mine = found["moves"][mine][found["columns"][symbol]]
            python = int(dfa.moves[python, dfa.columns[symbol]])
            assert (mine < 0) == (python < 0)
            if mine < 0:
                break


ELVES, ORCS = (
    ["Galadriel", "Elrond", "Legolas", "Arwen", "Celeborn", "Idril"],
    ["Ugluk", "Grishnak", "Bolg", "Azog", "Lurtz"],
)
LABELLED: dict[str, tuple[list[str], list[str], list[int] | None]] = {
    "two labels": (ELVES + ORCS, ["elf"] * 6 + ["orc"] * 5, None),
    "a label of one name": ([*ELVES, *ORCS, "Kili"], ["elf"] * 6 + ["orc"] * 5 + ["dwarf"], None),
    "weights": (ELVES + ORCS, ["elf"] * 6 + ["orc"] * 5, [5, 1, 1, 2, 1, 1, 9, 1, 2, 1, 1]),
    "two names": (["Arwen", "Bolg"], ["elf", "orc"], None),
    "a name under both": ([*ELVES, *ORCS, "Azog"], ["elf"] * 6 + ["orc"] * 5 + ["elf"], None),
}


@pytest.mark.parametrize("what", LABELLED)
def test_labels_are_learnt_as_in_python(what: str, tmp_path: Path) -> None:
    names, labels, weights = LABELLED[what]
    model = mangosaurus.fit(names, budget=0, labels=labels, weights=weights)
    texts = ["Arwen", "Bolg", "re", ""]
    asked = [
        ("logProbabilities", {"model": "learnt-1", "text": text, **({"label": label} if label else {})})
        for label in (None, "elf", "orc")
        for text in texts
    ]
    facts, file, *answers = ask_learner(
        learnt(names, labels=labels, weights=weights), ("file", {"model": "learnt-1"}), *asked
    )
    assert facts["result"]["labels"] == model.labels
    if model.training["held_out"] is not None:
        assert facts["result"]["held_out"] == pytest.approx(model.training["held_out"], abs=TOLERANCE)
    documents = [model.vocabulary.encode(text) for text in texts]
    python = [
        rows
        for label in (None, "elf", "orc")
        for rows in predict((model.with_label(label) if label else model).distribution, documents)
    ]
    for answer, wanted in zip(answers, python, strict=True):
        assert np.abs(np.exp(said(answer)) - np.exp(wanted)).max() < TOLERANCE
    path = tmp_path / "learnt.safetensors"
    path.write_bytes(bytes(file["result"]))
    opened = mangosaurus.load(path)
    assert opened.labels == model.labels
    assert np.abs(np.subtract(opened.losses(names), model.losses(names))).max() < 10 * TOLERANCE
