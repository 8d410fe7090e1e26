"""The command line says what it took a file for, and what it left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import one_line, run

from mangosaurus.data.large import LargeCorpus
from mangosaurus.data.read import read_corpus

TOWNS = "town,land,people\nOrbeth,Vash,31\nLuminda,Kel,47\nTor,Kel,5\nÝrsa,Vash,19\nDan,Kel,8\nMoor,Vash,2\n"
SAID = "a table of town, land, people; learning the column town (--column to choose; --label-column land for labels)"
ALONE = SAID.replace("; --label-column land for labels", "")


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    (tmp_path / "towns.csv").write_text(TOWNS.replace("Vash", "vash").replace("Kel", "kel"), encoding="utf-8")
    return tmp_path / "towns.csv"


def test_train_says_what_it_learns(towns: Path, tmp_path: Path) -> None:
    done = run("train", towns, "--budget", "0s", "--out", tmp_path / "m.safetensors")
    assert done.returncode == 0
    assert done.stderr.startswith(f"{towns}: {SAID}\n{towns}: 6 names; ")
    assert "a table" not in run("train", towns, "--budget", "0s", "--quiet").stderr
    weighed = run("train", towns, "--budget", "0s", "--weight-column", "people", "--column", "1")
    assert f"{towns}: a table of town, land, people\n" in weighed.stderr
    for command in ("evaluate", "score"):
        assert SAID in run(command, tmp_path / "m.safetensors", towns).stderr
    assert ALONE in run("sample", "--like", towns, "-n", "1").stderr
    assert "a table of" in run("sample", "--like", towns, "--column", "land", "-n", "1", "--allow-known").stderr


def test_what_is_unclear_is_one_line_with_the_choices(tmp_path: Path) -> None:
    pairs = "Kay, Ann\nLee, Bo\nMay, Cy\n"
    one_line(run("train", "-", input=pairs), "choose it by --column, or learn whole lines by --format names")
    assert run("train", "-", "--format", "names", "--budget", "0s", input=pairs).returncode == 0
    one_line(run("train", "-", "--column", "3", input=pairs), "has no column '3' and no line that names columns")
    one_line(run("train", "-", input="<ul>\n<li>Ann\n"), "is markup", "--format names or --format text")
    one_line(run("train", "-", "--encoding", "x", input=pairs), "--encoding is 'x', which is no known encoding")
    one_line(run("sample", "--column", "name"), "--column needs --like")
    (tmp_path / "n.txt").write_bytes(b"Ann\nB\xff\nCy\n")
    one_line(run("train", tmp_path / "n.txt"), "in line 2, does not decode", "--encoding", "--skip-bad-lines")
    done = run("train", tmp_path / "n.txt", "--skip-bad-lines", "--budget", "0s")
    assert "1 line that does not decode was left out: 2\n" in done.stderr


def test_labels_of_two_columns(tmp_path: Path) -> None:
    rows = "".join(f"{name},{people},{sex}\n" for name, people, sex in zip("abcd", "eoeo", "ffmm", strict=True))
    model = tmp_path / "m.safetensors"
    columns = "--label-column", "people", "--label-column", "sex"
    done = run("train", "-", *columns, "--budget", "0s", "--out", model, input=f"name,people,sex\n{rows}")
    assert "4 labels (e/f 1, o/f 1, e/m 1, o/m 1)" in done.stderr
    assert run("sample", model, "--label", "e", "-n", "1", "--allow-known").returncode == 0
    one_line(run("sample", model, "--label", "x"), "has no label 'x'")


def test_large_tables_are_streamed_and_other_lists_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rows = "".join(f'"N{chr(97 + place % 26)}m{chr(97 + place // 26 % 26)}",{place / 4}\n' for place in range(2000))
    for name, text, streamed in (
        ("a.csv", f"name,size\n{rows}", True),
        ("b.txt", rows.replace('"', "").replace(",", "\t"), True),
        ("c.json", "[" + ",".join(row.split(",")[0] for row in rows.splitlines()) + "]", False),
        ("d.txt", "# a list\n" + rows.replace('"', ""), True),
    ):
        (tmp_path / name).write_text(text)
        small, large = read_corpus(tmp_path / name), read_corpus(tmp_path / name, encoded_from=1000)
        assert isinstance(large, LargeCorpus) == streamed, name
        assert tuple(large.documents) == small.documents
        assert large.notes == small.notes
        chosen = read_corpus(tmp_path / "a.csv", column="size", encoded_from=1000)
        assert tuple(chosen.documents)[:2] == ("0.0", "0.25")
    (tmp_path / "e.txt").write_bytes(("\n".join(["Zoë", "Ána", "Bu\u200b"] * 400)).encode("utf-16"))
    large = read_corpus(tmp_path / "e.txt", encoded_from=1000)
    assert isinstance(large, LargeCorpus)
    assert tuple(large.documents)[:3] == ("Zoë", "Ána", "Bu")
    assert [note.split(": ", 1)[1] for note in large.notes] == [
        "read as UTF-16, as its byte order mark says",
        "invisible characters were folded or left out: 400 zero-width spaces",
    ]
