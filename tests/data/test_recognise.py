"""Recognition: what people bring is read as they meant it, or refused in one line that says what to do."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

import mangosaurus
from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.read import preview, read_corpus
from mangosaurus.data.reading import Reading

NAMES = ("Orbeth", "Luminda", "Tor Vash", "Ýrsa", "Kel'dan")


def read(folder: Path, content: str | bytes, name: str = "list.txt", **options: Any) -> Corpus:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_corpus(path, **options)


SAME: list[tuple[str, str]] = [
    ("\n".join(NAMES), ""),
    (", ".join(NAMES), "5 names in one line, parted by commas"),
    (";".join(NAMES) + "\n", "parted by semicolons"),
    ("Names: " + ", ".join(NAMES) + ".", "'Names' at the beginning left out"),
    ("、".join(NAMES), "parted by commas"),
    (f"{NAMES[0]}, {NAMES[1]}, {NAMES[2]},\n{NAMES[3]}, {NAMES[4]}\n" * 1, "5 names in 2 lines"),
    (", ".join(f'"{name}"' for name in NAMES), "parted by commas"),
    ("".join(f"- {name}\n" for name in NAMES), "a bulleted list"),
    ("".join(f"* [ ] {name}\n" for name in NAMES), "a bulleted list"),
    ("names:\n" + "".join(f"  - {name}\n" for name in NAMES), "left out 1 line ('names:')"),
    ("".join(f"•{name}\n" for name in NAMES), "a bulleted list"),
    ("".join(f"{number}. {name}\n" for number, name in enumerate(NAMES, 1)), "a numbered list"),
    ("".join(f"{number}) {name}\n" for number, name in enumerate(NAMES, 1)), "a numbered list"),
    ("".join(f"{number} {name}\n" for number, name in enumerate(NAMES, 1)), "a numbered list"),
    ("# my list\n" + "\n".join(NAMES) + "\n# end\n", "2 comment lines that begin with # left out"),
    ("// my list\n" + "\n".join(NAMES), "1 comment line that begins with // left out"),
    ("## A\n" + "".join(f"{name}  # note\n" for name in NAMES), "5 comments after names"),
    ("".join(f'"{name}",\n' for name in NAMES), "commas at the end of lines left out"),
    (json.dumps(NAMES), "a list in JSON"),
    (json.dumps(NAMES, ensure_ascii=False, indent=2), "a list in JSON"),
    (json.dumps({"title": "x", "names": NAMES}), "learning its list names; title left out"),
    (repr([*NAMES]), "a list in JSON"),
    ("const names = " + json.dumps(NAMES) + ";\n", "a list in JSON"),
    ("\n".join(json.dumps({"name": name, "n": 3}) for name in NAMES), "a table of name, n; learning the column name"),
    (json.dumps([{"n": 3, "name": name} for name in NAMES]), "a table of n, name"),
    (json.dumps([[name, 7] for name in NAMES]), "a table of 1 (words), 2 (numbers); learning the column 1"),
    ("Northern|5|12|ln|0|" + ",".join(NAMES), "a namesbase of Northern"),
    ("name,size\n" + "".join(f'"{name}",{len(name)}.5\n' for name in NAMES), "a table of name, size"),
    ("size;town\r\n" + "".join(f"{len(name)};{name}\r\n" for name in NAMES), "learning the column town"),
    ("# source: me\nname,size\n" + "".join(f"{name},9\n" for name in NAMES), "a table of name, size"),
    ("".join(f"{name},F,{len(name)}\n" for name in NAMES), "learning the column 1"),
    ("".join(f"{number}\t{name}\n" for number, name in enumerate(NAMES, 1)), "learning the column 2"),
    ("| name | size |\n| --- | ---: |\n" + "".join(f"| {name} | 4 |\n" for name in NAMES), "a table of name, size"),
    ("".join(f"{name:12}  0.9  {len(name)}\n" for name in NAMES), "learning the column 1"),
]


@pytest.mark.parametrize(("content", "said"), SAME)
def test_the_same_list_in_many_forms(content: str, said: str, tmp_path: Path) -> None:
    corpus = read(tmp_path, content)
    assert corpus.documents == NAMES
    assert (corpus.kind, corpus.labels, corpus.weights) == ("names", None, None)
    assert said in "; ".join(corpus.notes)
    assert bool(said) == bool(corpus.notes)


@pytest.mark.parametrize(
    ("content", "weights"),
    [
        ("".join(f"{name}\t{len(name)}\n" for name in NAMES), (6, 7, 8, 4, 7)),
        ("".join(f"{len(name)}\t{name}\n" for name in NAMES), (6, 7, 8, 4, 7)),
        ("".join(f"{len(name):7} {name}\n" for name in NAMES), (6, 7, 8, 4, 7)),  # as uniq -c writes
        ("name,count\n" + "".join(f'{name},"{len(name)},000"\n' for name in NAMES), (6000, 7000, 8000, 4000, 7000)),
        (json.dumps({name: len(name) for name in NAMES}), (6, 7, 8, 4, 7)),
        ("".join(f"{name}\t{7 - 3 * (number > 2)}\n" for number, name in enumerate(NAMES)), (7, 7, 7, 4, 4)),
    ],
)
def test_counts_are_weights(content: str, weights: tuple[int, ...], tmp_path: Path) -> None:
    corpus = read(tmp_path, content)
    assert (corpus.documents, corpus.weights) == (NAMES, weights)
    assert "with the counts in" in corpus.notes[0]


def test_columns_are_asked_for_by_name_or_number(tmp_path: Path) -> None:
    table = "people,given,sex,n\nelf,Ana,f,3\norc,Bu,m,4\nelf,Co,m,5\n"
    assert read(tmp_path, table, column="given").documents == ("Ana", "Bu", "Co")
    assert read(tmp_path, table, column=2).documents == ("Ana", "Bu", "Co")
    both = read(tmp_path, table, column="given", label_column=["people", "sex"], weight_column="n")
    assert (both.labels, both.weights) == (("elf/f", "orc/m", "elf/m"), (3, 4, 5))
    assert read(tmp_path, "Ana 31\nBu 7\n", column="1").documents == ("Ana", "Bu")
    assert read(tmp_path, "Ana 31\nBu 7\n", weight_column="2").weights == (31, 7)
    with pytest.raises(CorpusError, match=r"has no column 'nam' in its first line; it has people, given, sex, n"):
        read(tmp_path, table, column="nam")
    with pytest.raises(
        CorpusError,
        match="line 3: the count in n is 0, and must be a whole number from 1 to 999,999,999,999,999; skip_bad_lines",
    ):
        read(tmp_path, "name,n\nAna,2\nBu,0\n", weight_column="n")
    left = read(tmp_path, "name,n\nAna,2\nBu,0\n", weight_column="n", skip_bad_lines=True)
    assert left.documents == ("Ana",)
    assert left.notes[-1].endswith("1 row was left out")


def test_lists_with_labels(tmp_path: Path) -> None:
    for content in (
        json.dumps({"elf": ["Ana", "Co"], "orc": ["Bu"]}),
        "elf: Ana, Co\norc: Bu, Bu\n",
        "elf|4|9|a|0|Ana,Co\norc|4|9|a|0|Bu\n",
    ):
        corpus = read(tmp_path, content)
        assert corpus.documents[:3] == ("Ana", "Co", "Bu")
        assert corpus.labels is not None
        assert corpus.labels[:3] == ("elf", "elf", "orc")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("Kay, Ann\nLee, Bo\nMay, Cy\n", "table of 1 .Kay., 2 .Ann., and it is not clear which column .* by column"),
        ("kot\tk o t\npis\tp i s\ntom\tt o m\n", "not clear which column has the names.*format='names'"),
        ("Orbit 3\nOrbit 12\nProbe 7\n", "'Orbit 3': learn the names without it by column=1.*weight_column=2"),
        ("<html><body>Ana", "is markup.*format='names' or format='text'"),
        ("<li>Ana</li>\n<li>Bu</li>\n", "is markup"),
        ("* [[Ana]]\n* [[Bu]]\n", "markup with links"),
        ('["Ana", "Bu"', "looks like JSON, but line 1, column 13, is not"),
        ("[1, 2, 3]", "a list of numbers"),
        ('{"a": {"b": {"c": 1}}}', "not clear"),
        ("[" * 100_000 + '"', "JSON"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
        (b"PK\x03\x04 no archive", "a zip archive"),
        (b"ab\0\0\1\2\3\0" * 9, "no text: it has 27 NULs"),
    ],
)
def test_what_is_ambiguous_or_no_list_is_refused_in_one_line(content: str | bytes, error: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=error) as raised:
        read(tmp_path, content)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        "Ana\nBu, the Elder\nCo\nDi\n",
        "Ana\nBu - Co\nDi #2\nMt. Eve\nFay (2)\n",
        "#love\n#hope\n#peace\n",
        "A-Ha\n10cc\nU2\nBlink-182\nMaroon 5\n",
        "d'Este\n'Ana\n\"Weird Al\" Yank\n",
        "Kay's\nJ. R. R. Tolk\nX: Y\n<unk>\n",
        "k o t\np i s\nt o m a\n",
        "t i s b oʊ̯ ŋ kʰ a\nb i ŋ z oː n kʰ iː\nd oʊ̯ t͡ʃ o n u l a\n",
    ],
)
def test_ordinary_names_stay_as_they_are(content: str, tmp_path: Path) -> None:
    corpus = read(tmp_path, content)
    assert (corpus.kind, corpus.documents) == ("names", tuple(content.split("\n")[:-1]))


@pytest.mark.parametrize(
    "content",
    [
        "Roses are red, violets are blue,\nSugar is sweet, and so are you.\n",
        "The old pond,\nA frog leaps in,\nWater's sound.\n",
        "# Chapter 1\n\nIt was late, dark, and cold. Nobody came, nobody called, and nobody cared.\n" * 3,
        "- What is it?\n- It is nothing, go back to sleep.\n- I cannot sleep here at all.\n" * 3,
        '#include <stdio.h>\n\nint main(void) {\n    printf("hello, world, again");\n    return 0;\n}\n',
        "def f(x):\n\treturn x + 1, x + 2, x + 3\n\n\ndef g(x):\n\treturn f(x) * f(x) + f(x) - 1\n" * 5,
        "[Enter Hamlet.]\nTo be, or not to be, that is the question.\n" * 4,
    ],
)
def test_ordinary_texts_stay_as_they_are(content: str, tmp_path: Path) -> None:
    corpus = read(tmp_path, content)
    assert (corpus.kind, corpus.documents) == ("text", (content,))
    assert all("taken for one text" in note for note in corpus.notes)


def test_format_says_how_to_read(tmp_path: Path) -> None:
    table = "name,size\nAna,3\nBu,4\n"
    assert read(tmp_path, table, format="names").documents == ("name,size", "Ana,3", "Bu,4")
    assert read(tmp_path, table, format="text").documents == (table,)
    assert read(tmp_path, "# x\nAna\n", format="names").documents == ("# x", "Ana")
    assert read(tmp_path, table, kind="names").documents == ("Ana", "Bu")
    for wrong in ({"column": "name", "format": "text"}, {"records": "%", "column": "1"}, {"records": ""}):
        with pytest.raises(OptionError):
            read(tmp_path, table, **wrong)


def test_records(tmp_path: Path) -> None:
    text = "One,\ntwo.\n%\nThree.\n%\nFour,\nfive.\n"
    corpus = read(tmp_path, text, records="%")
    assert (corpus.kind, corpus.documents) == ("text", ("One,\ntwo.", "Three.", "Four,\nfive."))
    assert read(tmp_path, "a b\nc\n\n \nd\n", records="blank").documents == ("a b\nc", "d")
    assert read(tmp_path, "Ana / Bu / Co\n", records="/").documents == ("Ana", "Bu", "Co")
    with pytest.raises(CorpusError, match="nothing parted by records='@'"):
        read(tmp_path, text, records="@")


def test_several_files_are_of_one_kind(tmp_path: Path) -> None:
    plain, table = tmp_path / "a.txt", tmp_path / "b.csv"
    plain.write_text("Ana\nBu\n")
    table.write_text("name,n\nCo,1.5\nDi,2.5\n")
    assert read_corpus([plain, table]).documents == ("Ana", "Bu", "Co", "Di")
    plain.write_text("It was a dark night, and nobody came home. " * 9)
    with pytest.raises(CorpusError, match=r"a\.txt is a text, and other files are lists"):
        read_corpus([plain, table])


Rows = list[list[str | float]]


def workbook(path: Path, rows: Rows, **more: Rows) -> None:
    """A workbook of the sheet Towns, and `more`, without what its readers do not need."""

    def cell(value: str | float) -> str:
        text = f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return text if isinstance(value, str) else f"<c><v>{value}</v></c>"

    main, link = "http://schemas.openxmlformats.org", "officeDocument/2006/relationships"
    sheets = {"Towns": rows, **more}
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{main}/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{main}/package/2006/relationships"><Relationship Id="r" '
        f'Type="{main}/{link}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}/spreadsheetml/2006/main" xmlns:r="{main}/{link}"><sheets>'
        + "".join(
            f'<sheet name="{name}" sheetId="{number}" r:id="a{number}"/>' for number, name in enumerate(sheets, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{main}/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="a{number}" Type="{main}/{link}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, 1 + len(sheets))
        )
        + "</Relationships>",
    }
    for number, sheet in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{main}/spreadsheetml/2006/main"><sheetData>'
            + "".join("<row>" + "".join(map(cell, row)) + "</row>" for row in sheet)
            + "</sheetData></worksheet>"
        )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def test_the_sheet_of_a_workbook_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "two.xlsx"
    workbook(path, [["My towns"], ["name", "n"], ["Orbeth", 5.5], ["Lum", 3.5]], Rivers=[["name"], ["Vash"]], Empty=[])
    first = read_corpus(path)
    assert first.documents == ("Orbeth", "Lum")
    assert [note.split(": ")[1] for note in first.notes[1:]] == [
        "left out 'My towns', above the header",
        "only its sheet Towns is read, not Rivers (`sheet` to choose)",
    ]
    assert read_corpus(path, sheet="Rivers").documents == read_corpus(path, sheet=2).documents == ("Vash",)
    (tmp_path / "a.txt").write_text("Ana\n")
    for source, sheet, message in (
        (path, "Roads", "has no sheet 'Roads'; it has Towns, Rivers, Empty"),
        (path, "Empty", "is empty"),
        (tmp_path / "a.txt", "1", "is no workbook"),
    ):
        with pytest.raises(CorpusError, match=message):
            read_corpus(source, sheet=sheet)


def test_a_workbook_is_a_table(tmp_path: Path) -> None:
    workbook(tmp_path / "towns.xlsx", [["name", "people"], ["Orbeth", 5.0], ["Ýrsa", 7.0], ["Lum", 3.5]])
    corpus = read_corpus(tmp_path / "towns.xlsx")
    assert corpus.documents == ("Orbeth", "Ýrsa", "Lum")
    assert corpus.notes == (
        f"{tmp_path / 'towns.xlsx'}: a table of name, people; learning the column name (`column` to choose)",
    )
    with pytest.raises(CorpusError, match="a workbook, and no text"):
        read_corpus(tmp_path / "towns.xlsx", "text")
    damaged = (tmp_path / "towns.xlsx").read_bytes().replace(b"<sheetData>", b"<sheetDat >")
    with pytest.raises(CorpusError):
        read(tmp_path, damaged, "damaged.xlsx")


def test_a_preview_has_columns_even_where_there_is_no_corpus() -> None:
    found = preview(b"town,land\nOrbeth,Vash\nLum,Kel\nTor,Dan\n", "towns.csv")
    assert found.corpus is None
    assert "not clear" in str(found.problem)
    assert [column.name for column in found.columns] == ["1", "2"]
    chosen = preview(b"town,land\nOrbeth,Vash\nLum,Kel\n", "towns.csv", Reading(column="town"))
    assert chosen.first() == ["Orbeth", "Lum"]
    assert [(column.name, column.holds) for column in chosen.columns] == [("town", "names"), ("land", "names")]
    assert preview(b"", "x").problem is not None
    assert preview(b"Ana\n", "x", Reading(format="what")).problem is not None  # type: ignore[arg-type]


def test_what_json_and_workbooks_hide_is_not_learnt(tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text(r'["An\u0000na", "San\u00a0Rocco", "Zo\u200bra", "\u200b"]')
    corpus = read_corpus(tmp_path / "n.json")
    assert corpus.documents == ("Anna", "San Rocco", "Zora")
    assert "1 no-break space" in corpus.notes[-1]
    for broken, why in (
        (r'["An\ud800na", "Bo"]', "half of a surrogate pair"),
        (f'["Anna", {"9" * 5000}]', "too many digits"),
    ):
        (tmp_path / "n.json").write_text(broken)
        with pytest.raises(CorpusError, match=why):
            read_corpus(tmp_path / "n.json")


def test_counts_that_repeat_are_no_labels(tmp_path: Path) -> None:
    (tmp_path / "n.tsv").write_text("name\tcount\nAnna\t1\nBo\t1\nCy\t2\nDora\t2\nEmil\t1\nFay\t2\n")
    corpus = read_corpus(tmp_path / "n.tsv")
    assert (corpus.documents[0], corpus.labels, corpus.weights) == ("Anna", None, (1, 1, 2, 2, 1, 2))


def test_a_separator_leaves_the_look_at_the_file(tmp_path: Path) -> None:
    (tmp_path / "n.json").write_text('["b a m", "k a t", "t i n"]')
    model = mangosaurus.fit(tmp_path / "n.json", separator=" ", budget=0)
    assert set(model.vocabulary.characters) == set("bamktin")
    assert "`separator`" not in " ".join(model.training["read"])
