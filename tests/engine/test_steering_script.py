"""Steering and the best in JavaScript: what Python finds, node finds too."""

from __future__ import annotations

import json
from base64 import b64encode
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from node import ask_learner, in_node, needs_node
from rounding import rounding

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.api.steering import steered
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats import native as storage
from mangosaurus.formats.native.contents import Contents
from mangosaurus.formats.webpage import in_planes, learning_script
from mangosaurus.generation.name_lengths import wanted_lengths
from mangosaurus.generation.nearest import apart, near, nearest
from mangosaurus.models.interface import predict
from mangosaurus.models.prior import bundled_prior
from mangosaurus.models.saying import nats_to_say

pytestmark = needs_node

NAMES = [
    *("Galadriel", "Elrond", "Legolas", "Celebrimbor", "Thranduil", "Arwen", "Finrod", "Fëanor", "Lúthien", "Elwing"),
    *("Eärendil", "Maedhros", "Maglor", "Celegorm", "Caranthir", "Curufin", "Amrod", "Amras", "Fingolfin", "Finarfin"),
    *("Turgon", "Aredhel", "Argon", "Idril", "Gil galad", "Elladan", "Elrohir", "Haldir", "Nimrodel", "Amroth"),
]
LONG = ["", "anna", "annabel", "ana", "nana", "bob", "Zoë", "𝒜da", "\uff21da", "x" * 31, "x" * 32, "xy" * 20, "y" * 70]
LIKE, UNLIKE = ["Galadriel", "Glorfindel", "Míriel"], ["Amroth", "Zwentibold7"]
TOLERANCE = rounding(np.float32, 400, size=16)
"""Of natural logarithms of a steered model: s multiplies the errors of the prior's 384 units by up to 6."""


def engine(code: str, model: Model | None = None, **values: Any) -> Any:
    """What the body of a function returns among the names of the engine and of what learns; `values` are names too.

    `prior` is the prior, and `engine` has the model.
    """
    read = "const prior = new PriorOfNames(readFile(bytes(PRIOR)));"
    values["PRIOR"] = b64encode(
        in_planes(files("mangosaurus.bundled").joinpath("prior.safetensors").read_bytes())
    ).decode()
    if model is not None:
        settings = {"longest": model.default_length, "endless": model.endless}
        contents = Contents(model.distribution, model.kind, model.known, settings)
        values["MODEL"] = b64encode(in_planes(storage.as_bytes(contents))).decode()
        read += "const engine = Engine.of(bytes(MODEL));"
    given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
    script = learning_script().removesuffix("})();")
    return json.loads(in_node(f"{script}{{{given}{HELPERS}{read}{END % code}"))  # a block has names of its own


HELPERS = """
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64")), said = [];
const all = (parts) => {
  for (;;) {
    const { value, done } = parts.next();
    if (done) return value;
    said.push(...value.map((each) => each.text ?? each));
  }
};
"""
END = """
const listed = (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value;
process.stdout.write(JSON.stringify((() => {%s})(), listed));}})();
"""


@pytest.fixture(scope="module")
def elves() -> Model:
    return mangosaurus.like(NAMES)


def check_nearest(names: list[str], known: list[str]) -> None:
    """The nearest of known names, the first in the order of code points of several; and which are near, or apart."""
    found = engine(
        """
        const split = (text) => Array.from(text), choices = [...new Set(known)].sort(byCodePoints);
        const neighbours = new Neighbours(choices, split), isNear = near(known, 3, split), isApart = apart(split);
        return names.map((name) => {
          const { place, edits } = neighbours.nearest(name);
          return [choices[place], edits, isNear(name), isApart(name)];
        });""",
        names=names,
        known=known,
    )
    is_near, is_apart = near(known, 3), apart()
    wanted = [[*each, is_near(name), is_apart(name)] for name, each in zip(names, nearest(names, known), strict=True)]
    assert found == wanted


def test_the_nearest_of_names_of_one_word_of_bits_and_of_several() -> None:
    check_nearest([*LONG, *("xxy" * 12, "y" * 65 + "x", "anne", "𝒜nna")], LONG[1:])


def test_the_nearest_of_random_names() -> None:
    rng = np.random.default_rng(1)
    names = ["".join(rng.choice([*"ab\U0001d49c"], int(rng.choice([3, 8, 33, 70])))) for _ in range(300)]
    check_nearest(names[:150], names[150:])


@pytest.mark.parametrize(("like", "unlike", "strength"), [(LIKE, [], 0.5), ([], UNLIKE, 1.0), (LIKE, UNLIKE, 0.2)])
def test_a_steered_model_says_and_writes_what_it_does_in_python(
    elves: Model, like: list[str], unlike: list[str], strength: float
) -> None:
    documents = [elves.vocabulary.encode(name) for name in ("Galadriel", "Amroth", "Finwë", "")]
    found = engine(
        """
        const made = all(steered(engine, prior, { like, unlike, strength })), { ending } = made.model;
        said.length = 0;
        all(made.sample({ n: 60, seed: "5" }));
        return { names: said, ending, said: predict(made.model, documents), remarks: made.remarks.length };
        """,
        elves,
        like=like or None,
        unlike=unlike or None,
        strength=strength,
        documents=[document.tolist() for document in documents],
    )
    model = steered(elves, like, unlike, strength)
    wanted = np.concatenate(predict(model.distribution, documents))
    np.testing.assert_allclose(np.reshape(found["said"], wanted.shape), wanted, atol=TOLERANCE)
    np.testing.assert_allclose(found["ending"], model.distribution.ending, atol=TOLERANCE)  # type: ignore[attr-defined]
    assert found["names"] == list(model.sample(60, seed=5))
    assert found["remarks"] == len(model.remarks)


def test_the_strength_zero_leaves_names_out_and_nothing_else(elves: Model) -> None:
    like = list(elves.sample(3, seed=5))
    found = engine(
        "all(all(steered(engine, prior, { like, strength: 0 })).sample({ n: 5, seed: '5' })); return said;",
        elves,
        like=like,
    )
    assert found == [*elves.sample(8, seed=5)][3:]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"like": ["123", "77"]}, "have no character that the model knows"),
        ({"like": [" "]}, "no name to resemble"),
        ({"unlike": []}, "no name to differ from"),
        ({"like": "Anna"}, "are to be a list of texts"),
        ({"like": [1]}, "are to be a list of texts"),
        ({"like": ["Anna"] + [f"A{number}" for number in range(1000)]}, "1,001 names to resemble; 1,000 at most"),
        ({"strength": 0.5}, "no effect without names"),
        ({"like": ["Anna"], "strength": 1.5}, "from 0, not at all, to 1"),
    ],
)
def test_what_cannot_steer_is_refused(elves: Model, asked: dict[str, Any], why: str) -> None:
    caught = "catch (error) { return [error instanceof Refusal, error.message]; }"
    refused, message = engine(f"try {{ all(steered(engine, prior, asked)); }} {caught}", elves, asked=asked)
    assert refused
    assert why in message


def test_how_long_names_shall_be() -> None:
    cases: list[tuple[list[int], list[int], list[int], float]] = [
        ([3, 4, 4, 9], [12, 3], [], 0.4),
        ([3, 4, 4, 9], [], [4, 30], 1.0),
        ([1], [2], [1, 1, 1], 0.0),
    ]
    for found, case in zip(
        engine("return cases.map((each) => wantedLengths(...each));", cases=cases), cases, strict=True
    ):
        np.testing.assert_allclose(found, wanted_lengths(*case), rtol=1e-12)


def test_what_the_prior_can_say_and_how_easily() -> None:
    """Each of the prior's characters: the same of them are sounds. Names with others have no figure."""
    characters = "".join(bundled_prior()._vocabulary.characters)
    names = [*characters, "Anna", "漢字", "Ann☃", ""]
    wanted = nats_to_say(names, Vocabulary.of([characters, "☃"]))
    found = engine("return all(natsToSay(prior, names, new Vocabulary(every)));", names=names, every=[*characters, "☃"])
    assert [nats is None for nats in found] == [nats is None for nats in wanted]
    assert None in wanted[: len(characters)]
    numbers = np.array([pair for pair in zip(found, wanted, strict=True) if pair[0] is not None], dtype=np.float64)
    # Products that lie between two numbers of 16 bits may become either of them.
    np.testing.assert_allclose(numbers[:, 0], numbers[:, 1], atol=rounding(np.float16, 1))


@pytest.mark.parametrize("diverse", [False, True])
def test_the_best_are_those_of_python(elves: Model, diverse: bool) -> None:
    wanted = elves.best(8, 120, seed=2, training=NAMES, diverse=diverse)
    documents = list(wanted.samples.documents)
    found = engine(
        """
        const { vocabulary } = engine;
        const losses = all(lossesOf(engine.model, documents.map((each) => vocabulary.encode(each))));
        return all(bestOf(prior, { vocabulary, names, documents, losses, shown: documents, count: 8, diverse }));
        """,
        elves,
        names=NAMES,
        documents=documents,
        diverse=diverse,
    )
    figures = ("score", "nats_per_symbol", "prior_nats_per_symbol")
    for one, other in zip(found["best"], wanted.as_dict()["best"], strict=True):
        for figure in figures:
            assert one.pop(figure) == pytest.approx(other.pop(figure), abs=1e-4)
        assert one == other
    assert found["enough"] == pytest.approx(wanted.as_dict()["enough"], abs=1e-4)


def test_a_list_that_is_learnt_is_steered_and_ranked() -> None:
    """Names in a case of their own; the best of names of a list of one, and of emoji, which nobody can say."""
    learn = [("learn", {"names": names}) for names in (NAMES, ["Anna"], ["😀👩🏿", "👩🏿😀😀", "🇩🇪😀"])]
    asked: list[dict[str, Any]] = [
        {"model": "learnt-1", "n": 40, "best": 3, "like": ["Elrond", "😀x"], "diverse": True, "case": "upper"},
        {"model": "learnt-1", "n": 4, "unlike": NAMES},
        {"model": "learnt-2", "n": 3, "best": 2},
        {"model": "learnt-3", "n": 10, "best": 2, "like": ["😀😀"]},
    ]
    answers = ask_learner(*learn, *(("sample", options | {"seed": "1"}) for options in asked))[len(learn) :]
    upper, others, one, emoji = (answer["result"] for answer in answers)
    assert [each["text"].isupper() for each in upper["best"]] == [True] * 3
    assert "“x”, “😀”" in upper["remark_parts"][0][0]["text"]
    assert len(others["samples"]) == 4
    assert {each["nearest"] for each in one["best"]} == {"Anna"}
    assert [each["prior_nats_per_symbol"] for each in emoji["best"]] == [None, None]
    assert "is not known" in emoji["remark_parts"][-1][0]["text"]
