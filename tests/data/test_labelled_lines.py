"""Names with labels in files: which files are read so, and every way to get one wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.data.read import as_corpus, corpus_of, read_corpus

PEOPLE = "Anna\tfemale\nBo\tmale\nClara\tfemale\nDan\tmale\n"


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def test_lines_of_a_name_a_tab_and_a_label_are_recognised(tmp_path: Path) -> None:
    text = "\ufeff Anna \t female\r\n\r\nBo\tmale\n" + PEOPLE
    corpus = read_corpus([write(tmp_path / "n.txt", text)])
    assert corpus.documents == ("Anna", "Bo", "Anna", "Bo", "Clara", "Dan")
    assert corpus.labels == ("female", "male", "female", "male", "female", "male")
    assert (corpus.kind, corpus.blank) == ("names", 1)
    assert "2 labels (female 2, male 2)" in corpus.summary()


def test_names_are_lower_cased_and_labels_are_not(tmp_path: Path) -> None:
    path = write(tmp_path / "n.txt", PEOPLE.replace("female", "Female"))
    corpus = read_corpus([path], lowercase=True)
    assert corpus.documents == ("anna", "bo", "clara", "dan")
    assert corpus.labels == ("Female", "male", "Female", "male")


@pytest.mark.parametrize(
    "text",
    [
        "Anna\nBo\n",
        "Anna\t17\nBo\t23\nClara\t5\n",  # counts
        "Anna\tx\nBo\nClara\nDan\n",  # a TAB here and there
        "Anna\tB\tfemale\nBo\tC\tmale\n" * 3,
    ],
)
def test_other_lists_are_read_as_before(text: str, tmp_path: Path) -> None:
    path = write(tmp_path / "n.txt", text)
    corpus = read_corpus([path], "names")
    assert corpus.labels is None
    assert corpus.documents == tuple(text.split("\n")[:-1])
    assert read_corpus([path], "names", labels=False) == corpus


def test_labels_can_be_asked_for_and_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "n.txt", "Anna\telf\nBo\tdwarf\n")
    assert read_corpus([path], "names").labels is None
    assert read_corpus([path], labels=True).labels == ("elf", "dwarf")
    assert read_corpus([path], labels="any").labels == ("elf", "dwarf")
    assert read_corpus([write(tmp_path / "p.txt", "Anna\nBo\n")], labels="any").labels is None
    people = write(tmp_path / "q.txt", PEOPLE)
    assert read_corpus([people], "names", labels=False).documents == tuple(PEOPLE.split("\n")[:-1])
    assert read_corpus([people], "text").labels is None


def test_lines_without_a_label_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "n.txt", PEOPLE + "\nEve\n")
    with pytest.raises(CorpusError, match=r"n\.txt, line 6: 'Eve' has no label"):
        read_corpus([path])
    with pytest.raises(CorpusError, match="line 5: 'Eve' has no label"):
        read_corpus([write(tmp_path / "n.txt", PEOPLE + "Eve\t\n")])
    with pytest.raises(CorpusError, match=r"line 5: 'Eve\\tx\\ty' has 2 TABs"):
        read_corpus([write(tmp_path / "n.txt", PEOPLE + "Eve\tx\ty\n")])
    with pytest.raises(CorpusError, match="line 1: 'Anna' has no label"):
        read_corpus([write(tmp_path / "n.txt", "Anna\nBo\n")], labels=True)
    with pytest.raises(CorpusError, match="is empty"):
        read_corpus([write(tmp_path / "n.txt", "\n")], labels=True)


@pytest.mark.parametrize(
    "text",
    [
        'language,name\nDutch,"de Vries"\nIrish,"Ó Rua"\n\n',
        "name;n;language\nde Vries;1;Dutch\nÓ Rua;2;Irish\n",
        "name\tlanguage\r\nde Vries\tDutch\r\nO\u0301 Rua\tIrish",
    ],
)
def test_columns(text: str, tmp_path: Path) -> None:
    corpus = read_corpus([write(tmp_path / "n.csv", text)], label_column="language")
    assert corpus.documents == ("de Vries", "Ó Rua")
    assert corpus.labels == ("Dutch", "Irish")


def test_the_column_of_the_names_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "n.csv", 'town,"land, full"\n"San Remo, Riviera","Italy"\n')
    corpus = read_corpus([path], label_column="land, full", column="town")
    assert (corpus.documents, corpus.labels) == (("San Remo, Riviera",), ("Italy",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,sex\nAnna,f\n", "has no column 'label' in its first line; it has name, sex"),
        ("n" * 5000 + ",\x1b[2J\nAnna,f\n", "it has " + "n" * 300 + "…"),
        ("name,label,label\nAnna,f,f\n", "has 2 columns 'label'"),
        ("name,label\nAnna,f\nBo\n", "line 3: this row has no label"),
        ("name,label\nAnna,f\n,f\n", "line 3: this row has no name"),
        ('name,label\n"An\nna",f\n', "line 3: this row has a line break in its name"),
        ('name,label\n"Anna"x,f\n', "line 2: this is no table of columns"),
        ("name,label\n", "is empty"),
        ("", "has no column 'label'"),
    ],
)
def test_tables_that_do_not_fit(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus([write(tmp_path / "n.csv", text)], label_column="label")


def test_options_that_do_not_fit() -> None:
    with pytest.raises(OptionError, match="leave one of them out"):
        read_corpus([], label_column="label", labels=False)
    with pytest.raises(OptionError, match="labels belong to names"):
        read_corpus([], "text", labels=True)
    with pytest.raises(OptionError, match="labels belong to names"):
        corpus_of(["A text."], "text", labels=["x"])


def test_python_lists(tmp_path: Path) -> None:
    corpus = as_corpus([" Anna", "Zoe\u0308 "], labels=["f ", "m\u0308"], lowercase=True)
    assert (corpus.documents, corpus.labels) == (("anna", "zoë"), ("f", "m̈"))
    assert as_corpus(["Anna\tf", "Bo\tm", "Clara\tf", "Dan\tm"]).labels is None
    for names, labels, message in (
        (["Anna"], ["f", "m"], "1 name and 2 labels"),
        (["Anna", " "], ["f", "m"], "the name number 2 is ' '"),
        (["Anna", "Bo"], ["f", ""], "the label number 2 is ''"),
        (["Anna", "Bo"], ["f", "a\nb"], "the label number 2"),
        (["Anna"], [None], "the label number 1 is None"),
        ([], [], "is empty"),
    ):
        with pytest.raises(CorpusError, match=message):
            corpus_of(names, labels=labels)  # type: ignore[arg-type]
    path = write(tmp_path / "n.txt", PEOPLE)
    for given in (path, [path]):
        with pytest.raises(OptionError, match="the labels of a file stand in the file"):
            as_corpus(given, labels=["f"])
