"""Which encoding the bytes of a source have: UTF-8, what a byte order mark or NULs say, or what a detector finds.

The detector is chardet. It compares frequencies of letters, and a short list has few. So its word is taken only if no
other probable encoding reads other letters; otherwise the user decides.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from mangosaurus.core.errors import CorpusError, Option, OptionError, plain
from mangosaurus.core.units import counted

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BINARY = (
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"BZh", "compressed by bzip2"),
    (b"\xfd7zXZ", "compressed by xz"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
)
ESCAPED = (
    ("utf-7", "UTF-7, as its plus signs say", re.compile(rb"\+[A-Za-z0-9+/]{3,}-?")),
    ("hz", "HZ, as its tildes say", re.compile(rb"~\{(?:[!-}][!-~])+~\}")),
)
"""Encodings that write all letters in ASCII, why one is believed in, and what every character beyond ASCII is."""
DOUBTFUL = (b"\0", b"\x1b", b"+", b"~")
"""What may be of another encoding than UTF-8."""
ISO_2022_JP = re.compile(rb"\x1b(\$[@B]|\([JI])")
OF_TWO_SCRIPTS = re.compile("[A-Za-z][\u0370-\u1dff]|[\u0370-\u1dff][A-Za-z]")
"""Letters of two scripts side by side: no reading of a name."""
EASTERN = ("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr")
"""Encodings that are shown as choices if they decode the bytes."""
ENOUGH = 200_000
"""Bytes of lines that the detector looks at."""
LOOKED_AT = 20_000
"""Characters in which the case of letters is looked at."""
FEW = 3
"""The detector is not believed where fewer different lines have letters beyond ASCII."""
TURKISH, ICELANDIC = re.compile("[þðýÞÐÝ]"), re.compile("[áæúÁÆÚ]")
"""What Turkish letters are in cp1252, and letters that Icelandic has and Turkish has not."""
MANY = 8
"""Different bytes beyond ASCII from which other scripts than Latin are told apart."""
SURE = 0.06
"""The least probability, by the detector's own reckoning, of an encoding of another script than Latin."""
USUAL = re.compile("cp(125|93[26]|949|874|866)|iso(8859|2022)|koi8-[ru]|shift_jis|euc|gb|big5|tis")
"""The encodings that are believed in, if their script is not Latin."""
WHOLE = 4
"""Bytes that are not UTF-8 are errors in it if it has this many times as many characters beyond ASCII."""
CLOSE = 0.7
"""An encoding is a rival if its probability is at least this share of the best one's."""


class NotTextError(CorpusError):
    """The bytes of a source are no text, or it is not known in which encoding.

    The first part of its message says what is always possible, the others which options help.
    """


@contextmanager
def without_options() -> Iterator[None]:
    """Where no option of reading can be given, a NotTextError advises none."""
    try:
        yield
    except NotTextError as error:
        raise NotTextError(*error.parts[:1]) from error


@dataclass(frozen=True)
class Found:
    """An encoding, and why."""

    encoding: str
    why: str | None = None
    """None for UTF-8."""


def check_encoding(encoding: str | None) -> None:
    """Raises OptionError for an encoding that Python does not know."""
    if encoding is None:
        return
    try:
        "".encode(encoding)
        codecs.getincrementaldecoder(encoding)
    except (LookupError, ValueError, TypeError):
        message = "{encoding} is {!r}, which is no known encoding; others are cp1252, cp1251, shift_jis and gb18030"
        raise OptionError.of(message, encoding) from None


def plain_utf_8(data: bytes) -> str | None:
    """The text of a source that is UTF-8 beyond doubt, at once; None if `encoding_of` must look at it."""
    if any(sign in data for sign in DOUBTFUL) or data.startswith(tuple(begins for begins, _ in BINARY)):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def encoding_of(
    data: bytes, source: str, asked: str | None = None, skip_bad_lines: bool = False, whole: bool = True
) -> Found:
    """The encoding of `data`: a source, or with `whole` False its beginning.

    Raises CorpusError for what is no text, and for bytes whose encoding cannot be known: it names the choices.
    """
    if asked is not None:
        _check_mark(data, source, asked)
        return Found("utf-8-sig" if codecs.lookup(asked).name == "utf-8" else asked)
    for mark, encoding in MARKS:
        if data.startswith(mark):
            name = encoding.removesuffix("-sig").upper()
            return Found(encoding, None if mark == codecs.BOM_UTF8 else f"{name}, as its byte order mark says")
    for begins, what in BINARY:
        if data.startswith(begins) and (len(begins) > 3 or not _is_utf_8(data, whole)):
            raise NotTextError(f"{source} is {what}, and no text: save what is in it as text, in UTF-8")
    if b"\0" in data:
        wide = _wide(data)
        if wide is not None:
            return Found(wide, f"{wide.upper()}, as its NULs say")
        if data.count(0) * 20 > len(data):
            raise NotTextError(
                f"{source} is no text: it has {counted(data.count(0), 'NUL')}; save it as text",
                ", or name its encoding by ",
                Option("encoding"),
            )
    if _is_utf_8(data, whole):
        if b"\x1b" in data and ISO_2022_JP.search(data):
            return Found("iso2022_jp", "ISO-2022-JP, as its escape sequences say")
        if b"\x1b$)C" in data:
            return Found("iso2022_kr", "ISO-2022-KR, as its escape sequences say")
        return _escaped(data) or Found("utf-8-sig")
    if skip_bad_lines or _mostly_utf_8(data):
        return Found("utf-8-sig")
    return _detected(data, source)


def _check_mark(data: bytes, source: str, asked: str) -> None:
    """Raises OptionError for an encoding that a byte order mark of UTF-16 or UTF-32 contradicts."""
    for mark, encoding in MARKS[1:]:
        if data.startswith(mark) and not codecs.lookup(asked).name.startswith(("utf-16", "utf-32")):
            message = "{encoding} is {!r}, and {} begins with the byte order mark of {}: leave it out"
            raise OptionError.of(message, asked, source, encoding.upper())


def _escaped(data: bytes) -> Found | None:
    """An encoding that writes all letters in ASCII, if these bytes decode in it to letters; None if they do not."""
    for encoding, why, pattern in ESCAPED if data.isascii() else ():
        if pattern.search(data) is None:
            continue
        try:
            beyond = [character for character in data.decode(encoding) if character > "\x7f"]
        except UnicodeError:
            continue
        if beyond and all(unicodedata.category(character)[0] in "LM" for character in beyond):
            return Found(encoding, why)
    return None


def _is_utf_8(data: bytes, whole: bool) -> bool:
    """Whether it is UTF-8; if it is not `whole`, its last character may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, whole)
        return True
    except UnicodeDecodeError:
        return False


def _mostly_utf_8(data: bytes) -> bool:
    """Whether nearly all characters beyond ASCII are whole in UTF-8, or only one line in a hundred has others."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if sum(character > "\x7f" for character in text) - bad >= WHOLE * bad:
        return True
    lines = text.splitlines()
    return len(lines) >= 100 and 100 * sum("\ufffd" in line for line in lines) <= len(lines)


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark, if NULs stand where it has them."""
    at = [data[place::4].count(0) for place in range(4)]
    quarter = len(data) // 4
    if quarter and min(at[2], at[3]) >= 0.9 * quarter and at[0] < 0.1 * quarter:
        return "utf-32-le"
    if quarter and min(at[0], at[1]) >= 0.9 * quarter and at[3] < 0.1 * quarter:
        return "utf-32-be"
    first, second = at[0] + at[2], at[1] + at[3]
    if min(first, second) * 10 > max(first, second):
        return None
    encoding = "utf-16-le" if second > first else "utf-16-be"
    text = data[: len(data) // 2 * 2].decode(encoding, "replace")
    strange = sum(unicodedata.category(c) in ("Cn", "Co", "Cs") or c == "\ufffd" for c in text[:20_000])
    # A byte of a line feed is half of one in UTF-16, or UTF-8 with a few NULs.
    breaks, bytes_of_breaks = text.count("\n") + text.count("\r"), data.count(b"\n") + data.count(b"\r")
    whole = 5 * breaks >= 4 * bytes_of_breaks or not _is_utf_8(data, False)
    return encoding if whole and 50 * strange <= min(len(text), 20_000) else None


def _detected(data: bytes, source: str) -> Found:
    """What the detector finds. Raises CorpusError if other encodings are as probable."""
    lines = data.replace(b"\r", b"\n").split(b"\n")
    odd = [number for number, line in enumerate(lines, start=1) if not line.isascii()]
    different = [line for line in dict.fromkeys(lines) if not line.isascii()]
    sample = b"\n".join(different)
    readings = _readings(sample[:ENOUGH] if len(sample) <= ENOUGH else sample[: sample.rfind(b"\n", 0, ENOUGH)])
    if len(readings) == 1 and _enough(data, different, readings[0]):
        encoding = "cp1252" if readings[0][2] == _read(sample, "cp1252") else readings[0][1]
        return Found(encoding, f"{encoding}, as its letters say (`encoding` to choose)")
    known = {text for _, _, text in readings}
    eastern = [(0.0, name, text) for name in EASTERN if (text := _read(sample[:ENOUGH], name)) and text not in known]
    if not readings or not _latin(readings[0][2]) or _dense(different):
        readings = [*readings[:2], *eastern[: max(1, 3 - len(readings))]]
    raise bad_byte(source, "UTF-8", *_first_bad_byte(data), len(odd) - 1, _choices(readings))


def _enough(data: bytes, different: Sequence[bytes], reading: tuple[float, str, str]) -> bool:
    """Whether the detector has seen enough to be believed; `different` are the lines beyond ASCII."""
    confidence, encoding, text = reading
    if len(different) < FEW and sum(map(len, different)) <= 100:
        return False
    if _latin(text) and _dense(different):
        return False
    if _latin(text):  # then no character may be whole in UTF-8 by chance
        return re.search("[^\x00-\x7f\ufffd]", data.decode("utf-8", "replace")) is None
    many = len({byte for line in different for byte in line if byte > 127}) >= MANY
    return many and confidence >= SURE and USUAL.match(encoding) is not None


def _dense(lines: Sequence[bytes]) -> bool:
    """Whether half of the letters of these lines are beyond ASCII, which Latin letters hardly are."""
    joined = b"".join(lines[:LOOKED_AT])
    beyond = sum(byte > 127 for byte in joined)
    return beyond > 0 and beyond >= len(re.findall(b"[A-Za-z]", joined))


def _choices(readings: Sequence[tuple[float, str, str]]) -> str:
    """Up to three encodings, with a line that they read differently."""
    if not readings:
        return ""
    shown = [(encoding, text.split("\n")) for _, encoding, text in readings[:3]]
    rows = min(len(lines) for _, lines in shown)
    place = next((row for row in range(rows) if len({lines[row] for _, lines in shown}) == len(shown)), 0)
    return "it may be " + " or ".join(f"{encoding} ({plain(lines[place].strip(), 30)})" for encoding, lines in shown)


def _first_bad_byte(data: bytes) -> tuple[int, int, int]:
    """The first byte that is not UTF-8, its place, and its line."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data[error.start], error.start, data.count(b"\n", 0, error.start) + 1
    raise AssertionError("it is UTF-8")


def bad_byte(
    source: str, encoding: str, byte: int, place: int, line: int, more: int = 0, choices: str = ""
) -> NotTextError:
    """The error for a byte that does not decode, in one line and as many `more`; `choices` says what it may be."""
    others = f", nor do bytes in {counted(more, 'more line')}" if more else ""
    return NotTextError(
        f"{source} is not {encoding}: the byte 0x{byte:02x} at position {place:,}, in line {line:,}, does not "
        f"decode{others}; {choices + ': ' if choices else ''}save it as UTF-8",
        ", or name its encoding by ",
        Option("encoding"),
        ", or leave such lines out by ",
        Option("skip_bad_lines"),
    )


def _readings(sample: bytes) -> list[tuple[float, str, str]]:
    """The probable encodings whose readings of the sample differ, the most probable first: with what each reads."""
    from chardet import detect_all

    found: list[tuple[float, str, str]] = []
    for each in detect_all(sample, ignore_threshold=True):
        name = each["encoding"]
        text = None if name is None else _read(sample, name)
        if name is not None and text is not None:  # chardet knows what no codec does
            found.append((float(each["confidence"]), codecs.lookup(name).name, text))
    if not found:
        return []
    best = found[0][0]
    kept = [each for each in found if each[0] >= CLOSE * best]
    if _latin(found[0][2]):  # the detector is not sure of these: see the tests
        modern = found[0][1].startswith(("cp125", "iso8859"))
        for name in ("cp1252",) if modern else ("cp1252", "cp850", "mac-roman"):
            text = _read(sample, name)
            kept += [] if text is None else [(0.0, name, text)]
        if TURKISH.search(found[0][2]) and not ICELANDIC.search(found[0][2]):
            text = _read(sample, "cp1254")
            kept += [] if text is None else [(0.0, "cp1254", text)]
    texts: dict[str, tuple[float, str, str]] = {}
    for one in kept:
        first = texts.setdefault(one[2], one)
        if one[1] == "cp1252":  # the usual name of what others read alike
            texts[one[2]] = first[0], "cp1252", first[2]
    return list(texts.values())


def _read(sample: bytes, encoding: str) -> str | None:
    """What an encoding reads, if it keeps ASCII and finds letters and punctuation in all else."""
    try:
        if bytes(range(32, 127)).decode(encoding) != bytes(range(32, 127)).decode("ascii"):
            return None
        text = sample.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None
    beyond = {character for character in text if character > "\x7f"}
    usual = all(unicodedata.category(character)[0] in "LMPZ" or character == "\u00ad" for character in beyond)
    return text if usual and not OF_TWO_SCRIPTS.search(text) and _usual_case(text[:LOOKED_AT]) else None


def _usual_case(text: str) -> bool:
    """Whether few words beyond ASCII have a capital after a small letter."""
    odd = sum(a.islower() and b.isupper() and b > "\x7f" for a, b in pairwise(text))
    return 4 * odd <= sum(not word.isascii() for word in text.split())


def _latin(text: str) -> bool:
    """Whether the letters beyond ASCII are Latin ones."""
    return all(ord(character) < 0x250 for character in text if character.isalpha())
