"""Tables, JSON and code that people bring: each is read as meant, or refused in one line that names the way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mangosaurus.core.errors import CorpusError
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.read import preview, read_corpus
from mangosaurus.data.reading import Reading

NAMES = ("Orbeth", "Luminda", "Torvash", "Kel'dan", "Ysra")
LIST = ", ".join(f'"{name}"' for name in NAMES)
ROWS = [(name, f"{number + 2}.5") for number, name in enumerate(NAMES)]


def lines(form: str) -> str:
    """A line of this form for each name and number."""
    return "".join(form.format(name=name, n=n) + "\n" for name, n in ROWS)


READ: dict[str, tuple[str, str]] = {
    "psql": (" name  | n\n-------+---\n" + lines(" {name} | {n}") + "(5 rows)\n", "a.txt"),
    "MySQL": ("+---+---+\n| name | n |\n+---+---+\n" + lines("| {name} | {n} |") + "+---+---+\n", "a.txt"),
    "RST": ("=======  ===\nname     n\n=======  ===\n" + lines("{name:8} {n}") + "=======  ===\n", "a.txt"),
    "RST grid": ("+---+---+\n| name | n |\n+===+===+\n" + lines("| {name} | {n} |\n+---+---+"), "a.txt"),
    "Markdown of a column": ("| Given |\n|---|\n" + lines("| {name} |"), "a.txt"),
    "Markdown without bars outside": ("Given | n\n--- | ---:\n" + lines("{name} | {n}"), "a.txt"),
    "Markdown below a heading": (
        "# Here\n\nAnd so:\n\n| Given | n |\n|---|---|\n" + lines("| {name} | {n} |"),
        "a.txt",
    ),
    "aligned words": ("name        town\n" + lines("{name:12}x{name}y"), "a.txt"),
    "a CSV of a column": ("Names\n" + lines("{name}"), "a.csv"),
    "a CSV of a column, quoted": ('"Names"\n' + lines('"{name}"'), "a.csv"),
    "a CSV of a column without a header": (lines("{name}"), "a.csv"),
    "a CSV with empty columns": ("name,,\n" + lines("{name},,"), "a.csv"),
    "a CSV with an empty column": ("name,\n" + lines("{name},"), "a.csv"),
    "a table drawn with boxes": ("┌──┬──┐\n│ name │ n │\n├──┼──┤\n" + lines("│ {name} │ {n} │") + "└──┴──┘\n", "a.txt"),
    "ragged rows": ("name,n\nOrbeth,3\nLuminda\nTorvash,5\nKel'dan\nYsra,7\n", "a.txt"),
    "decimal commas": ("name;n\n" + lines("{name};{n}").replace(".", ","), "a.csv"),
    "Excel's separator": ("sep=;\nname;n\n" + lines("{name};{n}"), "a.csv"),
    "titles above the header": ("My names\n\nof 2024\nname,n\n" + lines("{name},{n}"), "a.csv"),
    "comments in a table": ('# "mine, all\nname,n\n' + lines("{name},{n}").replace("Kel", "# x, y\nKel"), "a.csv"),
    "a header with a hash": ("#name,n\n" + lines("{name},{n}"), "a.csv"),
    "fractions, no counts": ("name,weight\n" + lines("{name},{n}"), "a.csv"),
    "equal signs": (lines("{name}={n}"), "a.txt"),
    "C": ("/* names */\nconst char *names[] = {\n  " + LIST + ",\n};\n", "a.txt"),
    "PHP": (f"<?php\n$names = array({LIST});\n", "a.txt"),
    "R": (f"names <- c({LIST})\n", "a.txt"),
    "JavaScript": ("export default [\n" + lines('  "{name}", // {n}') + "];\n", "a.txt"),
    "Python": ("# names\nNAMES = [\n" + lines('    "{name}",  # {n}') + "]\n", "a.txt"),
    "a set": ("{" + LIST + "}", "a.txt"),
    "quotes of a word processor": ("[" + ", ".join(f"“{name}”" for name in NAMES) + "]", "a.txt"),
    "JSON below a comment": ("// mine\n\n" + json.dumps(NAMES), "a.json"),
    "JSON in JSON": (json.dumps({"status": 1, "data": {"names": NAMES, "n": 3}}), "a.json"),
    "JSON of columns": (json.dumps({"name": NAMES, "sex": [*"fmfmf"]}), "a.json"),
    "JSON of columns with numbers": (json.dumps({"town": NAMES, "size": [1.5, 2, 3, 4, 5]}), "a.json"),
    "JSON of columns by pandas": (
        json.dumps({"town": dict(enumerate(NAMES)), "size": dict.fromkeys(range(5), 0.5)}),
        "a.json",
    ),
    "GeoJSON": (
        json.dumps({"type": "Collection", "features": [{"type": "F", "properties": {"name": name}} for name in NAMES]}),
        "a.json",
    ),
    "JSON with a list twice": (f'{{"names": ["{NAMES[0]}"], "names": {json.dumps(NAMES[1:])}}}', "a.json"),
}


@pytest.mark.parametrize("kind", READ)
def test_read_as_meant(kind: str) -> None:
    content, name = READ[kind]
    found = preview(content.encode(), name)
    assert found.problem is None, str(found.problem)
    assert found.corpus is not None
    assert found.corpus.documents == NAMES
    assert (found.corpus.kind, found.corpus.labels, found.corpus.weights) == ("names", None, None)
    assert found.notes, "it is said what it was taken for"


REFUSED: dict[str, tuple[str, str, str]] = {
    "unquoted commas": ("name,n\nAna,3\nKay, Bo,4\nCo,5\n", "a.csv", "line 3: this row has 3 fields, .*skip_bad_lines"),
    "unclosed quotes": ('name,note\n"Ana,a\n"Bu,b\n', "a.csv", "line 3: .* mend its quotes, .*format='names'"),
    "broken quotes": ('"Ana" B,a\n"Bu" C,b\n"Co" D,c\n', "a.txt", "mend its quotes, .*format='names'"),
    "escaped quotes": ('name,note\n"A \\"J\\" K",a\n"Bu",b\n', "a.csv", "mend its quotes, .*format='names'"),
    "aligned columns": ("Ana       Rom\nBertha    Bonn\nCo        Lima\n", "a.txt", "not clear which .*by column"),
    "two columns called alike": ("name,name\nAna,Bu\nCo,Di\n", "a.csv", "not clear which .*by column"),
    "numbers": ("1,2\n3,4\n", "a.csv", "not clear which .*by column"),
    "passwd": ("ana:x:0:/a:/sh\nbu:x:1:/b:/sh\nco:x:2:/c:/sh\n", "a.txt", "not clear which .*by column"),
    "a wiki's table": ("{| class=x\n! Name !! n\n|-\n| Ana || 3\n|}\n", "a.txt", "wiki's markup.*format='names'"),
    "SQL": ("INSERT INTO n VALUES ('Ana'),('Bu');\n", "a.txt", "is SQL.*format='names'"),
    "vCard": ("BEGIN:VCARD\nN:Kay;Ana\nEND:VCARD\n", "a.txt", "vCard.*format='names'"),
    "subtitles": ("1\n00:00:01,000 --> 00:00:02,000\nHello\n", "a.txt", "subtitles.*format='text'"),
    "LaTeX": ("\\begin{itemize}\n\\item Ana\n\\item Bu\n\\end{itemize}\n", "a.txt", "LaTeX.*format='names'"),
    "YAML": ("- name: Ana\n  age: 3\n- name: Bu\n  age: 4\n", "a.txt", "YAML.*format='names'"),
    "a dialogue": ("HAM: Words, words\nPOL: Matter, lord\nHAM: Ay, ay\n", "a.txt", "format='text'.*format='names'"),
    "a key twice": ('{"Ana": 3, "Ana": 4}', "a.json", "the key Ana twice"),
    "true": ("[true]", "a.json", "a list of true or false"),
    "lists in lists": ('[[["Ana"]]]', "a.json", "a list of lists with lists"),
    "names of two parts": ('[{"name": {"first": "Ana", "last": "Kay"}}]', "a.json", "name.first .*by column"),
    "a broken line": ('{"name": "Ana"}\n{"name": "Bu"}\n{"na', "a.json", "line 3, column 2, .*by skip_bad_lines"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_in_one_line(kind: str) -> None:
    content, name, message = REFUSED[kind]
    problem = preview(content.encode(), name).problem
    assert problem is not None
    with pytest.raises(CorpusError, match=message):
        raise problem
    assert "\n" not in str(problem)


def read(content: str, name: str = "a.csv", **options: object) -> Corpus:
    found = preview(content.encode(), name, Reading(**options))  # type: ignore[arg-type]
    assert found.corpus is not None, str(found.problem)
    return found.corpus


def test_commas_in_quotes_are_in_names() -> None:
    for name in ("a.csv", "a.txt"):
        assert read('"Kay, Ana"\n"Lee, Bu"\n"May, Co"\n', name).documents == ("Kay, Ana", "Lee, Bu", "May, Co")


def test_what_is_said() -> None:
    assert "it has no header, and its first line, 'Ana', is learnt" in read("Ana\nBu\nCo\n").notes[0]
    assert "its weight, such as 72.5, is left out: counts are whole" in read("name,weight\nAna,72.5\nBu,8\n").notes[0]
    assert "left out 'My names', above the header" in read("My names\nname,n\nAna,1.5\nBu,2.5\n").notes[1]
    assert (
        read('{"name": "Ana"}\n{"name": "Bu"}\n{"na', "a.json", skip_bad_lines=True)
        .notes[1]
        .endswith("1 line that is no JSON left out")
    )


def test_lists_in_objects_of_an_object_have_labels_of_both() -> None:
    corpus = read('{"elf": {"m": ["Ana"], "f": ["Bu", "Co"]}, "orc": {"m": ["Di"]}}', "a.json")
    assert (corpus.documents, corpus.labels) == (("Ana", "Bu", "Co", "Di"), ("elf/m", "elf/f", "elf/f", "orc/m"))


def test_a_hash_in_a_table_is_no_comment_unless_a_space_follows() -> None:
    table = 'name,note\nAna,"x\n# y"\n#Bu,4\n# Co,5\nDi,6\n'
    for options in ({}, {"column": "name"}):
        corpus = read(table, **options)
        assert corpus.documents == ("Ana", "#Bu", "Di")
        assert "comment lines left out" in " ".join(corpus.notes)


def test_a_header_above_names_and_labels() -> None:
    content = "name\tsex\nAna\tf\nBu\tm\nCo\tm\nDi\tf\nEd\tm\nFay\tf\n"
    corpus = read(content, "a.txt")
    assert (corpus.documents[0], corpus.labels) == ("Ana", ("f", "m", "m", "f", "m", "f"))
    assert "with the labels in sex" in corpus.notes[0]
    assert read(content, "a.txt", column="name").labels is None


@pytest.mark.parametrize(
    "content",
    ["elf: Ana, Co\norc: Bu\n", "elf:Ana,Co\norc:Bu,Bu\n", "elf = Ana, Co\norc = Bu\n", "My\nelf: Ana, Co\norc: Bu\n"],
)
def test_labels_with_few_items(content: str) -> None:
    corpus = read(content, "a.txt")
    assert (corpus.documents[:3], (corpus.labels or ())[:3]) == (("Ana", "Co", "Bu"), ("elf", "elf", "orc"))


def test_a_column_has_one_role() -> None:
    table = "name,sex\nAna,f\nBu,m\n"
    for options in ({"label_column": ("sex", "sex")}, {"column": "name", "weight_column": "1"}):
        problem = preview(table.encode(), "a.csv", Reading(**options)).problem
        assert "asked for twice" in str(problem)
    assert "ask for one by its number" in str(preview(b"a,a\nx,1\n", "a.csv", Reading(column="a")).problem)


def test_a_folder_says_what_it_left_out(tmp_path: Path) -> None:
    for name in ("b.csv", "c.json"):
        (tmp_path / name).write_text("x")
    with pytest.raises(CorpusError, match=r"has no \.txt files, and 2 files .* \(b\.csv, c\.json\)"):
        read_corpus(tmp_path)
    (tmp_path / "a.txt").write_text("Ana\nBu\nCo\n")
    assert read_corpus(tmp_path).notes == (f"{tmp_path}: left out 2 files that do not end in .txt (b.csv, c.json)",)


def test_a_list_beside_a_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ana\nBu\nCo\n")
    (tmp_path / "b.txt").write_text("It was a dark night, and nobody who lived there came home at all.\n" * 9)
    corpus = read_corpus([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert corpus.kind == "text"
    assert corpus.notes == (
        f"{tmp_path / 'a.txt'}: looks like a list, but learnt as a text, like the rest (`format` to choose)",
    )
