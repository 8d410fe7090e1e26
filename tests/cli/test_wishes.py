"""Constraints on the command line and in `Model`: satisfied, reported on standard error, or refused in one line."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest
from commands import one_line, run
from examples import NAMES
from rapidfuzz.distance import Levenshtein

import mangosaurus
from mangosaurus import Model, OptionError

ASKED = ("--prefix", "a", "--suffix", "el", "--contains", "m", "--length", "4..9", "--without", "x")


def test_sample_has_all_that_is_asked(model: Path, tmp_path: Path) -> None:
    (tmp_path / "taken.txt").write_text("amabel\namanuel\n", encoding="utf-8")
    words = (*ASKED, "--pattern", ".*[aeiou].*", "--avoid", tmp_path / "taken.txt", "--not-like", "2")
    done = run("sample", model, "-n", "12", "--seed", "1", *words, "--training", model.parent / "names.txt")
    assert done.returncode == 0, done.stderr
    found = done.stdout.splitlines()
    assert len(found) == len(set(found)) == 12
    assert all(re.fullmatch(r"a.*m.*el|am.*el", name) and 4 <= len(name) <= 9 for name in found)
    assert not set(found) & {"amabel", "amanuel", *NAMES}
    assert re.fullmatch(
        r"about 1 in [\d,]+ samples that begin so satisfies the constraints; effective sample size [\d.]+ of 12, "
        r"of [\d,]+ proposals guided by the n-gram\n"
        r"--avoid: such names are left out before they are complete, so there is no count of them\n",
        done.stderr,
    )
    often = run("sample", model, "-n", "5", "--seed", "1", "--without", "x")
    assert often.stderr.endswith(
        "% of unconstrained samples satisfy the constraints; the names follow the model's distribution exactly\n"
    )
    assert run("sample", model, "-n", "5", "--seed", "1", "--prefix", "a", "--max-length", "9").stderr == ""


def test_json_tells_how_the_wishes_were_met(model: Path) -> None:
    done = run("sample", model, "-n", "3", "--seed", "1", "--suffix", "uel", "--contains", "nn", "--json")
    result = json.loads(done.stdout)
    assert result["exact"] is False
    assert 1 <= result["effective"] <= 3
    assert 0 < result["probability"] < 0.1
    assert "probability" not in json.loads(run("sample", model, "-n", "3", "--seed", "1", "--json").stdout)


def test_gumbel(model: Path) -> None:
    words = ("sample", model, "-n", "10", "--seed", "1", "--method", "gumbel", *ASKED)
    result = json.loads(run(*words, "--json").stdout)
    found = [each["text"] for each in result["samples"]]
    assert len(set(found)) == 10
    assert all(0 < each["inclusion"] <= 1 for each in result["samples"])
    assert all(name.startswith("a") and name.endswith("el") for name in found)
    assert not set(found) & set(NAMES)
    assert run(*words).stdout.splitlines() == found
    assert run("sample", model, "-n", "5", "--seed", "1", "--method", "gumbel").stderr == ""


def test_best_says_in_columns_why_each_is_one(model: Path, names: Path) -> None:
    words = "sample", model, "--best", "3", "-n", "50", "--seed", "1", "--training", names, "--suffix", "a"
    done = run(*words)
    head, *rows = [re.split(" {2,}", line.strip()) for line in done.stdout.splitlines()]
    assert head == ["name", "score", "typical", "to say", "length", "edits", "nearest"]
    assert len({line.rindex("  ") for line in done.stdout.splitlines()}) == 1, "the columns are aligned"
    assert len(rows) == 3
    told = re.search("to say, where ([0-9.]+) is typical enough, ([0-9.]+) easy enough to say", done.stderr)
    assert told is not None
    for text, score, typical, to_say, length, edits, nearest in rows:
        assert text.endswith("a")
        assert nearest in NAMES
        assert int(length) == len(text)
        share = int(edits) / max(len(text), len(nearest))
        losses = max(float(typical), float(told[1])) + max(float(to_say), float(told[2])) / 2
        assert float(score) == pytest.approx(share - losses, abs=0.02)
    found = mangosaurus.load(model).best(3, 50, training=names, seed=1, suffix="a")
    assert [each.text for each in found] == [row[0] for row in rows]
    assert json.loads(run(*words, "--json").stdout)["best"] == [pytest.approx(vars(each)) for each in found]


def test_diverse_names_are_three_edits_apart(model: Path, names: Path) -> None:
    words = "sample", model, "-n", "40", "--seed", "1", "--length", "2..3", "--diverse"
    done = run(*words)
    found = done.stdout.splitlines()
    assert 1 < len(found) < 40
    assert min(Levenshtein.distance(*pair) for pair in combinations(found, 2)) == 3
    assert "were within two edits of one before (--diverse)" in done.stderr
    best = run(*words, "--best", "40", "--training", names)
    spread = [line.split()[0] for line in best.stdout.splitlines()[1:]]
    assert min(Levenshtein.distance(*pair) for pair in combinations(spread, 2)) >= 3
    assert (
        "names to choose from are 3 edits or more from each other (--diverse); a larger --n gives more" in best.stderr
    )


def test_top(model: Path) -> None:
    done = run("top", model, "-n", "6", "--suffix", "a")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(rows) == 6
    assert all(name.endswith("a") for name, _ in rows)
    assert done.stderr.startswith("looked at ")
    result = json.loads(run("top", model, "-n", "6", "--suffix", "a", "--new", "--json").stdout)
    found = [each["text"] for each in result["names"]]
    assert not set(found) & set(NAMES)
    assert {name for name, _ in rows} - set(NAMES) <= set(found)
    loaded = mangosaurus.load(model)
    assert list(mangosaurus.top(6, loaded, suffix="a", new=True)) == found
    (score,) = loaded.score([found[0]])
    assert result["names"][0]["log_probability"] == pytest.approx(float(score.sum()))


def test_a_limit_of_memory_is_told(model: Path) -> None:
    done = run("top", model, "-n", "100000", "--memory", "20")
    assert done.returncode == 0
    proved = len(done.stdout.splitlines())
    assert 0 < proved < 100_000
    assert f"the memory allowed is used up, and {proved:,} of 100,000 names are proved" in done.stderr


def test_the_bundled_dinosaurs_need_no_list() -> None:
    found = mangosaurus.sample(5, seed=1, not_like=4, suffix="saurus")
    assert len(found) == 5
    assert found.near > 0
    assert all(name.endswith("saurus") for name in found)


def test_names_may_be_longer_than_usual_if_that_is_asked(model: Path) -> None:
    loaded = mangosaurus.load(model)
    assert loaded.default_length < 40
    assert all(len(name) >= 40 for name in loaded.sample(3, seed=1, min_length=40))


@pytest.mark.parametrize("command", ["sample", "top"])
@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--pattern", "(a"], ["--pattern '(a'", "at character 1"]),
        (["--pattern", r"(a)\1"], [r"--pattern '(a)\1' uses back-references", "--max-repeat 1 forbids doubles"]),
        (["--min-length", "9", "--max-length", "4"], ["--min-length is 9 and --max-length is 4"]),
        (["--length", "9..4"], ["--min-length is 9 and --max-length is 4"]),
        (["--length", "9-4"], ["length is '9-4'"]),
        (["--suffix", "ж"], ["--suffix 'ж'", "U+0436"]),
        (["--prefix", "ab", "--suffix", "cd", "--max-length", "3"], ["has 4 characters, and --max-length is 3"]),
        (["--avoid", "no-such-file"], ["there is no file no-such-file; if it is a name to avoid, write a comma"]),
        (["--not-like", "2"], ["--not-like needs the names", "--training FILE"]),
        (["--not-like", "2", "--training", "dinosaurs"], ["not in the list given by --training FILE"]),
        (["-n", "0"], ["n is 0"]),
    ],
)
def test_bad_wishes(model: Path, command: str, words: list[str], parts: list[str]) -> None:
    one_line(run(command, model, *words), *parts)


def test_texts_have_no_wishes() -> None:
    sonnets: Model = mangosaurus.load("sonnets")
    assert len(sonnets.sample(1, prefix="Shall", max_length=20, seed=1)) == 1
    for refused in (
        lambda: sonnets.sample(1, suffix="x"),
        lambda: sonnets.sample(1, method="gumbel"),
        lambda: sonnets.top(1),
    ):
        with pytest.raises(OptionError, match="texts"):
            refused()
    with pytest.raises(OptionError, match="method is 'gumble'"):
        mangosaurus.sample(1, method="gumble")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="best is 0"):
        mangosaurus.load().best(0)
