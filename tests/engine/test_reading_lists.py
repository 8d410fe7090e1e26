"""Lists that a page reads by itself: names, labels, weights, facts and columns as Python reads them, or a sentence."""

from __future__ import annotations

import codecs
import html.entities
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from generated_files import OLD, files
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from node import in_node, needs_node

from mangosaurus.core.errors import OptionError
from mangosaurus.data.read import Preview, preview
from mangosaurus.data.reading import reading_of
from mangosaurus.formats.pages import FOLDER
from mangosaurus.formats.webpage import learning_script
from mangosaurus.server import look

pytestmark = needs_node

SHARE_READ = 0.97
"""Of generated files in UTF-8, UTF-16 and UTF-32, those that a page reads as Python does; it may refuse the others."""
Case = tuple[bytes, str, dict[str, Any]]
"""The bytes of a file, its name, and options of reading."""

ELVES = ["Aelrindel", "Thalion", "Círdan", "Lúthien", "Nimrodel"]
COMMON: dict[str, str] = {
    "plain": "Aelrindel\nThalion\n\n  Círdan \nThalion\n",
    "Windows": "Aelrindel\r\nThalion\r\nCírdan\r\n",
    "mark": "\ufeffAelrindel\nThalion\nCírdan",
    "bullets": "* Aelrindel[1]\n* Thalion\n* Círdan[note 2][3]\n",
    "numbers": "1. Aelrindel\n2) Thalion\n3. Círdan\n",
    "circled": "① Aelrindel\n② Thalion\n③ Círdan",
    "Roman": "i. Aelrindel\nii. Thalion\niii. Círdan",
    "Arabic digits": "١. سارة\n٢. عمر\n٣. ليلى",
    "headings": "[Elves]\nAelrindel\nThalion\nCírdan\nNimrodel",
    "comments": "# elves\nAelrindel # of the east\nThalion\n// more\nCírdan",
    "quotes": "'Aelrindel',\n'Thalion',\n'Círdan',",
    "bold": "- **Aelrindel** - of the east\n- **Thalion**\n- **Círdan**: a shipwright",
    "letter": "Here are the elves:\n\nAelrindel\nThalion\nCírdan\n\nDo you want to have more of them?",
    "one line": "Aelrindel, Thalion, Círdan and Nimrodel, Lúthien.",
    "semicolons": "Elves: Aelrindel; Thalion; Círdan; Nimrodel",
    "chemicals": "2,4-dinitrophenol, N,N-dimethylaniline, aspirin, paracetamol",
    "labels": "Aelrindel\telf\nThalion\telf\nBorin\tdwarf\nGimla\tdwarf",
    "labels above": "name\tpeople\nAelrindel\telf\nThalion\telf\nBorin\tdwarf\nGimla\tdwarf",
    "label lines": "elves: Aelrindel, Thalion, Círdan\ndwarves: Borin, Gimla, Dwalin",
    "namesbase": "Northern|5|12|ln|0|Aelrindel,Thalion,Borin\nOther|5|12||0|Gimla,Dwalin",
    "CSV": 'id,name,people\n1,Aelrindel,elf\n2,"Borin, the old",dwarf\n3,"Gi""mla",dwarf\n',
    "counts": "name;count\nAelrindel;1,200\nThalion;31\nBorin;4",
    "counts beside": "Aelrindel\t1200\nThalion\t31\nBorin\t4",
    "years": "Aelrindel\t1990\nThalion\t1991\nBorin\t1994",
    "numbers beside": "Aelrindel 1200\nThalion 31\nBorin 4",
    "uniq": "     12 Aelrindel\n      3 Thalion\n      1 Borin\n",
    "spreadsheet": "Name\tSize\tHome\nAelrindel\t1.5\tEast\nThalion\t2.5\tEast\nBorin\t1.0\tWest\n",
    "two of names": "first,last\nAnna,Berg\nBo,Tal\nCy,Wald\n",
    "title": "My elves\n\nname,age\nAelrindel,40\nThalion,50\n",
    "broken quotes": 'name,age\n"Aelrindel,40\nThalion,50\n',
    "ragged": "name,age\nAelrindel,40\nThalion,50,60\nBorin,3\n",
    "line in a field": 'name,age\n"Ael\nrindel",40\nThalion,50\n',
    "Markdown": "| name | size |\n|:---|---:|\n| Aelrindel | 2.5 |\n| Tha\\|lion | 3 |\n",
    "psql": " name | size\n------+------\n Aelrindel | 3\n Thalion | 4\n(2 rows)\n",
    "box": "┌───┬───┐\n│ name │ n │\n├───┼───┤\n│ Aelrindel │ 3 │\n│ Thalion │ 4 │\n└───┴───┘",
    "JSON": '["Aelrindel", "Thalion", "C\\u00edrdan", null, ""]',
    "objects": '[{"id": 1, "name": {"first": "Aelrindel"}}, {"id": 2.50, "name": {"first": "Thalion"}}]',
    "lists of keys": '{"elf": ["Aelrindel", "Thalion"], "10": ["Borin"], "2": ["Gimla"]}',
    "repeated keys": '{"elf": ["Aelrindel"], "elf": ["Thalion"], "orc": ["Grom"]}',
    "key twice": '[{"name": "Aelrindel", "name": "Thalion"}]',
    "numbers of keys": '{"Aelrindel": 12, "Thalion": 3, "Borin": 1}',
    "JSON lines": '{"name": "Aelrindel", "n": 1e3}\n{"name": "Thalion", "n": true}\n',
    "broken JSON": '["Aelrindel", "Thalion"',
    "deep": "[" * 2000 + "]" * 2000,
    "Python": "elves = ['Aelrindel', 'Tha\\'lion', \"Borin\",]  # some",
    "Python's objects": "[{'name': 'Aelrindel', 'n': None}, {'name': 'Thalion', 'n': 1.0}]",
    "Python's tuples": "[('Aelrindel', 3), ('Thalion', 4)]",
    "JavaScript": "const elves = [{name: 'Aelrindel'}, {name: 'Thalion'}];",
    "Rust": 'let elves = vec!["Aelrindel", "Thalion"];',
    "Perl": "my @elves = qw(Aelrindel Thalion Borin);",
    "mojibake": "AelrindÃ©l\nThalion\nCÃ­rdan\n",
    "half mojibake": "AelrindÃ©l\nThalion\nCírdan\n",
    "lost": "Aelrind\ufffdl\nThalion\nBorin\n",
    "HTML's signs": "Caf&eacute;\nAT&amp;T\n&#39;Ole&#x27;\nR&unknown x\n",
    "invisible": "Ael\u00adrin\u200bdel\u00a0One\nTha\u200dlion\n\u200eBorin\x07\x1b[31mred\x1b[0m\n",
    "composed": "Zoe\u0308\nAelrindel\nThalion",
    "Thai": "สมชาย\nสมหญิง\nวิชัย\nมาลี",
    "Chinese": "张伟、王芳、李娜、刘洋",
    "emoji": "👩\u200d🌾🐶\n🇩🇪🐱\n❤️🌾\n",
    "Devanagari": "क्षितिज\nआरव\nदीपिका\n",
    "HTML": "<ul>\n<li>Aelrindel</li>\n<li>Thalion</li>\n</ul>",
    "SQL": "INSERT INTO names VALUES ('Aelrindel');\nINSERT INTO names VALUES ('Thalion');",
    "prose": "It was the best of times, it was the worst of times, it was the age of wisdom.\n" * 3,
    "one name": "Aelrindel",
    "capitals": "Aelrindel Thalion Borin Gimla Dwalin Grom",
    "two records": "Aelrindel\n \n\nThalion\n",
    "empty": " \n\n",
}
OPTIONS: Sequence[tuple[str, dict[str, Any]]] = (
    ("two of names", {"column": "last"}),
    ("two of names", {"column": "2", "label_column": ["first"]}),
    ("two of names", {"column": "middle"}),
    ("CSV", {"column": "name", "label_column": "people", "weight_column": "id"}),
    ("CSV", {"column": "name", "label_column": ["name"]}),
    ("counts", {"column": "1"}),
    ("ragged", {"skip_bad_lines": True}),
    ("years", {"weight_column": 2}),
    ("numbers beside", {"column": "1"}),
    ("lists of keys", {"column": "elf"}),
    ("objects", {"column": "name.first"}),
    ("plain", {"column": "name"}),
    ("plain", {"sheet": "2"}),
    ("plain", {"format": "table"}),
    ("plain", {"encoding": "no such"}),
    ("plain", {"records": ""}),
    ("two records", {"records": "blank"}),
    ("capitals", {"records": " "}),
    ("bullets", {"format": "names"}),
    ("HTML", {"format": "names"}),
    ("labels", {"labels": False}),
    ("labels", {"labels": True}),
    ("plain", {"labels": True}),
    ("spreadsheet", {"labels": "any"}),
    ("labels", {"lowercase": True}),
    ("plain", {"lowercase": "tr"}),
    ("plain", {"label_column": ["a"], "labels": False}),
    ("plain", {"records": "%", "column": "1"}),
    ("lost", {"skip_bad_lines": True}),
)


def in_engine(expression: str, given: Any) -> Any:
    """The value of an expression among the names of the engine, where `given` is one too."""
    script = learning_script().removesuffix("})();")
    return json.loads(
        in_node(
            f"{script}\nconst given = {json.dumps(given)};\nprocess.stdout.write(JSON.stringify({expression}));}})();"
        )
    )


def read_in_node(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """What a page answers to each list."""
    given = [(b64encode(data).decode(), name, options) for data, name, options in cases]
    read = "readList({ bytes: new Uint8Array(Buffer.from(data, 'base64')), name, options })"
    answers: list[dict[str, Any]] = in_engine(f"given.map(([data, name, options]) => {read})", given)
    return answers


def read_in_python(case: Case) -> dict[str, Any]:
    """What HTTP answers, with the whole list."""
    data, name, options = case
    try:
        found = preview(data, name, reading_of(options))
    except OptionError as error:
        found = Preview(None, error)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(look, "SOURCE", name)
        answer = look.look(data, options)
    corpus = found.corpus
    parts = {each: corpus and getattr(corpus, each) for each in ("labels", "weights")}
    parts |= {"lowercased": corpus is not None and corpus.lowercased, "written": corpus and corpus.case}
    return json.loads(json.dumps({**answer, "names": list(corpus.documents) if corpus else [], **parts}))  # type: ignore[no-any-return]


def agreement(cases: Sequence[Case]) -> Counter[str]:
    """How many lists are read as Python reads them, and how many are refused by both or by the page alone.

    Fails if one is learnt that Python reads differently or refuses.
    """
    found: Counter[str] = Counter()
    for case, page in zip(cases, read_in_node(cases), strict=True):
        python = read_in_python(case)
        if page["problem"]:
            assert "\n" not in page["problem"]["detail"], case
            assert not page["names"], case
            alone = python["problem"] is None
            found["refused by the page alone" if alone else "refused"] += 1
            assert alone or page["columns"] == python["columns"], case
            continue
        if python["problem"] and python["problem"]["status"] == 400:  # its detector is less sure of an encoding
            encoding = re.match("read as ([^,]+)", page["corpus"]["notes"][0])
            assert encoding, case
            sure = read_in_python((case[0], case[1], {**case[2], "encoding": encoding[1]}))
            assert (page["names"], page["labels"], page["weights"]) == (sure["names"], sure["labels"], sure["weights"])
            continue
        assert python["problem"] is None, (case, python["problem"])
        assert page == python, case
        found["read"] += 1
    return found


def named(*kinds: str) -> list[Case]:
    return [(COMMON[kind].encode("utf-8", "surrogatepass"), "my elves.txt", {}) for kind in kinds]


def test_common_lists_are_read_as_python_reads_them() -> None:
    assert agreement(named(*COMMON))["refused by the page alone"] == 1  # prose, which Python learns as a text


WAYS_OF_TEXTS = re.compile(
    r',? or (?:(?:the text as it is|one text|as a text) by )?format="text"'
    r'|a text by format="text", | or the text(?= alone,)'
)
"""What Python also offers: a page learns no texts."""


def test_refusals_say_what_python_says() -> None:
    own = ("prose", "deep")
    cases = named(*(kind for kind in COMMON if kind not in own))
    cases += [(COMMON[kind].encode(), "my elves.txt", options) for kind, options in OPTIONS]
    for case, page in zip(cases, read_in_node(cases), strict=True):
        python = read_in_python(case)["problem"]
        if case[2].get("encoding") or case[2].get("format") == "table" or case[2].get("column") == "middle":
            assert page["problem"]["status"] == python["status"], case
            continue
        wanted = python and WAYS_OF_TEXTS.sub("", python["detail"])
        assert (page["problem"] and page["problem"]["detail"]) == wanted, case


def test_options_are_obeyed_or_refused() -> None:
    cases = [(COMMON[kind].encode(), "my elves.txt", options) for kind, options in OPTIONS]
    assert agreement(cases)["refused by the page alone"] == 0


def test_options_of_another_kind_or_type_are_refused() -> None:
    options: list[dict[str, Any]] = [
        {"separator": "-"},
        {"column": ["a"]},
        {"lowercase": "xx"},
        {"skip_bad_lines": "yes"},
        {"labels": "some"},
    ]
    for option, page in zip(options, read_in_node([(b"Ana\nBo\n", "", each) for each in options]), strict=True):
        assert next(iter(option)) in page["problem"]["detail"], option


@seed(18)
@settings(max_examples=1, deadline=None, database=None)
@given(st.lists(files(), min_size=400, max_size=400))
def check_files(made: list[tuple[bytes, Any, str]]) -> None:
    old = {encoding for encodings in OLD.values() for encoding in encodings} - {"ascii", "iso2022_jp"}
    forms = [form.split(", ") for _, _, form in made]
    cases: list[Case] = [(data, form[-1], {}) for (data, *_), form in zip(made, forms, strict=True)]
    unicode = [case for case, form in zip(cases, forms, strict=True) if form[2] not in old]
    found = agreement(unicode)
    assert found["refused by the page alone"] <= (1 - SHARE_READ) * len(unicode), found
    agreement([case for case in cases if case not in unicode])


def test_generated_files_are_read_as_python_reads_them_or_refused() -> None:
    check_files()


def test_encodings_are_those_of_python() -> None:
    """Of single bytes: each byte is the same character, or none. Control characters are dropped afterwards."""
    names = ["ascii", "latin-1", "cp437", "cp850", "cp866", "cp874", "koi8-r", "koi8-u", "mac-roman"]
    names += [f"cp125{number}" for number in range(9)] + [
        f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15)
    ]
    tables = in_engine("given.map((name) => tableOfBytes(encodingNamed(name)))", names)
    for name, table in zip(names, tables, strict=True):
        assert table[128:] == [bytes([byte]).decode(name, "replace") for byte in range(128, 256)], name
    assert in_engine("given.map(encodingNamed)", ["UTF_8", "Latin1", "ISO-8859-1", "Shift-JIS", "sjis"]) == [
        *("utf-8-sig", "latin-1", "latin-1", "shift_jis", "shift_jis")
    ]


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]
)
def test_an_encoding_that_is_asked_for_is_obeyed(encoding: str) -> None:
    text = {"big5": "王芳\n李娜\n", "gb18030": "王芳\n李娜\n", "euc_kr": "김철수\n이영희\n"}.get(
        encoding, "カール〜\n太郎\n"
    )
    assert agreement([(text.encode(encoding), "list.txt", {"encoding": encoding})]) == {"read": 1}


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1252", "Jürgen Gänslein Böhmke Süßlein Käthe Rösner Größ Fährmann Hübsch Möwe Prüß Zäunel"),
        ("cp1252", "Åse Bjørk Mørk Kjær Søs Tårn Gry Bærum Åmot Løten Rør Skånland Næs Ørn"),
        ("cp1251", "Вологда Мурманск Елабуга Тобольск Иркутск Чита Дубна Ковров Суздаль Углич Клин Ржев"),
        ("koi8-r", "Вологда Мурманск Елабуга Тобольск Иркутск Чита Дубна Ковров Суздаль Углич Клин Ржев"),
    ],
)
def test_files_of_older_encodings_are_read_where_these_are_sure(encoding: str, names: str) -> None:
    data = names.replace(" ", "\r\n").encode(encoding)
    assert agreement([(data, "list.txt", {})]) == {"read": 1}


def test_a_file_of_an_older_encoding_is_asked_about() -> None:
    (page,) = read_in_node([("Ænima\nØrsted\nHélène\n".encode("cp1252"), "list.txt", {})])
    assert "encoding" in [part.get("option") for part in page["problem"]["parts"]]
    assert page["problem"]["status"] == 400


def test_bytes_that_do_not_decode_are_named_by_their_place_and_line() -> None:
    data = "é\n".encode() * 300 + b"M\xfcl\nBo"
    case: Case = (data, "list.txt", {})
    (page,) = read_in_node([case])
    assert page["problem"]["detail"] == read_in_python(case)["problem"]["detail"]
    assert agreement([(data, "list.txt", {"skip_bad_lines": True})]) == {"read": 1}


def test_large_and_binary_files_are_refused_before_they_are_read() -> None:
    problems = in_engine(
        "given.map(([size, text]) => problemOfFile(size, 'a file', Uint8Array.from(codesOf(text))))",
        [(1000, "Ana\nBo"), (500_000_000, "Ana\nBo"), (4_000, "PK\x03\x04")],
    )
    assert problems[0] is None
    assert "500 MB" in problems[1]["detail"]
    assert "CSV" in problems[2]["detail"]


def test_many_lines_are_refused() -> None:
    problem = in_engine("readList({ text: 'a\\n'.repeat(given) }).problem.detail", 300_000)
    assert "250,000 lines" in problem


def test_html_characters_are_those_of_python() -> None:
    known = in_engine("HTML_CHARACTERS", None)
    assert {name: chr(code) for name, code in known.items()}.items() <= {
        name.removesuffix(";"): sign for name, sign in html.entities.html5.items()
    }.items()
    assert html.entities.name2codepoint.keys() <= known.keys()


def test_text_that_is_pasted_is_read_as_its_bytes_are() -> None:
    answers = in_engine("given.map((text) => readList({ text, name: 'my elves.txt' }))", [*COMMON.values()])
    assert answers == read_in_node(named(*COMMON))


def test_each_name_of_the_scripts_is_made_once() -> None:
    """They share their names: a function of the same name would replace another one."""
    names: Counter[str] = Counter()
    for folder in ("engine", "learning"):
        for file in FOLDER.joinpath(folder).iterdir():
            text = file.read_text(encoding="utf-8")
            names.update(re.findall(r"^(?:async )?(?:function\*?|class) (\w+)", text, re.M))
    assert [name for name, count in names.items() if count > 1] == []


def test_python_knows_all_encodings_by_the_names_that_the_page_takes() -> None:
    for spelling, found in in_engine("[...ENCODINGS].map(([spelling, { name }]) => [spelling, name])", None):
        assert codecs.lookup(found), spelling
