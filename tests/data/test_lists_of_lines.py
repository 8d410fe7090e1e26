"""Lists as people paste them, one input and one outcome each: the names as meant, or one line that names a way out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mangosaurus
from mangosaurus.api.like import names_of
from mangosaurus.core.errors import CorpusError, MangosaurusError, OptionError
from mangosaurus.data.corpus import Advice
from mangosaurus.data.read import corpus_from, preview
from mangosaurus.data.reading import Reading

ACCENTS = ("Ánel", "Brùn", "Céodor", "Dîl", "Élmo", "Fërn")


def misread(text: str, encoding: str) -> str:
    return text.encode().decode(encoding)


READ: list[tuple[str, tuple[str, ...], str]] = [
    ("Ana, Bu, Co\nDi, Ed, Fay\nGo, Hu\n", ("Ana", "Bu", "Co", "Di", "Ed", "Fay", "Go", "Hu"), "8 names in 3 lines"),
    ("Here are the names:\nAna, Bu, Co\n", ("Ana", "Bu", "Co"), "left out 1 line ('Here are the names:')"),
    ("Sure, here are names that you asked for: Ana, Bu\n", ("Ana", "Bu"), "at the beginning left out"),
    (
        "Here are some:\n\n- Ana\n- Bu\n\nDo you want more of them?\n",
        ("Ana", "Bu"),
        "a bulleted list; left out 2 lines",
    ),
    ("Some names:\nAna\nBu\nCo\n\nI hope you like them!\n", ("Ana", "Bu", "Co"), "left out 2 lines"),
    ("Elves:\nAna\nBu\nCo\nOrcs:\nDi\nEd\nFay\n", ("Ana", "Bu", "Co", "Di", "Ed", "Fay"), "('Elves:', 'Orcs:')"),
    ("Ana, Bu, Co\n\nLet me know more!\n", ("Ana", "Bu", "Co"), "left out 1 line"),
    (
        "1. **Ana** – the brave\n2. **Bu:** small\n",
        ("Ana", "Bu"),
        "left out what follows such names ('– the brave', …)",
    ),
    *(
        (f"{one}Ana\n{two}Bu\n{three}Co\n", ("Ana", "Bu", "Co"), f"a {kind} list")
        for kind, one, two, three in [
            *(("bulleted", bullet, bullet, bullet) for bullet in ("・", "→ ", "> ", "★", "✅ ", "❖ ", "+ ", "-- ")),
            ("bulleted", "✓ ", "✗ ", "✓ "),
            ("numbered", "a) ", "b) ", "c) "),
            ("numbered", "А. ", "Б. ", "В. "),
            ("numbered", "I. ", "II. ", "III. "),
            ("numbered", "(i) ", "(ii) ", "(iii) "),
            ("numbered", "①", "②", "③"),
            ("numbered", "１．", "２．", "３．"),
            ("numbered", "1、", "2、", "3、"),
            ("numbered", "#1 ", "#2 ", "#3 "),
            ("numbered", "1\ufe0f\u20e3 ", "2\ufe0f\u20e3 ", "3\ufe0f\u20e3 "),
            ("numbered", "3. ", "2. ", "1. "),
            ("numbered", "7) ", "8) ", "9) "),
        ]
    ),
    ("[“Ana”, “Bu”]\n", ("Ana", "Bu"), ""),
    ("(“Ana”, “Bu”)\n", ("Ana", "Bu"), ""),
    ('names <- c("Ana", "Bu")\n', ("Ana", "Bu"), ""),
    ("(Ana, Bu, Co)\n", ("Ana", "Bu", "Co"), "3 names in brackets"),
    ("「Ana」、「Bu」\n", ("Ana", "Bu"), "2 names in one line"),
    ("«Ana»; «Bu»; «Co»\n", ("Ana", "Bu", "Co"), "parted by semicolons"),
    ("“Ana”\n“Bu”\n", ("Ana", "Bu"), "quotes around names"),
    ("2,4-ana\n1,3,5-buan\nN,N-coan\n", ("2,4-ana", "1,3,5-buan", "N,N-coan"), ""),
    ("2,4-ana; 1,2-buan; N,N-coan\n", ("2,4-ana", "1,2-buan", "N,N-coan"), "parted by semicolons"),
    ("Ana; Bu, Jr.; Co\n", ("Ana", "Bu, Jr.", "Co"), "parted by semicolons"),
    ("elf: Ana, Bu\n", ("Ana", "Bu"), "'elf' at the beginning left out"),
    ("\n".join(misread(name, "latin-1") for name in ACCENTS), ACCENTS, "read as latin-1 and saved again, such as"),
    ("\n".join(misread(name, "mac-roman") for name in ACCENTS), ACCENTS, "read as mac-roman"),
    ("\n".join(misread(name, "cp437") for name in ACCENTS), ACCENTS, "read as cp437"),
    (misread("Анна\nБорис\nВера\n", "cp1251"), ("Анна", "Борис", "Вера"), "read as cp1251"),
    (misread(misread("Zoé\nAna\n", "cp1252"), "cp1252"), ("Zoé", "Ana"), "read as cp1252"),
    (json.dumps([misread(name, "latin-1") for name in ACCENTS]), ACCENTS, "read as latin-1"),
    ("60 62 64\n65 67 69\n60 64 67\n", ("60 62 64", "65 67 69", "60 64 67"), "`separator` makes each a symbol"),
    ("1. FC Ana\n1. FC Bu\nSV Co\n", ("1. FC Ana", "1. FC Bu", "SV Co"), ""),
    ("A. Smith\nB. Jones\nR. Brown\n", ("A. Smith", "B. Jones", "R. Brown"), ""),
    ("John 3:16\nMark 4:2\nLuke 9:1\n", ("John 3:16", "Mark 4:2", "Luke 9:1"), ""),
    ("🐶 Rex\n🐱 Tom\n🐭 Jim\n", ("🐶 Rex", "🐱 Tom", "🐭 Jim"), ""),
    ('["Ana","  ","Bu"]', ("Ana", "Bu"), "a list in JSON"),
    ("O&#39;Co &amp; Di\nBu\nZo&euml;\n", ("O'Co & Di", "Bu", "Zoë"), "3 characters written as in HTML"),
    ('["Zo&euml;", "&quot;Bu&quot;"]', ("Zoë", '"Bu"'), "3 characters written as in HTML"),
    ("Ana[1]\nBu[note 2]\nCo\n", ("Ana", "Bu", "Co"), "marks of footnotes at the end of 2 lines"),
    *((f"{mark} mine\nAna\nBu\nCo\n", ("Ana", "Bu", "Co"), "1 comment line") for mark in (";", "--", "%")),
    ("/* mine */\nAna\nBu\n", ("Ana", "Bu"), "1 comment line"),
    (
        "Anastasia\nBu # bigger\nF # sharp\n",
        ("Anastasia", "Bu # bigger", "F # sharp"),
        "what follows # or // is learnt in 2 lines",
    ),
    ("Ana\nBu\n---\nCo\n", ("Ana", "Bu", "Co"), "left out 1 line ('---'), which has no letter or digit"),
    ("```\nAna\nBu\nCo\n```\n", ("Ana", "Bu", "Co"), "left out 2 lines"),
    ("=== A ===\nAna\nBu\nCo\n", ("Ana", "Bu", "Co"), "as headings"),
    ('"Kay, Ana", "Lee, Bu"\n', ("Kay, Ana", "Lee, Bu"), "2 names in one line"),
    ('(defvar names \'("Ana" "Bu"))\n', ("Ana", "Bu"), "a list of strings in a program"),
    ("my @names = qw(Ana Bu);\n", ("Ana", "Bu"), "a list of strings in a program"),
    ("names: [Ana, Bu, Co]\n", ("Ana", "Bu", "Co"), "3 names in brackets; 'names' at the beginning left out"),
    ('[ // mine\n"Ana",\n"Bu"\n]\n', ("Ana", "Bu"), ""),
    *((f"{bullet}Ana\n{bullet}Bu\n{bullet}Co\n", ("Ana", "Bu", "Co"), "a bulleted") for bullet in ("-", "*", "o ")),
    ("No. 1 Ana\nNo. 2 Bu\nNo. 3 Co\n", ("Ana", "Bu", "Co"), "a numbered list"),
    ("\x1b[31mAna\x1b[0m\nBu\n", ("Ana", "Bu"), "2 colours or other commands of a terminal"),
    ("🐶🐶🐶\n♥♥♥\nAna\nBu\nCo\n", ("🐶🐶🐶", "♥♥♥", "Ana", "Bu", "Co"), ""),
    ("-ment\n-tion\n-ing\n", ("-ment", "-tion", "-ing"), ""),
    ("C++\nA+B-\nC+ABC-\n", ("C++", "A+B-", "C+ABC-"), ""),
]


@pytest.mark.parametrize(("content", "names", "said"), READ)
def test_it_is_read_as_meant(content: str, names: tuple[str, ...], said: str) -> None:
    found = preview(content.encode(), "a file")
    assert found.corpus is not None, found.problem
    assert (found.corpus.kind, found.corpus.documents) == ("names", names)
    assert said in "; ".join(found.notes)


REFUSED: list[tuple[str, str]] = [
    ("Ana, Bu\nCo, Di, Ed\nFay, Go\n", "not clear whether they part names.*format='names'.*format='text'"),
    ("Ana, Bu\n", "not clear whether it is a list: part it by records=','.*format='names'.*format='text'"),
    ("Ana / Bu / Co / Di\n", "part it by records='/'"),
    ("Ana Bu Co Di Ed Fay\n", "part it by records=' '"),
    ("old pond, still\nfrog leaps, splash\nwater, silence\n", "format='text'"),
    ("Ana:3\nBu:4\nCo:9\n", "'Ana:3': learn the names without it by column=1.*weight_column=2.*format='names'"),
    *(
        (f"{one}\n{two}\n{one}\n", "learn the names without it by column=1.*weight_column=2.*format='names'")
        for one, two in [("Ana - 3", "Bu - 4"), ("Ana (3)", "Bu (4)"), ("Ana x3", "Bu x4")]
    ),
    ("Ana\t1990\nBu\t1985\nCo\t2001\n", "whether it is a year.*column=1.*weight_column=2"),
    ("Ana\\nBu\\nCo", r"part it by records='\\\\n'"),
    (">s1\nACGT\n>s2\nAGGT\n", "sequences in FASTA.*format='names'"),
    ("[a]\nname=Ana\n[b]\nname=Bu\n", "INI files.*format='names'"),
    ('"a" = "Ana";\n"b" = "Bu";\n', "keys and strings of a program.*format='names'"),
    ("H\ufffdl\ufffdne\nAna\n", "2 signs U\\+FFFD, as in 'H\ufffdl\ufffdne'.*skip_bad_lines.*format='names'"),
    ("\n".join([*ACCENTS, *(misread(name, "latin-1") for name in ACCENTS)]), "latin-1 and saved again.*format='text'"),
]


@pytest.mark.parametrize(("content", "error"), REFUSED)
def test_it_is_refused_in_one_line(content: str, error: str) -> None:
    with pytest.raises(CorpusError, match=error) as raised:
        corpus_from(content.encode(), "a file")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        "Alas, poor Yorick, I knew him, Horatio, a fellow of infinite jest.\n",
        "Red, green, blue, and all the colours of the rainbow, are here.\n",
        "ANA:\nTo be here, or not to be here, that is the question.\nBU:\nIt is a good question, and nobody answers.\n",
        "It was “good”, said the man, and went to É’s house, where nobody was.\n" * 3,
    ],
)
def test_prose_stays_prose(content: str) -> None:
    corpus = corpus_from(content.encode(), "a file")
    assert (corpus.kind, corpus.documents) == ("text", (content,))


def test_what_is_asked_for_is_not_mended() -> None:
    wrong = "\n".join(misread(name, "latin-1") for name in ACCENTS).encode()
    assert corpus_from(wrong, "a file", Reading(format="names")).documents != ACCENTS
    assert corpus_from("A\ufffd\nBu\n".encode(), "a file", Reading(format="names")).documents == ("A\ufffd", "Bu")
    assert corpus_from("A\ufffd\nBu\n".encode(), "a file", Reading(skip_bad_lines=True)).documents == ("Bu",)
    with pytest.raises(OptionError, match="encoding is 'latin-1', and a file is UTF-8: leave it out"):
        corpus_from("\n".join(ACCENTS).encode(), "a file", Reading(encoding="latin-1"))


@pytest.mark.parametrize(("encoding", "text"), [("utf-7", "Hélène\nAndré\nBu\n"), ("hz", "张伟\n王芳\nBu\n")])
def test_encodings_in_ascii(encoding: str, text: str) -> None:
    corpus = corpus_from(text.encode(encoding), "a file")
    assert corpus.documents == tuple(text.split())
    assert "signs say" in corpus.notes[0] or "tildes say" in corpus.notes[0]


def test_the_usual_name_of_an_encoding_is_among_the_choices() -> None:
    with pytest.raises(CorpusError, match=r"it may be .*cp1252 \(Hélène\)"):
        corpus_from("Hélène\nAna\nBu\n".encode("cp1252"), "a file")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("['Ana', 'Bu']", ("Ana", "Bu")),
        ('["Ana", "Bu", "Co"]', ("Ana", "Bu", "Co")),
        ("- Ana\n- Bu", ("Ana", "Bu")),
        ("1. Ana\n2. Bu", ("Ana", "Bu")),
        ("“Ana”, “Bu”", ("Ana", "Bu")),
        ("Ana\tBu", ("Ana", "Bu")),
        ("Ana, Bu\nCo, Di", ("Ana", "Bu", "Co", "Di")),
        ("name,n\nAna,3\nBu,4", ("Ana", "Bu")),
        ("2,4-ana, benzene", ("2,4-ana", "benzene")),
        ("Ana | Bu | Co", ("Ana", "Bu", "Co")),
        ("Names: Ana, Bu and Co", ("Ana", "Bu", "Co")),
        ("Salt and Bu, Ana", ("Salt and Bu", "Ana")),
        ("Ana (f), O'Bu, R2-D2", ("Ana (f)", "O'Bu", "R2-D2")),
    ],
)
def test_what_is_typed_is_read_as_a_file_is(typed: str, names: tuple[str, ...]) -> None:
    assert names_of(typed).documents == names


def test_what_advice_on_counts_says_works() -> None:
    for content in (b"Ana - 3\nBu - 4\nCo - 9\n", b"Ana (3)\nBu (4)\nCo (9)\n", b"Ana x3\nBu x4\nCo x9\n"):
        assert corpus_from(content, "a file", Reading(column="1")).documents == ("Ana", "Bu", "Co")
        counted = corpus_from(content, "a file", Reading(weight_column="2"))
        assert (counted.documents, counted.weights) == (("Ana", "Bu", "Co"), (3, 4, 9))


def test_short_lines_that_are_taken_for_a_text_are_told() -> None:
    told = "a file: taken for one text (`format` 'names' takes each line for a name)"
    assert corpus_from(b"Oh!\nHo hum!\nAha!\n", "a file").notes == (told,)
    assert corpus_from(b"Oh!\nHo hum!\nAha!\n", "a file", kind="text").notes == ()


def test_encodings_of_few_lines() -> None:
    for names, encoding, shown in (
        ("Ayşe\nÇağla\nOğuz\nİpek\n", "cp1254", r"cp1254 \("),
        ("カール\nアンナ\n", "euc_jp", r"euc_jp \("),
        ("カール\nアンナ\n", "shift_jis", r"cp932 \("),
    ):
        with pytest.raises(CorpusError, match=shown):
            corpus_from(names.encode(encoding), "a file")
    assert corpus_from("김철수\n이영희\n".encode("iso2022_kr"), "a file").documents == ("김철수", "이영희")
    with pytest.raises(OptionError, match="byte order mark of UTF-16: leave it out"):
        corpus_from("Ana\n".encode("utf-16"), "a file", Reading(encoding="cp1252"))


def test_what_is_typed_and_not_clear_is_refused() -> None:
    assert names_of("given,n\nAna,3\nBu,4", column="given").documents == ("Ana", "Bu")
    for names, column, error in (
        ("Ana, Bu", "given", "no column 'given'"),
        (["Ana\nBu"], None, "the name number 1 has a line break in it"),
        (["Ana", "Bu\tf"], None, "the name number 2 has a TAB in it"),
        ("['Ana', 'Bu'", None, "looks like JSON"),
    ):
        with pytest.raises(MangosaurusError, match=error):
            names_of(names, column)
    with pytest.raises(CorpusError, match=r"the name number 2 of the list has a TAB.*labels or weights.*separator"):
        mangosaurus.fit(["Ana", "Bu\tf"], budget=0)
    assert mangosaurus.fit(["C4\tE4", "E4\tC4"], separator="\t", budget=0).vocabulary.characters == ("C4", "E4")


def test_advice_on_a_separator_is_a_note_of_its_own() -> None:
    corpus = corpus_from(b"k o t\np i s\nt o m a\n", "`separator`.txt")
    assert [type(note) for note in corpus.notes] == [Advice]
    named = corpus_from(b"- k o t\n- p i s\n", "`separator`.txt")
    assert mangosaurus.fit(named, separator=" ", budget=0).training["read"] == [*named.notes]
    assert "read" not in mangosaurus.fit(corpus, separator=" ", budget=0).training


def test_standard_input_is_read_once() -> None:
    with pytest.raises(CorpusError, match=r"standard input .* is given twice"):
        mangosaurus.read_corpus(["-", "-"])


def test_damage_in_a_large_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = tmp_path / "large.txt"
    path.write_text("B\ufffdu\nAna\nCo\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="1 sign U"):
        mangosaurus.read_corpus(path, quiet=True, encoded_from=1)
    path.write_text("Ana\nBrun\nB\ufffdu\n", encoding="utf-8")
    # The last line is below what is looked at.
    told = mangosaurus.read_corpus(path, quiet=True, encoded_from=1).notes
    assert told[-1].endswith("U+FFFD, where characters were lost, is learnt")
    kept = mangosaurus.read_corpus(path, quiet=True, encoded_from=1, skip_bad_lines=True)
    assert (len(kept.documents), kept.distinct) == (2, 6)
