"""The JavaScript engine says what Python says: probabilities, names under constraints, and texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from examples import NAMES, endless_ngram, random_network, small_labelled, small_mixture, small_ngram, small_worded
from node import ask_engine, in_node, needs_node
from rounding import rounding
from tokens import of_tokens

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.segmentation import Segmentation, clusters_of
from mangosaurus.formats.pages import FOLDER
from mangosaurus.models.blend import DocumentMixture, Product
from mangosaurus.models.interface import CharModel, predict
from mangosaurus.models.mixture import Mixture
from mangosaurus.server import tasks

pytestmark = needs_node

TOLERANCE = rounding(np.float32, 40 * 24, size=4)
"""Of natural logarithms, in networks of 24 units that have read 40 symbols. The page may differ by 1e-3 nats."""
SCRIPTS = ["Ångström", "é́tude", "𝒜da", "𝒜𐍈a", "😀ñandú", "さくら", "שלום", "Ελένη", "a\u200db", "ﬁn"]
COMPOSING = ["q\u0301ea", "bq\u0301e", "eq\u0323\u0301a", "leq\u0301", "ebq\u0323", "ne", "ela", "bel", "tele", "lena"]
"""Of their samples many are not in NFC: e and a mark make another letter."""
CONSTRAINTS: list[dict[str, Any]] = [
    {},
    {"temperature": 0.6},
    {"suffix": "a"},
    {"min_length": 6, "max_length": 8},
    {"max_length": 3},
]
TEXTS = [*NAMES[::5], "zo", "nnnnnnnnn", "lllaaaeeemmm", ""]
TRIED = 1344
"""Samples by which Python, and the page if it draws as many, says how often constraints are met."""
Options = dict[str, Any]


def gru_and_rnn() -> Mixture:
    """Networks of every depth and cell that `small_mixture` has not."""
    ngram = small_ngram(5)
    networks = [
        random_network(ngram.vocabulary, "gru", 7, 2, seed=1),
        random_network(ngram.vocabulary, "rnn", 9, 3, seed=2, scale=0.3),
        random_network(ngram.vocabulary, "lstm", 5, 2, seed=3),
    ]
    return Mixture(ngram, networks, np.random.default_rng(3).uniform(0, 0.5, (8, 2)))


def other() -> CharModel:
    return small_ngram(4, ["Zoë", "leo", "noé"])


MODELS: dict[str, Callable[[], CharModel]] = {
    "an n-gram": lambda: small_ngram(4),
    "a unigram": lambda: small_ngram(1),
    "a mixture": small_mixture,
    "other cells": gru_and_rnn,
    "words": small_worded,
    "words alone": lambda: small_worded(networks=0),
    "labels": small_labelled,
    "labels without networks": lambda: small_labelled(networks=0),
    "the prior": lambda: small_mixture(networks=1, prior=True),
    "the prior and several networks": lambda: small_mixture(prior=True),
    "the prior alone": lambda: small_mixture(networks=0, prior=True),
    "labels and the prior": lambda: small_labelled(prior=True),
    "labels and the prior alone": lambda: small_labelled(networks=0, prior=True),
    "a blend with the prior": lambda: Product(
        [small_labelled(networks=0, prior=True), small_mixture(prior=True)], [0.5, 0.5]
    ),
    "a mixture of documents with the prior": lambda: DocumentMixture([small_mixture(prior=True), other()], [0.6, 0.4]),
    "a product": lambda: Product([small_mixture(), other()], [0.7, 0.3]),
    "a mixture of documents": lambda: DocumentMixture([small_mixture(), other()], [0.6, 0.4]),
    "a blend with labels": lambda: Product([small_labelled(), small_ngram(3)], [0.5, 0.5]),
    "scripts": lambda: small_ngram(4, SCRIPTS),
    "marks": lambda: small_ngram(2, COMPOSING),
}


def model_of(distribution: CharModel, kind: Any = "names") -> Model:
    return Model(distribution, kind, DocumentHashes.of(NAMES), {"longest": 9, "documents": len(NAMES)})


def check_names(model: Model, asked: list[Options], **settings: Any) -> None:
    """The same names in the same order, and the same counts."""
    answers = ask_engine(model, *(("sample", options) for options in asked), **settings)
    for options, answer in zip(asked, answers, strict=True):
        label = options.get("label")
        of_label = model if label is None else model.with_label(label)
        plain = {"n": 20} | {name: value for name, value in options.items() if name != "label"}
        names = of_label.sample(**plain)
        told = answer["result"]
        assert (
            [each["text"] for each in answer["found"]] == [each["text"] for each in told["samples"]] == list(names)
        ), options
        wanted = json.loads(json.dumps(tasks.sample(of_label, **plain)))
        assert told.keys() <= wanted.keys()
        for key in ("asked", "drawn", "exact", "avoided"):
            assert told.get(key) == wanted.get(key), (options, key)
        assert told["seed"] == str(wanted["seed"])
        losses = [[each["nats_per_symbol"] for each in found["samples"]] for found in (told, wanted)]
        assert losses[0] == pytest.approx(losses[1], abs=TOLERANCE)
        looked_at_all = told["drawn"] >= TRIED or not wanted.get("exact", True)
        for key in ("probability", "effective"):
            if wanted.get(key) is not None and looked_at_all:
                assert told[key] == pytest.approx(wanted[key], rel=1e-4), options
        manner = wanted.get("probability") is not None and not looked_at_all  # a page stops when it has enough
        parts = [[dict(part) for part in remark] for remark in told["remark_parts"][manner:]]
        for part in (part for remark in parts for part in remark):
            part.pop("share", None)  # for pages, which say the probability in their own way
            if part.get("value", 0) is None:
                del part["value"]  # HTTP leaves out what is null
        assert parts == wanted["remark_parts"][manner:], options


def check_log_probabilities(model: Model, texts: list[str], label: Any = None) -> None:
    distribution = model.distribution if label is None else model.with_label(label).distribution
    answers = ask_engine(model, *(("logProbabilities", {"text": text, "label": label}) for text in texts))
    for text, answer in zip(texts, answers, strict=True):
        ids = model.vocabulary.encode(model.as_read(text))
        found, wanted = np.array(answer["result"]), predict(distribution, [ids])[0]
        np.testing.assert_allclose(np.exp(found), np.exp(wanted), atol=TOLERANCE)
        likely = wanted > -100
        np.testing.assert_allclose(found[likely], wanted[likely], atol=TOLERANCE)


@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_model(name: str) -> None:
    model = model_of(MODELS[name]())
    check_log_probabilities(model, [text for text in TEXTS + SCRIPTS if set(text) <= set(model.vocabulary.characters)])
    asked = [
        {"n": 15, "seed": seed, **({"prefix": "𝒜", "suffix": "a"} if name == "scripts" and seed == 2 else options)}
        for seed, options in enumerate(CONSTRAINTS)
    ]
    check_names(model, asked)


def test_a_product_of_models_with_other_letters() -> None:
    """Each knows capitals, small letters, digits or marks that the other does not; one knows none of a category."""
    parts = small_ngram(3, ["Élan", "Örn", "Ax-9", "Ex٣"]), small_ngram(3, ["Anna", "Bob", "ža7"])
    model = model_of(Product(parts, [0.6, 0.4]))
    check_log_probabilities(model, ["Élan", "Born", "Ax-97٣", "ža-E9", "É-É"])
    check_names(model, [{"n": 12, "seed": 1}, {"n": 12, "seed": 2, "prefix": "B", "suffix": "n"}])


CUT = Segmentation(inventory=frozenset({"ab", "bc"}))
FLAGS = clusters_of(["🇩🇪"])
TOKENS: dict[str, tuple[Callable[[], CharModel], str, str]] = {
    "tokens": (of_tokens, "t͡ʃ a aː", "aː"),
    "tokens written together": (lambda: of_tokens(1, Segmentation(separator=" ", join="")), "a  t͡ʃ", "a t͡ʃ"),
    "an inventory": (lambda: of_tokens(2, CUT, {"a": "a", "b": "ab", "c": "b"}), "abba", "b"),
    "clusters": (
        lambda: of_tokens(3, clusters_of(["👩🏿", "ẹ\u0301"]), {"a": "a", "b": "ẹ\u0301", "c": "👩🏿"}),
        "👩🏿a",
        "a",
    ),
    "a blend": (
        lambda: Product([of_tokens(3, FLAGS, {"a": "a", "b": "b", "c": "🇩🇪"}), small_ngram(3)], [0.5, 0.5]),
        "a🇩🇪",
        "a",
    ),
}
"""Each with a name, and how one may end."""


@pytest.mark.parametrize("kind", TOKENS)
def test_symbols_of_several_characters(kind: str) -> None:
    made, name, suffix = TOKENS[kind]
    model = model_of(made())
    check_log_probabilities(model, [name])
    asked: list[Options] = [{"seed": 1}, {"seed": 2, "suffix": suffix, "min_length": 2}, {"seed": 3, "max_length": 3}]
    check_names(model, [{"n": 12, **options} for options in asked])
    text = Model(model.distribution, "text", model.known, {"longest": 9, "documents": 2})
    check_texts(text, [{"prompt": name, "seed": seed, "length": 20, "until": suffix} for seed in range(3)])


def test_what_is_asked_of_a_lower_cased_model_is_lower_cased() -> None:
    model = model_of(small_ngram(3, ["ısparta", "izmir", "iğdır"]))
    for record, name in (({"lowercased": True, "language": "tr"}, "İzmIr"), ({"lowercased": True}, "IZMIR")):
        lowered = replace(model, training=model.training | record)
        check_names(lowered, [{"n": 3, "seed": 1, "prefix": "I"}])
        check_log_probabilities(lowered, [name])


@pytest.mark.parametrize("prior", [False, True])
def test_labels_are_chosen_and_blended(prior: bool) -> None:
    model = model_of(small_labelled(prior=prior))
    for label in ("boy", "girl", {"boy": 0.6, "girl": 1.4}):
        check_log_probabilities(model, ["manuela"], label)
        check_names(model, [{"n": 5, "seed": 4, "label": label, **options} for options in CONSTRAINTS[1:3]])


def test_16_bits_are_read_as_in_python() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    bits = np.flatnonzero(np.isfinite(every)).tolist()
    file = FOLDER.joinpath("engine/file.js").read_text(encoding="utf-8")
    found = np.array(json.loads(in_node(f"{file}; process.stdout.write(JSON.stringify({bits}.map(fromHalf)))")))
    np.testing.assert_array_equal(found, every[bits].astype(np.float64))


BUNDLED: list[Options] = [
    {"n": 100, "seed": 1},
    {"n": 100, "seed": 2**64 - 1},
    {"n": 100, "seed": 7, "temperature": 1.3},
    {"n": 100, "seed": 7, "temperature": 0.5},
    {"n": 5, "seed": 1, "temperature": 0},
    {"n": 100, "seed": 3, "prefix": "Tyr"},
    {"n": 50, "seed": 3, "max_length": 6},
    {"n": 20, "seed": 11, "min_length": 16},  # which little more than a tenth of its names have
    {"n": 10, "seed": 11, "suffix": "n"},  # and this little less
    {"n": 10, "seed": 11, "min_length": 25},  # where some proposals weigh more than the ceiling
    {"n": 100, "seed": 4, "suffix": "saurus", "min_length": 10},
    {"n": 40, "seed": 6, "prefix": "A", "suffix": "don", "min_length": 7, "max_length": 11},
    {"n": 10, "seed": 9, "prefix": "Quet", "suffix": "xix", "temperature": 1.2},
]


@pytest.mark.slow
def test_the_bundled_names() -> None:
    check_names(mangosaurus.load(), BUNDLED)
    check_log_probabilities(mangosaurus.load(), ["Tyrannosaurus"])


def test_without_webassembly() -> None:
    check_names(mangosaurus.load(), [{"n": 30, "seed": 1}], before="delete globalThis.WebAssembly;")


@pytest.mark.slow
def test_a_model_whose_names_never_end_is_given_up() -> None:
    check_names(Model(endless_ngram(), "names", DocumentHashes.of([]), {"longest": 500}), [{"n": 1, "seed": 3}])


def check_texts(model: Model, asked: list[Options]) -> str:
    """The same texts; returns why the last one ended."""
    answers = ask_engine(model, *(("write", options) for options in asked))
    for options, answer in zip(asked, answers, strict=True):
        assert "".join(answer["found"]) == "".join(model.stream(**options))
    return str(answers[-1]["result"]["reason"])


def test_texts_go_on_as_in_python() -> None:
    sonnets = mangosaurus.load("sonnets")
    texts: list[Options] = [
        {"prompt": "Shall I compare thee to ", "length": 300, "seed": 5},
        {"prompt": "", "length": 100, "seed": 6, "temperature": 0.5},
        {"prompt": "And", "length": 30, "seed": 8, "temperature": 0},
        {"prompt": "O “thou”,\r\nmy lovely", "length": 200, "seed": 7, "fold": True, "until": "\n"},
    ]
    assert check_texts(sonnets, texts) == "until"
    check_log_probabilities(sonnets, ["Thou art"])
    check_texts(model_of(small_worded(2), "text"), [{"prompt": "Anna an", "seed": seed} for seed in range(5)])
    books = model_of(small_mixture(), "text")  # several texts, which end
    assert check_texts(books, [{"prompt": "an", "seed": seed, "length": 60} for seed in range(5)]) == "ended"
    check_texts(model_of(small_ngram(1, COMPOSING), "text"), [{"prompt": "e", "seed": seed} for seed in range(20)])


REFUSED: list[tuple[str, Options, str]] = [
    ("sample", {"sufix": "x"}, "there is no option 'sufix'; the options are n, min_length,"),
    ("sample", {"label": "cat"}, "no label “cat”"),
    ("sample", {"prefix": "¿"}, "never seen the character '¿'"),
    ("sample", {"n": 0}, "n is 0; it must be from 1 to 10,000"),
    ("sample", {"n": "7"}, "n is to be a whole number"),
    ("sample", {"contains": [7]}, "contains is to be a text or a list of texts"),
    ("sample", {"diverse": "yes"}, "diverse is to be true or false"),
    ("sample", {"clean": True}, "clean needs lists of rude words, which a page does not have"),
    ("sample", {"method": "gumbel"}, "method is 'gumbel'; a page draws names by the method independent alone"),
    ("sample", {"not_like": 2}, "not_like needs the training list, and this page has only hashes of it"),
    ("sample", {"seed": -1}, "seed is '-1'; it must be from 0 to 18,446,744,073,709,551,615"),
    ("sample", {"seed": 2**64}, "it must be from 0 to 18,446,744,073,709,551,615"),
    ("write", {"promt": "a"}, "there is no option “promt”; the options are prompt,"),
    ("write", {"prompt": "ß"}, "never seen the character 'ß'"),
    ("logProbabilities", {"text": "a", "lable": "x"}, "there is no option “lable”; the options are label"),
]


def test_what_cannot_be_is_refused_in_a_sentence() -> None:
    calls = [(call, options if call == "logProbabilities" else {"seed": 1, **options}) for call, options, _ in REFUSED]
    answers = ask_engine(model_of(small_labelled()), *calls)
    for (*_, message), answer in zip(REFUSED, answers, strict=True):
        assert message in answer["refusal"]
