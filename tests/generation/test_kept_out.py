"""What is kept out and shown: names to avoid, rude words, one case for all; told, counted, or refused in one line."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from commands import one_line, run

import mangosaurus
from mangosaurus import Model, OptionError
from mangosaurus.core.casing import capitals, shape_of, small, titled
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import MissingExtraError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.generation.constraints import rude
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Case
from mangosaurus.training.ngram_counts import build_ngram

EASY: dict[str, Any] = {"allow_known": True, "allow_duplicates": True}


def model_of(*names: str, order: int = 3, **training: Any) -> Model:
    vocabulary = Vocabulary.of(names)
    ngram = build_ngram([vocabulary.encode(name) for name in names], vocabulary, order)
    return Model(ngram, "names", DocumentHashes.of(names), {"longest": 9, **training})


def test_names_in_any_case_are_kept_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("tyr\nsau\n", encoding="utf-8")
    done = run("sample", "--avoid", tmp_path / "bad.txt", "--avoid-parts", "-n", "100", "--seed", "2")
    found = done.stdout.lower().split()
    assert len(found) == 100
    assert not any("tyr" in name or "sau" in name for name in found)
    drawn = mangosaurus.sample(100, avoid=["tyr", "sau"], avoid_parts=True, seed=2)
    assert [name.lower() for name in drawn] == found
    assert f"--avoid kept out {drawn.avoided:,} of {drawn.drawn:,} names drawn\n" in done.stderr
    # Those that the same draws have without the list.
    freely = mangosaurus.load().sample(drawn.drawn, seed=2, **EASY)
    lost = [name for name in freely if "tyr" in name.lower() or "sau" in name.lower()]
    assert drawn.avoided is not None
    assert 20 < drawn.avoided <= len(lost) <= drawn.avoided + freely.too_long + freely.empty
    best = mangosaurus.load().best(3, 100, avoid=["tyr", "sau"], avoid_parts=True, seed=2)
    assert (
        best.remarks() == drawn.remarks()[-1:] == [f"avoid kept out {drawn.avoided:,} of {drawn.drawn:,} names drawn"]
    )


def test_exact_names_alone_are_kept_out() -> None:
    plain = mangosaurus.sample(50, seed=1)
    for exact in (False, True):
        kept = mangosaurus.sample(50, seed=1, avoid=[plain[0].upper(), plain[1]], exact=exact)
        assert (plain[0] in kept) == exact
        assert plain[1] not in kept
        assert kept.avoided == 2 - exact
        assert kept.as_dict([0.0] * 50)["avoided"] == kept.avoided
    assert plain.avoided is None
    assert "avoided" not in plain.as_dict([0.0] * 50)


def test_where_names_are_never_proposed_none_are_counted() -> None:
    rare = mangosaurus.sample(3, seed=1, suffix="us", contains="zz", avoid=["x"])
    assert rare.avoided is None
    assert "avoid: such names are left out before they are complete, so there is no count of them" in rare.remarks()
    assert mangosaurus.sample(2, seed=1, method="gumbel", avoid=["x"]).avoided is None


def test_a_beginning_in_an_unusual_case_is_told() -> None:
    remark = "names begin with 'Tyr' "
    for method in ("independent", "gumbel"):
        drawn = mangosaurus.sample(2, seed=1, prefix=["tyr", "tyR"], method=method)
        assert all(name.lower().startswith("tyr") for name in drawn)
        assert any(each.startswith(remark) and "ignore_case takes both" in each for each in drawn.remarks())
    for options in ({"prefix": "Tyr"}, {"prefix": ["tyr", "Tyr"]}, {"prefix": "tyr", "ignore_case": True}):
        assert not any(remark in each for each in mangosaurus.sample(2, seed=1, **options).remarks())


def test_a_comma_on_the_command_line_parts_texts() -> None:
    done = run("sample", "-n", "40", "--seed", "1", "--prefix", "A, L,G", "--suffix", "us", "--suffix", "don")
    names = done.stdout.split()
    assert len(names) == 40
    assert {name[0] for name in names} == set("ALG")
    assert {name[-2:] for name in names} == {"us", "on"}
    one_line(run("sample", "--prefix", r"A\,L"), "number 2 of 'A,L'", "several are a list of texts")
    with pytest.raises(OptionError, match=r"never seen the character ','.*several are a list of texts"):
        mangosaurus.sample(1, suffix="a,b")
    one_line(run("sample", "sonnets", "--prefix", "When, in"), "--prefix has 2 beginnings", r"\,")
    assert run("sample", "sonnets", "-n", "1", "--max-length", "30", "--prefix", r"When\, in").stdout.startswith(
        "When, in"
    )


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--not-pattern", ".*"], ["no name can meet --not-pattern '.*': it matches every name"]),
        (["--not-pattern", ".+"], ["--not-pattern '.+' allows only the empty name"]),
        (["--not-pattern", "[A-Z].*", "--prefix", "T"], ["--not-pattern '[A-Z].*'", "--prefix 'T'"]),
        (["--not-pattern", "(a"], ["--not-pattern '(a' is not a regular expression"]),
        (["--max-repeat", "2", "--contains", "ooO"], ["--max-repeat 2 cannot be met together with --contains 'ooO'"]),
        (["--max-repeat", "0"], ["--max-repeat is 0; it must be 1 or more"]),
        (["--prefix", "A,Ж"], ["'Ж'"]),
        (["--prefix", "A,B", "--without", "AB"], ["--prefix 'A' or 'B' cannot be met together with --without 'AB'"]),
        (["--ignore-case"], ["--ignore-case has no effect here: it goes with --prefix"]),
        (["--exact"], ["--exact needs --avoid"]),
        (["--case", "small"], ["--case", "'small'"]),
    ],
)
def test_what_cannot_be_met_is_refused_before_anything_is_drawn(words: list[str], parts: list[str]) -> None:
    done = run("sample", *words)
    assert done.stdout == ""
    assert all(part in done.stderr for part in parts), done.stderr


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"suffix": " "}, "suffix ' '"),
        ({"suffix": ["a ", "b "]}, "suffix 'a ' or 'b '"),
        ({"prefix": [" a", "b"]}, "prefix ' a'"),
        ({"pattern": " .*"}, "pattern ' .*'"),
        ({"pattern": ".* ?", "suffix": "a", "not_pattern": ".*[^ ]"}, "suffix 'a'"),
    ],
)
def test_no_name_begins_or_ends_with_a_space(asked: dict[str, Any], said: str) -> None:
    written = model_of("anna b", "bo anna", "b a n")
    for draw in (written.sample, written.top):
        with pytest.raises(OptionError) as error:
            draw(3, **asked)
        assert said in str(error.value)
    assert len(written.sample(3, seed=1, contains=" ", **EASY)) == 3


CASES: list[tuple[str, str, str, str]] = [
    ("anNA o'brien-mac qo'noS", "Anna O'Brien-Mac Qo'nos", "ANNA O'BRIEN-MAC QO'NOS", "anna o'brien-mac qo'nos"),
    ("straße", "Straße", "STRAẞE", "straße"),
    ("ΟΔΥΣΣΕΥΣ", "Οδυσσευς", "ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
    ("ǆep ŉa", "ǅep ŉa", "Ǆ" + "EP ŉA", "ǆep ŉa"),
    ("'abd 7up", "'Abd 7up", "'ABD 7UP", "'abd 7up"),
    ("", "", "", ""),
]


@pytest.mark.parametrize(("name", "title", "upper", "lower"), CASES)
def test_a_name_in_one_case_keeps_its_length(name: str, title: str, upper: str, lower: str) -> None:
    assert (titled(name), capitals(name), small(name)) == (title, upper, lower)


def test_turkish_keeps_its_dots() -> None:
    assert (titled("İZMİR ılgın", "tr"), capitals("izmir ılgın", "tr"), small("IİZ", "tr")) == (
        "İzmir Ilgın",
        "İZMİR ILGIN",
        "ıiz",
    )
    written = model_of("izmir", "ılgın", "iğdır", lowercased=True, language="tr")
    assert all(name[0] == "İ" for name in written.sample(5, seed=1, prefix="İ", ignore_case=True, case="upper", **EASY))
    assert all(name[0] == "I" for name in written.sample(5, seed=1, prefix="I", case="title", **EASY))


@pytest.mark.parametrize("case", ["title", "upper", "lower"])
def test_what_is_shown_is_new_and_distinct(case: Case) -> None:
    names = ("anna", "Anna", "ANNA", "nan", "Nan", "NANA", "ana", "Ann")
    written = model_of(*names, order=2)
    found = written.sample(
        30, seed=1, case=case, max_length=6, min_length=2, suffix=["na", "N"], not_like=1, training=names
    )
    assert len(set(found)) == len(found) > 5
    assert not {name.lower() for name in found} & {name.lower() for name in names}
    assert all(name == {"title": titled, "upper": capitals, "lower": small}[case](name) for name in found)
    assert all(name.lower().endswith(("na", "n")) for name in found)
    assert written.losses(found.documents)
    distinct = written.sample(30, seed=1, case=case, max_length=4, method="gumbel")
    assert len(set(distinct)) == len(distinct) > 5
    assert not {name.lower() for name in distinct} & {name.lower() for name in names}


def test_the_case_of_the_list() -> None:
    assert [shape_of(names) for names in (["ANNA"], ["Anna Lee", "Bo"], ["anna", "7"], ["Anna", "bo"], ["7"])] == [
        *("upper", "title", "lower", None, None)
    ]
    assert all(name == titled(name) for name in mangosaurus.sample(20, seed=1, case="list"))
    with pytest.raises(OptionError, match="case list: the names have no one case"):
        model_of("anna", "BOB", "Carl").sample(3, case="list")
    with pytest.raises(OptionError, match="case list: the list had no one case when it was lower-cased"):
        model_of("anna", "bob", lowercased=True).sample(3, case="list")
    shouted = mangosaurus.fit(["ANNA", "BOB", "CARLA LEE"], lowercase=True, budget=0)
    assert all(name == name.upper() for name in shouted.sample(3, seed=1, case="list"))
    with pytest.raises(OptionError, match="case is for names, and this model writes texts"):
        mangosaurus.load("sonnets").sample(1, case="upper")


def test_rude_words_are_kept_out_and_harmless_names_are_not() -> None:
    words = "ass", "cunt", "fuck", "bitch"
    assert {" ass ", " cunt", " fuck", "bitch"} <= set(rude.rude_words())
    names = ("Cassandra", "Scunthorpe", "Sussex", "Hancock", "Peacock", "Bass Clef", "Janita", "Lamina", "Granita")
    vocabulary = Vocabulary.of([*names, *words, *(word.upper() for word in words), "Aü-"])
    clean = compile_constraints(Constraints(clean=True), vocabulary)
    assert all(clean.accepts(vocabulary.encode(name)) for name in names)
    bad = ("Ass", "Bass Ass", "Fück", "Fuckandra", "CUNT", "Abitch", "Bass Cunt", "Suss-Fuck")
    assert not any(clean.accepts(vocabulary.encode(name)) for name in bad)


def test_the_lists_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    rude.rude_words.cache_clear()
    rude.free_of_rude_words.cache_clear()
    monkeypatch.setattr(rude, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r'clean needs lists of rude words.*pip install "mangosaurus\[clean\]"'):
        mangosaurus.sample(1, clean=True)
    assert importlib.util.find_spec("glin_profanity") is not None
