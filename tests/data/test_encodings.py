"""Encodings: the bytes of a file are read in the encoding that they have, or the choices are named."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mangosaurus.core.errors import CorpusError, OptionError
from mangosaurus.data.decoding import Decoding, clean_pieces
from mangosaurus.data.encodings import encoding_of
from mangosaurus.data.read import corpus_from, preview, read_corpus

LISTS = {
    "fr": "François Hélène Éloïse Jérôme André Zoé Noël Agnès Benoît Gaël Raphaël Chloé Théo Inès Anaïs Irène",
    "de": "Müller Schäfer Köhler Jäger Groß Weiß Böhm Krüger Schröder Strauß Günther Bäcker Löwe Fröhlich Höfer",
    "es": "José María Ángel Íñigo Begoña Andrés Inés Raúl Martín Sofía Lucía Joaquín Óscar Álvaro Núria Ramón",
    "cs": "Jiří Tomáš Lukáš Ondřej Šárka Žaneta Věra Zdeněk Růžena Kateřina Matěj Vojtěch Štěpán Řehoř Božena",
    "pl": "Łukasz Paweł Michał Wałęsa Żółć Kraków Gdańsk Poznań Łódź Wrocław Świnoujście Rzeszów Częstochowa",
    "ru": "Москва Казань Тверь Рязань Калуга Псков Вологда Самара Саратов Пермь Уфа Омск Томск Иркутск Чита",
    "el": "Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Λάρισα Βόλος Ιωάννινα Χανιά Ρόδος Καβάλα Σέρρες Ξάνθη Κατερίνη",
    "he": "אברהם יצחק יעקב משה אהרן דוד שלמה יוסף בנימין ראובן שמעון לוי יהודה דן נפתלי גד אשר",
    "ar": "محمد أحمد علي حسن حسين فاطمة عائشة زينب خديجة مريم يوسف إبراهيم موسى عيسى",
    "ja": "東京 大阪 名古屋 横浜 札幌 福岡 京都 神戸 さくら はなこ タロウ ケンジ アキラ 仙台 広島",
    "ko": "서울 부산 대구 인천 광주 대전 울산 수원 창원 고양 용인 성남 민준 서연 지훈",
    "th": "กรุงเทพ เชียงใหม่ ภูเก็ต ขอนแก่น อุดรธานี นครราชสีมา สมชาย สมหญิง",
}
SURE = (
    ("de", "cp1252"),
    *(("ru", encoding) for encoding in ("cp1251", "koi8-r", "iso8859-5", "cp866")),
    *(("el", encoding) for encoding in ("cp1253", "iso8859-7")),
    *(("he", "cp1255"), ("ar", "cp1256"), ("ja", "shift_jis"), ("ja", "iso2022_jp"), ("ko", "euc-kr"), ("th", "cp874")),
)
MAYBE = (
    *((language, "cp1252") for language in ("fr", "es")),
    *(("fr", encoding) for encoding in ("mac_roman", "cp850")),
    *((language, encoding) for language in ("cs", "pl") for encoding in ("cp1250", "iso8859-2")),
    ("ja", "euc-jp"),
)


@pytest.mark.parametrize(("language", "encoding"), [*SURE, *MAYBE])
@pytest.mark.parametrize("count", [1, 3, 20])
def test_a_list_in_an_old_encoding_is_read_as_meant_or_refused(
    language: str, encoding: str, count: int, tmp_path: Path
) -> None:
    names = LISTS[language].split()[:count]
    (tmp_path / "n.txt").write_bytes("\n".join(names).encode(encoding))
    found = preview((tmp_path / "n.txt").read_bytes(), "n.txt")
    if found.corpus is not None:
        assert found.corpus.documents == tuple(names)
        assert "read as " in found.notes[0]
    else:
        assert count < 20 or (language, encoding) in MAYBE
        assert "is not UTF-8: the byte 0x" in str(found.problem)
        assert "name its encoding by encoding" in str(found.problem)
    read = read_corpus(tmp_path / "n.txt", encoding=encoding)
    assert (read.documents, read.notes) == (tuple(names), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
@pytest.mark.parametrize("language", ["de", "ru", "ja", "ar"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_unicode_is_read_with_and_without_a_byte_order_mark(
    encoding: str, language: str, ends: str, tmp_path: Path
) -> None:
    names = LISTS[language].split()
    (tmp_path / "n.txt").write_bytes(ends.join(names).encode(encoding))
    read = read_corpus(tmp_path / "n.txt")
    assert read.documents == tuple(names)
    assert len(read.notes) == (0 if encoding.startswith("utf-8") else 1)


def test_bad_lines_are_named_and_can_be_left_out(tmp_path: Path) -> None:
    lines = [b"Zo\xc3\xab", b"Ana", b"B\xffu", b"Co", b"D\xc3", b"Di"]
    (tmp_path / "n.txt").write_bytes(b"\n".join(lines))
    with pytest.raises(
        CorpusError, match=r"the byte 0xff at position 10, in line 3, .*leave such lines out by skip_bad"
    ):
        read_corpus(tmp_path / "n.txt")
    read = read_corpus(tmp_path / "n.txt", skip_bad_lines=True)
    assert read.documents == ("Zoë", "Ana", "Co", "Di")
    assert read.notes[0].endswith("2 lines that do not decode were left out: 3, 5")
    for size in (1, 3, 50):
        decoding = Decoding(skip_bad_lines=True)
        pieces = clean_pieces(io.BytesIO(b"\n".join(lines)).read, "a file", False, size, decoding)
        assert "".join(pieces).split() == [*read.documents]
        assert decoding.bad_lines == [3, 5]
    with pytest.raises(CorpusError, match="is not ascii: the byte 0xc3 at position 2, in line 1"):
        read_corpus(tmp_path / "n.txt", encoding="ascii")


@pytest.mark.parametrize("encoding", ["what", "", "rot13", "base64", "utf-8\0"])
def test_an_encoding_that_does_not_exist(encoding: str) -> None:
    with pytest.raises(OptionError, match="which is no known encoding"):
        read_corpus([], encoding=encoding)


def test_one_bad_line_of_many_is_no_reason_to_guess() -> None:
    data = b"".join(b"name%d\n" % number for number in range(200))
    assert encoding_of(data + b"na\xefve\n", "x").why is None
    assert encoding_of(b"caf\xc3\xa9\n" * 9 + b"\xff\n", "x").why is None
    with pytest.raises(CorpusError, match="it may be cp1252"):
        encoding_of(b"Andr\xe9\nZo\xe9\n", "x")


def test_invisible_characters_are_folded_or_left_out_and_counted(tmp_path: Path) -> None:
    lines = ["San\u00a0Ana", "Bu\u200b", "C\u00ado", "D\u0000i\u0007", "E\ufeffve", "\u202dFay\u202c", "Gu\u200cs"]
    kept = ["می\u200cخواهم", "क्\u200dष", "👩\u200d🌾"]
    (tmp_path / "n.txt").write_text("\ufeff" + "\n".join([*lines, *kept]), encoding="utf-8")
    read = read_corpus(tmp_path / "n.txt", "names")
    assert read.documents == ("San Ana", "Bu", "Co", "Di", "Eve", "Fay", "Gus", *kept)
    note = read.notes[0].split("left out: ")[1]
    assert note == (
        "1 no-break space, 2 control characters, 1 soft hyphen, 1 zero-width space, 1 byte order mark, "
        "2 marks of direction, 1 zero-width joiner"
    )
    assert read_corpus(tmp_path / "n.txt", "text").documents == ("\n".join(read.documents),)


def test_invisible_characters_that_html_names_in_json_are_folded_too() -> None:
    read = corpus_from(b'["San&nbsp;Ana", "C&shy;o", "Bu"]', "n.json")
    assert read.documents == ("San Ana", "Co", "Bu")
    assert [note.split(": ")[1].split(",")[0] for note in read.notes[1:]] == [
        "2 characters written as in HTML",
        "invisible characters were folded or left out",
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "punycode"])
@pytest.mark.parametrize("skip", [False, True])
def test_an_encoding_that_cannot_be(encoding: str, skip: bool, tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_bytes(b"Anna\nBo\nCy\n")
    with pytest.raises(CorpusError, match=f"n.txt is not {encoding}: "):
        read_corpus(tmp_path / "n.txt", encoding=encoding, skip_bad_lines=skip)
