"""Files made by a generator: formats, encodings, scripts, line ends, sizes; with what each means."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import strategies as st

from mangosaurus.core.vocabulary import normalize

SYLLABLES = {
    "latin": ["ka", "lo", "mi", "ren", "tas", "vo", "el", "ur", "dan", "shi"],
    "accents": ["ká", "lö", "mí", "rén", "tâs", "vø", "él", "ür", "dañ", "sî"],
    "cyrillic": ["ка", "ло", "ми", "рен", "тас", "во", "эл", "ур", "дан", "ши"],
    "greek": ["κα", "λο", "μι", "ρεν", "τας", "βο", "ελ", "υρ", "δαν", "σι"],
    "hebrew": ["קא", "לו", "מי", "רנ", "תס", "וו", "אל", "אור", "דנ", "שי"],
    "arabic": ["كا", "لو", "مي", "رن", "تس", "فو", "ال", "ور", "دن", "شي"],
    "kana": ["カ", "ロ", "ミ", "レン", "タス", "ボ", "エル", "ウル", "ダン", "シ"],
    "devanagari": ["का", "लो", "मी", "रेन", "तस", "वो", "एल", "उर", "दन", "शी"],
    "emoji": ["👩\u200d🌾", "🐶", "🇩🇪", "❤️", "🏳️\u200d🌈", "🐱", "🌾", "🎸", "🐙", "🚀"],
}
CASED = ("latin", "accents", "cyrillic", "greek")
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
OLD = {
    "latin": ("ascii",),
    "accents": ("cp1252", "iso8859-15", "cp850", "mac_roman"),
    "cyrillic": ("cp1251", "koi8-r", "cp866", "iso8859-5"),
    "greek": ("cp1253", "iso8859-7"),
    "hebrew": ("cp1255",),
    "arabic": ("cp1256",),
    "kana": ("shift_jis", "euc-jp", "iso2022_jp"),
}
FORMS = (
    *("plain", "plain", "blank", "bullets", "numbers", "comments", "commas", "semicolons", "wrapped", "quoted", "json"),
    *("json-lines", "objects", "labels-json", "counts", "labels", "csv", "semicolon-table", "tab-table", "headerless"),
    *("markdown", "namesbase", "python", "drawn", "aligned", "titled", "decimals", "one-column", "ragged", "equals"),
    *("program", "commented-json", "json-columns", "json-inside", "label-lines", "labels-header"),
    *("uneven", "signs", "letters", "introduced", "answer", "curly"),
)
Lists = tuple[list[str], list[str] | None, list[int] | None]
"""Names, and their labels and weights."""


def table(names: Sequence[str], numbers: Sequence[int], delimiter: str, header: bool, quoted: bool) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    if header:
        writer.writerow(["size", "name"])
    writer.writerows([f"{number}.5", name] for name, number in zip(names, numbers, strict=True))
    return written.getvalue().replace("\r\n", "\n")


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, Lists, str]:
    """The bytes of a file, what it means, and its form."""
    script = draw(st.sampled_from([*SYLLABLES]))
    count = draw(st.sampled_from([3, 5, 12, 60]))
    syllable = st.sampled_from(SYLLABLES[script])
    name = st.lists(syllable, min_size=2, max_size=4).map("".join)
    if script in CASED:
        name = name.map(str.title)
    names = draw(st.lists(name, min_size=count, max_size=count, unique=True))
    names = [normalize(each) for each in names]
    numbers = [(7 * place + 3) % 11 + 2 for place in range(count)]
    form = draw(st.sampled_from(FORMS))
    meant: Lists = (names, None, None)
    quoted = draw(st.booleans())
    match form:
        case "plain":
            text = "\n".join(names)
        case "blank":
            text = "\n\n".join(f"  {each} " for each in names)
        case "bullets":
            text = "\n".join(f"{draw(st.sampled_from('-*•'))} {each}" for each in names)
        case "numbers":
            text = "\n".join(f"{number}. {each}" for number, each in enumerate(names, start=1))
        case "comments":
            text = "# a list\n" + "\n".join(names) + "\n# its end"
        case "commas" | "semicolons":
            text = (", " if form == "commas" else ";").join(names)
        case "wrapped":
            rows = [", ".join(names[first : first + 5]) for first in range(0, count, 5)]
            text = ",\n".join(rows)
        case "quoted":
            text = "\n".join(f'"{each}",' for each in names)
        case "json":
            text = json.dumps(names, ensure_ascii=quoted, indent=draw(st.sampled_from([None, 2])))
        case "json-lines":
            text = "\n".join(json.dumps({"id": n, "name": each}, ensure_ascii=False) for n, each in enumerate(names))
        case "objects":
            text = json.dumps([{"name": each, "n": 1.5} for each in names])
        case "labels-json":
            text = json.dumps({"a": names[:2], "b": names[2:]}, ensure_ascii=False)
            meant = names, ["a"] * 2 + ["b"] * (count - 2), None
        case "counts":
            text = "\n".join(f"{each}\t{number}" for each, number in zip(names, numbers, strict=True))
            meant = names, None, numbers
        case "labels":
            labels = ["elf" if place % 2 else "orc" for place in range(count)]
            text = "\n".join(f"{each}\t{label}" for each, label in zip(names, labels, strict=True))
            meant = names, labels, None
        case "csv" | "semicolon-table" | "tab-table" | "headerless":
            delimiter = {"semicolon-table": ";", "tab-table": "\t"}.get(form, ",")
            text = table(names, numbers, delimiter, form != "headerless", quoted)
        case "markdown":
            text = "| name | size |\n|---|---|\n" + "\n".join(f"| {each} | 2.5 |" for each in names)
        case "uneven":
            places = [0, *sorted({*range(5, count, 9), *range(9, count, 9)}), count]
            text = "\n".join(", ".join(names[first:end]) for first, end in pairwise(places))
        case "signs":
            sign = draw(st.sampled_from("→✓★❖▶"))
            text = "\n".join(f"{sign} {each}" for each in names)
        case "letters":
            text = "\n".join(f"{chr(97 + place % 20)}) {each}" for place, each in enumerate(names))
        case "introduced":
            text = "Here are the names:\n" + "\n".join(names)
        case "answer":
            listed = "\n".join(f"{number}. **{each}**" for number, each in enumerate(names, start=1))
            text = f"Sure! Here are some names:\n\n{listed}\n\nDo you want to have more?"
        case "curly":
            text = ", ".join(f"“{each}”" for each in names)
        case "namesbase":
            text = "Northern|5|12|ln|0|" + ",".join(names)
        case "drawn":
            line = "+---+---+\n"
            text = f"{line}| name | size |\n{line}" + "".join(f"| {each} | 2.5 |\n" for each in names) + line
        case "aligned":
            text = "name          size\n" + "\n".join(f"{each:12}  2.5" for each in names)
        case "titled" | "decimals" | "ragged":
            above = {"titled": "A list\n# of, all\n\n", "decimals": "sep=;\n"}.get(form, "")
            text = above + table(names, numbers, ";", True, quoted).replace(".5", ",5")
            if form == "ragged":
                text = "name;size\n" + "\n".join(each + ";3" * (place % 2) for place, each in enumerate(names))
        case "one-column":
            text = "\n".join(f'"{each}"' if quoted else each for each in ["name", *names])
        case "equals":
            text = "\n".join(f"{each}={number}.5" for each, number in zip(names, numbers, strict=True))
        case "program":
            text = "// names\nlet names = vec![\n" + "".join(f'    "{each}", // {each}\n' for each in names) + "];"
        case "commented-json":
            text = "# names\n" + json.dumps(names, ensure_ascii=False)
        case "json-columns":
            text = json.dumps({"size": numbers, "name": names}, ensure_ascii=quoted)
        case "json-inside":
            text = json.dumps({"n": count, "data": {"list": [{"a": {"name": each}} for each in names]}})
        case "label-lines":
            text = f"elf: {', '.join(names[:-1])}\norc: {names[-1]}"
            meant = names, ["elf"] * (count - 1) + ["orc"], None
        case "labels-header":
            labels = ["elf" if place % 2 else "orc" for place in range(count)]
            text = "name\tpeople\n" + "\n".join(map("\t".join, zip(names, labels, strict=True)))
            meant = names, labels if count > 3 else None, None
        case _:
            text = repr(names)
    ends = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = (text + draw(st.sampled_from(["", "\n"]))).replace("\n", ends)
    encoding = draw(st.sampled_from([*UNICODE, *OLD.get(script, ())]))
    if encoding not in UNICODE and any(sign in text for sign in "•→✓★❖▶“"):
        encoding = "utf-8"
    suffix = ".csv" if form == "one-column" else ".txt"
    return text.encode(encoding), meant, f"{form}, {script}, {encoding}, {ends!r}, {count}, a{suffix}"
