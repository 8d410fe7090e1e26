"""`like` and `sample --like`: a model of a handful of names, whatever they are, or one line that says why not."""

from __future__ import annotations

import json
import random
import re
import string
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import one_line, run
from examples import NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

import mangosaurus
from mangosaurus import CorpusError, Model, OptionError
from mangosaurus.data.decoding import clean

ELVES = ["Galadriel", "Elrond", "Legolas"]
TYPED = "Galadriel, Elrond, Legolas"


def same(one: Model, two: Model) -> bool:
    """Whether two models of names know the same ones, and say the same of a name, bit for bit."""
    names = ["Galadriel", "Elrond"]
    first, second = (np.concatenate(model.score(names)) for model in (one, two))
    return set(one.known.hashes) == set(two.known.hashes) and np.array_equal(first, second)


INVENTED = {
    "wizards": """
        Zimbaldo Merquin Albrathor Fizzlewick Orsivane Belgrund Tumbledon Cravenhorn Quillon Mordavian Ezrakhel Sylvaro
        Grimbold Haldrian Corvimer
    """,
    "robots": """
        Zarkon Vextor Plexil Quorbit Traxal Nexar Bolvex Zentrix Krylon Voltar Axion Drexil Pyrox Synthor Korvax Mexar
        Taxol Orbix Zylar Vortan
    """,
    "islands": """
        Maloua Tavahi Orofena Lakema Nuavea Palomai Hiwatu Kalevu Mataroa Tuvaro Ahunea Rapako Vaitere Manuhea Faleoa
        Anuroa Takaroo Moruvai Hanapoe Ulawani Nokerua Pilamu Savoheke Rimatea Ofukai
    """,
    "towns": """
        Harrowmere Thornwick Eldbury Fenholt Ashmoor Wexbourne Grimsford Oakhallow Brackmere Stowmarsh Kelderby
        Marlthorpe Whitmoor Dunsley Crowhollow Pinebridge Ravensby Hollowdale Larkfield Mossgate Saltwick Tarnbeck
        Fernhill Wintermere Yarrowby Bexcombe Coldbrook Dewford Elmgarth Foxley Greywater Hartsby Ivydale Kestwick
        Lindmere Nettleby Otterbeck Penholt Quarley Rushmoor
    """,
}


@pytest.mark.parametrize("kind", INVENTED)
def test_samples_keep_the_shape_that_all_names_share(kind: str) -> None:
    """A capital, then small letters alone, in at least 95 of 100."""
    shape = re.compile("[A-Z][a-z]+")
    names = INVENTED[kind].split()
    assert 15 <= len(names) <= 40
    assert all(map(shape.fullmatch, names))
    drawn = mangosaurus.like(names).sample(100, seed=1)
    assert len(drawn) == 100
    others = [name for name in drawn if not shape.fullmatch(name)]
    assert len(others) <= 5, others


@pytest.mark.parametrize("seed", range(3))
def test_a_permuted_alphabet_is_the_lists_own(seed: int) -> None:
    """Names in which letters have changed places: those written have no others, and held-out ones are not far off."""
    islands = [name.lower() for name in INVENTED["islands"].split()]
    letters = sorted(set("".join(islands)))
    permuted = str.maketrans(dict(zip(letters, np.random.default_rng(seed).permutation(letters), strict=True)))
    names = [name.translate(permuted) for name in islands]
    model, alphabet = mangosaurus.like(names[::2]), set("".join(names[::2]))
    assert set(model.vocabulary.characters) == alphabet < set(string.ascii_lowercase)
    drawn = model.sample(100, seed=1, temperature=1.5)
    assert len(drawn) == 100
    assert set("".join(drawn)) <= alphabet
    held_out = [name for name in names[1::2] if set(name) <= alphabet]
    assert len(held_out) > 10
    loss = -np.concatenate(model.score(held_out)).mean()
    assert 0 < loss < np.log(len(model.vocabulary))


def test_it_is_fit_without_a_budget() -> None:
    model = mangosaurus.like(ELVES)
    assert same(model, mangosaurus.fit(ELVES, budget=0))
    assert (model.kind, model.training["longest"], len(model.known)) == ("names", 9, 3)
    drawn = model.sample(20, seed=1)
    assert len(set(drawn)) == 20
    assert not set(drawn) & set(ELVES)
    assert set(model.sample(2, seed=1, allow_known=True, pattern="Elrond|Legolas")) == {"Elrond", "Legolas"}


@pytest.mark.parametrize(
    "names",
    [
        TYPED,
        "Galadriel; Elrond;Legolas;",
        "\nGaladriel\r\nElrond\n\n Legolas \n",
        "Galadriel、Elrond，Legolas",
        "Galadriel؛ Elrond، Legolas",
        [" Galadriel", "Elrond\t", "", "Elrond", "Legolas"],
        ("Galadriel", "Elrond", "Legolas"),
        "['Galadriel', 'Elrond', 'Legolas']",
        np.array(ELVES),
    ],
    ids=str,
)
def test_names_are_separated_and_each_counts_once(names: Any) -> None:
    assert same(mangosaurus.like(names), mangosaurus.like(ELVES))


def test_names_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elves.txt").write_text("\n".join(ELVES * 2), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for names in ("elves.txt", Path("elves.txt"), mangosaurus.read_corpus("elves.txt"), "."):
        assert same(mangosaurus.like(names), mangosaurus.like(ELVES))
    (tmp_path / "two.txt").write_text("Galadriel, of Lorien\nElrond, of Rivendell", encoding="utf-8")
    assert "," in mangosaurus.like("two.txt").vocabulary.characters  # in a file, line breaks alone are between names
    (tmp_path / "labels.tsv").write_text("Galadriel\telf\nElrond\telf\nElrond\telf\nGimli\tdwarf\nBalin\tdwarf\n")
    labelled = mangosaurus.like("labels.tsv")
    assert labelled.labels == {"dwarf": 2, "elf": 2}
    assert set("".join(labelled.sample(20, label="dwarf", seed=1))) <= set("GaladrielElrondGimliBalin")


def test_characters_are_in_nfc() -> None:
    model = mangosaurus.like([unicodedata.normalize("NFD", "Zoë"), "Zoë"])
    assert (model.vocabulary.characters, len(model.known)) == (tuple("Zoë"), 1)


@pytest.mark.parametrize("names", ["", " ", ",,", "\n", ";，", [], [""], [" ", "\n"]])
def test_no_name_is_refused(names: Any) -> None:
    with pytest.raises(OptionError, match=r"^like has no name; give one or more, such as 'Galadriel, "):
        mangosaurus.like(names)
    if isinstance(names, str):
        one_line(run("sample", "--like", names), "--like has no name; give one or more")


@pytest.mark.parametrize("names", [None, 3, b"Anna", {"Anna"}, {"Anna": 1}, ["Anna", 3], [Path("Anna")]])
def test_what_is_no_list_of_names_is_refused(names: Any) -> None:
    with pytest.raises(OptionError, match="names"):
        mangosaurus.like(names)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path, model: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin.txt").write_bytes("Zoë".encode("latin-1"))
    for name, part in (
        ("empty.txt", "empty.txt is empty"),
        ("folder", "the folder folder has no .txt files"),
        ("latin.txt", "latin.txt is not UTF-8"),
        ("elfs.txt", "there is no file elfs.txt; if it is a name, write a comma after it"),
        ("lists/elves", "there is no file lists/elves; if it is a name"),
        (str(model), "is not UTF-8"),
    ):
        one_line(run("sample", "--like", name, cwd=tmp_path), part)
        with pytest.raises(CorpusError):
            mangosaurus.like(tmp_path / name)
    assert len(mangosaurus.like("AC/DC,").known) == 1


def test_sample_like() -> None:
    done = run("sample", "--like", TYPED, "-n", "5", "--seed", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == list(mangosaurus.like(ELVES).sample(5, seed=1))
    piped = run("sample", "--like", "-", "-n", "5", "--seed", "1", input="\n".join(ELVES))
    assert piped.stdout == done.stdout
    assert len(run("sample", "--like", TYPED).stdout.splitlines()) == 20


def test_sample_like_under_constraints() -> None:
    words = "--seed 1 --prefix E --suffix d --contains r --length 4..12 --without n --pattern E.*"
    done = run("sample", "--like", TYPED, "-n", "4", *words.split())
    assert done.returncode == 0
    found = done.stdout.splitlines()
    assert len(set(found)) == 4
    for name in found:
        assert name.startswith("E")
        assert name.endswith("d")
        assert "r" in name
        assert "n" not in name
        assert 4 <= len(name) <= 12
    gumbel = json.loads(run("sample", "--like", TYPED, "-n", "4", "--method", "gumbel", "--seed", "1", "--json").stdout)
    assert all(0 < each["inclusion"] <= 1 for each in gumbel["samples"])


def test_what_needs_the_training_list_has_it() -> None:
    near = run("sample", "--like", TYPED, "-n", "5", "--not-like", "4", "--seed", "1")
    assert near.returncode == 0
    asked = mangosaurus.like(ELVES).sample(5, not_like=4, training=ELVES, seed=1)
    assert near.stdout.splitlines() == list(asked)
    best = run("sample", "--like", TYPED, "--best", "3", "-n", "30", "--seed", "1")
    head, *rows = [re.split(" {2,}", line) for line in best.stdout.splitlines()]
    assert head[-1] == "nearest"
    assert len(rows) == 3
    assert {row[-1] for row in rows} <= set(ELVES)


def test_one_model_is_asked_for(model: Path) -> None:
    one_line(run("sample", "Elrond", "--like", "Galadriel"), "there is no model Elrond", '--like "Galadriel, Elrond"')
    one_line(run("sample", "--like", TYPED, "--training", "x", "--not-like", "2"), "--training FILE has no effect with")
    one_line(run("sample", "--like", "Anna", "--like", "Bo"), "--like is given 2 times")


BAD: dict[str, list[str]] = {
    "one name": ["Anna"],
    "one character": ["a"],
    "names of one character": list("abcdefgh"),
    "names of the same character": ["aa", "aaaa"],
    "a script that the prior has not met": ["ꔀꔁꔂ", "ꔂꔃ", "ꔄꔅꔆꔀ", "ꔁꔃꔀ"],
    "private use": ["\ue000\ue001", "\ue002\ue000\ue003", "\U000f0001\ue001"],
    "unassigned": ["\U000e1000\u0378", "\u0378\u0379\U000e1001"],
    "two scripts": ["Анна", "Anna", "Мария", "Maria", "Борис", "Boris"],
    "five hundred characters": ["Llanfairpwllgwyngyll" * 25, "Gaerwen" * 71],
    "one long and one short": ["a" * 500, "b"],
    "control characters": ["An\x01na", "Bo\x1bb", "\x7fEva"],
    "NUL": ["An\0na", "Bo\0b"],
    "right to left": ["\u202eאבג", "דהו\u200f"],
    "combining marks": ["a\u0323\u0301e\u0308", "o\u0345\u0301"],
    "emoji": ["👩‍🚀👩‍🚀", "🏳️‍🌈", "🇨🇦"],
    "line separators": ["a\u2028b", "b\x85c", "c\x0bd"],
}


@pytest.mark.parametrize("kind", BAD)
def test_any_names_are_resembled(kind: str, tmp_path: Path) -> None:
    names = BAD[kind]
    model = mangosaurus.like(names)
    drawn = model.sample(10, seed=1, allow_known=True, allow_duplicates=True)
    assert len(drawn) == 10
    written = {line.strip() for name in names for line in clean(name, False).split("\n")}
    assert set("".join(drawn)) <= set("".join(written))
    for score in model.score(sorted(written)):
        assert np.isfinite(score).all()
        assert (score <= 1e-6).all()
    if "\0" not in "".join(names):  # which no argument of a program can have
        done = run("sample", "--like", ",".join(names), "-n", "2", "--seed", "1", "--allow-known")
        assert done.returncode == 0, done.stderr


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\t"), min_size=1, max_size=8),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=25)
def test_no_character_is_written_that_the_list_lacks(names: list[str]) -> None:
    if not clean("\n".join(names), False).strip():
        return
    model = mangosaurus.like(names)
    drawn = model.sample(8, seed=1, allow_known=True, allow_duplicates=True, temperature=3.0)
    assert len(drawn) == 8
    assert set("".join(drawn)) <= set(clean("\n".join(names), False))


@pytest.mark.slow
def test_a_hundred_thousand_names(tmp_path: Path) -> None:
    draw = random.Random(0)
    names = sorted({"".join(draw.choices("abcdefghijklmnop", k=draw.randint(4, 12))) for _ in range(100_000)})
    (tmp_path / "many.txt").write_text("\n".join(names), encoding="utf-8")
    done = run("sample", "--like", "many.txt", "-n", "3", "--seed", "1", cwd=tmp_path)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3), done.stderr


def test_the_longest_list_that_can_be_typed() -> None:
    done = run("sample", "--like", ",".join(f"{name}{other}" for name in NAMES for other in NAMES), "-n", "2")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2), done.stderr


def test_names_in_a_table_are_resembled_each_once(tmp_path: Path) -> None:
    (tmp_path / "n.tsv").write_text("".join(f"{name}\t{len(name)}\n" for name in ELVES))
    assert same(mangosaurus.like(tmp_path / "n.tsv"), mangosaurus.like(ELVES))
