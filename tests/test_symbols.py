"""Phonemes between spaces, inventories, grapheme clusters and lower case, from the list to what is printed."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import run
from examples import small_ngram

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.errors import CorpusError, OptionError

WORDS = """
k a t͡ʃ aː|t͡ʃ i m a|p aː k i|m i t͡ʃ|k i p aː t|t͡ʃ aː p i|a m i k|t a k aː|m aː t͡ʃ i k|p i t a|k aː m|t͡ʃ a k aː t
""".strip().split("|")
TOKENS = [word.split() for word in WORDS]
_HINDI = """
नदिया किताब कमल मोहिनी दीपिका रविंद्र सुनीता गीता मीनू किरण नीलिमा पूनम सोनू रीता कविता मनीषा दिनेश सुरेश रमेश गोपी
"""
HINDI = _HINDI.split()
EMOJI = ["❤️🐱", "👩‍🚀🇩🇪", "🐱👍🏿", "❤️👩‍🚀🐱", "🇩🇪🇫🇷", "👍🏿❤️", "🐱🐱🇫🇷", "👩‍🚀👍🏿❤️", "🇫🇷", "❤️❤️"]
TONES = ["Bọ́là", "Ẹ̀bùn", "Ọ̀ṣun", "Adé", "Olú", "Tọ́pẹ́", "Ṣẹ́gun", "Fẹ́mi", "Bísí", "Délé", "Kọ́lá", "Ọlá"]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the words, as the command line makes it."""
    folder = tmp_path_factory.mktemp("spoken")
    (folder / "words.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    options = ("--separator", " ", "--budget", "0s", "--out", folder / "words.safetensors")
    done = run("train", folder / "words.txt", *options)
    assert done.returncode == 0
    assert "words.txt: 12 words, 49 phonemes, 8 distinct" in done.stderr
    return folder / "words.safetensors"


def test_lengths_are_of_phonemes(spoken: Path) -> None:
    names = run("sample", spoken, "-n", "5", "--length", "4", "--seed", "1").stdout.splitlines()
    assert [len(name.split(" ")) for name in names] == [4] * 5
    assert {phoneme for name in names for phoneme in name.split(" ")} <= {each for word in TOKENS for each in word}


def test_losses_are_of_phonemes(spoken: Path) -> None:
    done = run("evaluate", spoken, "-", input="t͡ʃ  aː k\nx a\n")
    assert "bits per phoneme" in done.stdout
    assert "bits per phoneme" in repr(Model.load(spoken).evaluate(WORDS))
    assert "6 symbols, END included, in 2 documents" in done.stdout
    assert "1 phoneme is not in the model's vocabulary and does not count in the losses: 'x'" in done.stderr
    assert run("score", spoken, "-", input="t͡ʃ x\n").stdout.split("\t")[2].startswith("unknown: 'x', number 2")
    page = Model.load(spoken).surprisal(["t͡ʃ aː"]).html()
    assert page.count('nats">t͡ʃ</span> <span') == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--prefix", "k x"), "error: the model has never seen the phoneme 'x' (U+0078"),
        (("--suffix", "tʃ"), "never seen the phoneme 'tʃ', number 1 of 'tʃ'; the nearest that it knows is 't͡ʃ'"),
        (("--pattern", "k[x]"), "error: no name can meet --pattern 'k[x]': the model has never seen"),
    ],
)
def test_unknown_tokens_are_named_in_one_line(spoken: Path, options: tuple[str, str], message: str) -> None:
    done = run("sample", spoken, *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_lists_of_lists_are_tokens() -> None:
    model = mangosaurus.fit(TOKENS, budget=0)
    of_lines = mangosaurus.fit(WORDS, budget=0, separator=" ")
    assert model.vocabulary == of_lines.vocabulary
    assert model.sample(5, seed=2) == of_lines.sample(5, seed=2)
    assert model.training["corpus"] == "a list: 12 words, 49 phonemes, 8 distinct"
    assert model.evaluate(TOKENS).nats_per_symbol == model.evaluate(WORDS).nats_per_symbol
    assert WORDS[0] in model.known
    near = model.sample(2, seed=2, not_like=2, training=TOKENS)
    assert len(near) == 2
    for wrong, message in (
        ([["a b"]], "item number 1 of the corpus has the token 'a b'"),
        ([["a"], []], "has no token"),
    ):
        with pytest.raises(CorpusError, match=message):
            mangosaurus.fit(wrong, budget=0)


def test_names_are_joined_as_asked() -> None:
    model = mangosaurus.fit(TOKENS, budget=0, join="")
    names, plain = model.sample(4, seed=2), mangosaurus.fit(TOKENS, budget=0).sample(4, seed=2)
    assert list(names) == [name.replace(" ", "") for name in names.documents]
    assert names.documents == plain.documents
    assert names[:2] == tuple(names)[:2]
    losses = model.losses(names.documents)
    assert [each["text"] for each in names.as_dict(losses)["samples"]] == list(names)
    assert " " not in "".join(model.top(3)) + model.best(1, 10, seed=1, training=TOKENS)[0].text
    assert " " not in Model.from_bytes(model.to_bytes()).sample(1, seed=1)[0]


@pytest.mark.parametrize("join", ["", "-"])
def test_a_model_reads_what_it_writes(tmp_path: Path, join: str) -> None:
    model = mangosaurus.fit(TOKENS, budget=0, join=join)
    written = model.sample(5, seed=2)
    assert model.losses(list(written)) == model.losses(written.documents)
    assert model.losses([list(TOKENS[0]), join.join(TOKENS[0]), " ".join(TOKENS[0])]) == model.losses([WORDS[0]] * 3)
    scored = model.surprisal([join.join(word) for word in TOKENS])
    assert all(entry.known and not entry.unknown for entry in scored)
    assert [entry["text"] for entry in scored.as_dict()["entries"]] == [join.join(word) for word in TOKENS]
    assert model.evaluate([join.join(word) for word in TOKENS]).known == len(WORDS)
    begun = model.sample(3, seed=1, prefix=join.join(["t͡ʃ", "i"]), allow_known=True, without=join.join(["m", "k"]))
    assert all(name.startswith("t͡ʃ i") and "k" not in name for name in begun.documents)
    assert model.surprisal(join.join(["x", "a"]))[0].unknown == (0,)


def test_a_join_that_symbols_have_parts_known_ones_alone() -> None:
    model = mangosaurus.fit([["a-b", "c"], ["c", "a-b", "d"], ["d", "c"]], budget=0, join="-")
    assert model.vocabulary.as_separated("a-b-c") == "a-b-c"
    assert model.vocabulary.as_separated("c-d") == "c d"


def test_an_inventory_takes_the_longest_and_the_marks_of_others() -> None:
    names = [word.replace(" ", "") for word in WORDS] + ["ẹ́ka", "katʃẹ́"]
    model = mangosaurus.fit(names, budget=0, inventory=["t͡ʃ", "aː", "unused"])
    assert {"t͡ʃ", "aː", "ẹ́"} < set(model.vocabulary.characters)
    for name in model.sample(50, seed=1, allow_known=True):
        assert model.vocabulary.decode(model.vocabulary.encode(name)) == name
        assert unicodedata.category(name[0])[0] != "M"


@pytest.mark.parametrize("names", [HINDI, EMOJI, TONES], ids=["Hindi", "emoji", "tones"])
def test_names_are_of_what_a_reader_takes_for_a_character(names: list[str]) -> None:
    model = mangosaurus.fit(names, budget=0)
    assert "a letter with its marks, and an emoji of several parts, count as one character" in model.training["corpus"]
    found = model.sample(100, seed=3, allow_known=True)
    assert all(unicodedata.category(name[0])[0] != "M" and name[0] != "\u200d" for name in found)
    assert not any(name.endswith("\u200d") for name in found)
    assert all(unicodedata.is_normalized("NFC", name) for name in found)
    assert len({unicodedata.normalize("NFC", name) for name in found}) == len(found)
    whole = set(model.vocabulary.characters)
    assert all(set(model.vocabulary.split(name)) <= whole for name in found)
    three = model.sample(3, seed=1, length=3)
    assert [len(model.vocabulary.split(name)) for name in three] == [3, 3, 3]


def test_clusters_are_left_apart_where_asked_and_in_texts() -> None:
    assert mangosaurus.fit(TONES, budget=0, inventory=[]).vocabulary.segmentation.plain
    assert mangosaurus.fit([" ".join(TONES) * 3], budget=0, format="text").vocabulary.segmentation.plain
    assert mangosaurus.fit(["Zoë", "Ñandú", "Ελένη", "さくら"], budget=0).vocabulary.segmentation.plain


def test_blends_are_of_models_with_the_same_symbols() -> None:
    words, emoji, plain = (mangosaurus.fit(names, budget=0) for names in (TOKENS, EMOJI, ["anna", "lena", "marta"]))
    both = mangosaurus.blend([emoji, plain])
    assert set(both.vocabulary.characters) == {*emoji.vocabulary.characters, *plain.vocabulary.characters}
    assert len(Model.from_bytes(both.to_bytes()).sample(5, seed=1)) == 5
    with pytest.raises(OptionError, match="the models differ in what a symbol is; blend models trained with the same"):
        mangosaurus.blend([words, plain])


def test_a_text_of_tokens_goes_on() -> None:
    verses = ["the cat sat on the mat\nthe dog sat on the cat", "a dog ran to the cat"]
    model = mangosaurus.fit(verses, budget=0, separator=" ", format="text")
    assert {"cat", "\n", "the"} < set(model.vocabulary.characters)
    written = model.write("the cat", length=12, seed=1)
    assert written.startswith(("the cat ", "the cat\n"))
    assert model.write("the cat ", length=12, seed=1).split() == written.split()
    assert model.vocabulary.split(written) == model.vocabulary.split(model.vocabulary.segmentation.canonical(written))
    assert model.write("the", length=50, seed=3, until="the cat").endswith(" cat")


TOWNS = ["İzmir", "Isparta", "Iğdır", "İstanbul", "Kırıkkale", "Sinop", "Iğdır"]


def test_a_lower_cased_model_lower_cases_what_is_asked() -> None:
    trained = Model.from_bytes(mangosaurus.fit(TOWNS, budget=0, lowercase=True, language="tr").to_bytes())
    assert "lower-cased by the rules of tr" in trained.training["corpus"]
    assert not {"I", "İ", "\u0307"} & set(trained.vocabulary.characters)
    towns = [town.replace("I", "ı").replace("İ", "i").lower() for town in TOWNS]
    model = replace(trained, distribution=small_ngram(3, towns))  # which draws faster
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"prefix": "İz"}, {"prefix": "iz"}),
        ({"suffix": "IR"}, {"suffix": "ır"}),
        ({"contains": ["IĞ"]}, {"contains": ["ığ"]}),
        ({"pattern": r"I.+\S"}, {"pattern": r"ı.+\S"}),
        ({"without": "AI"}, {"without": "aı"}),
        ({"avoid": ["SİNOP"]}, {"avoid": ["sinop"]}),
    ]
    for capital, small in pairs:
        drawn = [model.sample(3, seed=1, allow_known=True, allow_duplicates=True, **each) for each in (capital, small)]
        assert drawn[0] == drawn[1], capital
    assert model.score("IĞDIR")[0].tolist() == model.score("ığdır")[0].tolist()
    assert model.surprisal(["ISPARTA"])[0].known
    assert model.evaluate(["İSTANBUL"]).unknown_characters == 0


def test_languages_go_with_lower_case() -> None:
    with pytest.raises(OptionError, match="language is 'tr', and nothing is lower-cased: it goes with lowercase"):
        mangosaurus.fit(TOWNS, budget=0, language="tr")
    with pytest.raises(OptionError, match="language is 'de'; it must be one of tr, az, lt"):
        mangosaurus.fit(TOWNS, budget=0, lowercase=True, language="de")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="language is 'xx'; it must be"):
        mangosaurus.read_corpus(lowercase="xx")  # type: ignore[arg-type]


def test_separators_that_cannot_be() -> None:
    with pytest.raises(OptionError, match="separator is empty: leave it out"):
        mangosaurus.fit(WORDS, budget=0, separator="")
    with pytest.raises(OptionError, match="separator and inventory both say what a symbol is"):
        mangosaurus.fit(WORDS, budget=0, separator=" ", inventory="t͡ʃ")
    wrong: list[dict[str, Any]] = [{"separator": ","}, {"inventory": ["d͡ʒ"]}, {"inventory": "none.txt,"}]
    for options in wrong:
        with pytest.raises(OptionError, match=r"is .*, and nothing of it stands in the corpus"):
            mangosaurus.fit(WORDS, budget=0, **options)
    with pytest.raises(CorpusError, match="document number 2 has no token; separator is '-'"):
        mangosaurus.fit(["a-b", "-"], budget=0, separator="-")
