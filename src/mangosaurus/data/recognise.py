"""Recognition: a look at a source says what it is, before anything is learnt from it.

It may be a table (tables.py), JSON (json_lists.py), a workbook (workbooks.py), items in a line, a list with comments,
bullets or numbers (marked_lines.py), records, or plain: names one a line, or one text. Markup is refused, and so is
what is ambiguous: the error shows the choices. Nothing is guessed where `format` says how to read it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence

from mangosaurus.core.briefly import few
from mangosaurus.core.errors import CorpusError, Option, plain
from mangosaurus.data.corpus import Advice, guess_kind
from mangosaurus.data.delimiters import delimiter_of, most_frequent
from mangosaurus.data.items import are_items, check_one_line, items_of, split
from mangosaurus.data.json_lists import listed_strings, looks_like_json, read_json
from mangosaurus.data.labelled_lines import looks_labelled
from mangosaurus.data.marked_lines import COMMENTS, RARE_COMMENTS, named, without_comments, without_frame, without_marks
from mangosaurus.data.reading import BLANK, Reading
from mangosaurus.data.rows import COUNTED, SPACES, TAB, rows_of
from mangosaurus.data.tables import (
    HAS_LETTER,
    NAME_COLUMNS,
    Names,
    Streamed,
    Table,
    broken,
    choose,
    is_header,
    read_table,
    table_of,
    with_columns,
)

HEAD = 2000
"""Lines that are looked at."""
BOX = dict.fromkeys(range(9472, 9600), "+") | dict.fromkeys(map(ord, "─━═╌╍┄┅┈┉"), "-")
BOX |= dict.fromkeys(map(ord, "│┃║┆┇┊┋╎╏"), "|")
"""What draws the lines of a table, as ASCII has it."""
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
LINK = re.compile(r"\[\[[^\[\]]+\]\]|\[[^\[\]]+\]\([^()]*\)")
NO_NAMES = (
    (
        "markup, such as HTML or XML",
        re.compile(r"<(!doctype|\?xml|!--|(html|head|body|svg|div|ul|ol|li|table|tr|p|span|a|rss|text|page)\b)", re.I),
        TAG,
    ),
    ("a table in a wiki's markup", re.compile(r"\{\|"), None),
    ("markup with links, such as a wiki's", None, LINK),
    ("a list in LaTeX", None, re.compile(r"\\(begin|item|end)\b")),
    ("SQL", re.compile(r"(.*\n)?(INSERT\s+INTO|CREATE\s+TABLE)\s", re.I), re.compile(r"INSERT\s+INTO\s", re.I)),
    ("contacts or a calendar, as vCard and iCalendar have them", re.compile("BEGIN:V"), None),
    ("subtitles", re.compile(r"(WEBVTT\b|(\d+\n)?\d\d:\d\d:\d\d[,.]\d{3} --> )"), None),
    ("sequences in FASTA", re.compile(r">\S.*\n[A-Z*-]{4,}$"), None),
    ("settings, as INI files have them", re.compile(r"\[[^\[\]\n]+\]\n[\w .-]+?\s*=[^,;]*$"), None),
    ("keys and strings of a program", None, re.compile(r'"[^"]*"\s*=\s*"[^"]*"\s*;')),
    ("rich text (RTF)", re.compile(r"\{\\rtf"), None),
    ("YAML of objects", re.compile(r"-\s+([\w-]+):\s.*\n(-\s+\1|[\w-]+):\s"), None),
)
"""What no names are in as they are: how it begins, and what is in most of its lines."""
NAMESBASE = re.compile(r"([^|]*)\|(\d+)\|(\d+)\|([^|]*)\|([\d.]*)\|(.+)")
LABELLED = re.compile(r"([^:=;,|]{1,40}?)\s*(?:[:=]\s+|[:=](?!//))(\S.*)")


def recognise(text: str, source: str, reading: Reading) -> Names:
    """What is in the clean text of a source. Raises CorpusError for markup, and for what is ambiguous."""
    if reading.records is not None:
        return _records(text, source, reading.records)
    if reading.columns:
        return _asked(text, source, reading)
    if reading.format != "auto" or reading.labels is True:
        return Names(plain_text=text)
    head = text.split("\n", HEAD)[:HEAD]
    if not text.isascii() and 2 * sum(ord(line.lstrip()[:1] or "a") in BOX for line in head) > len(head):
        text = text.translate(BOX)
        head = text.split("\n", HEAD)[:HEAD]
    _refuse_markup(head, source)
    if looks_like_json(text[:1000]):
        return _unfolded(names_of(read_json(text, source, reading.skip_bad_lines), reading))
    strings = listed_strings(text)
    if strings is not None:
        return _unfolded(Names(strings, notes=[f"{source}: a list of strings in a program"]))
    stripped = [line.strip() for line in head]
    first = next(filter(None, stripped), "")
    rare = first.startswith(tuple(f"{mark} " for mark in RARE_COMMENTS))
    if rare or any(line.startswith(COMMENTS) for line in stripped) or ("#" in text and "\n#" in text):
        cleaned, comments, dropped = without_comments([line.strip() for line in text.split("\n")])
    else:
        cleaned, comments, dropped = stripped, [], 0
    lines = [line for line in cleaned[:HEAD] if line]
    found = _structure(lines, cleaned if comments else None, text, head, source, reading)
    if found is None and lines and (lines[-1][-1] in ".!?:)" or any(line[-1] in ":：" for line in lines[:3])):
        every = cleaned if comments else [line.strip() for line in text.split("\n")]
        found = _framed(every, source, reading)
    if found is None and comments and guess_kind(["\n".join(lines)]) == "names":
        found = Names(plain_text="\n".join(cleaned), notes=[f"{source}: {'; '.join(comments)}"])
    elif found is not None and comments and not found.columns:
        found.notes[:1] = [f"{(found.notes or [source])[0]}; {'; '.join(comments)}"]
    if found is None:
        return Names(plain_text=text, remarks=_remarks(lines, source))
    if not found.columns:  # the rows of a table have their comments yet
        found.blank -= dropped
    return found


def _framed(lines: Sequence[str], source: str, reading: Reading) -> Names | None:
    """The names between an introduction and a closing sentence, as a letter or a chatbot's answer has them."""
    inner, left_out, introduced = without_frame(lines)
    if not inner or not left_out:
        return None
    found = _structure(inner[:HEAD], inner, "\n".join(inner), inner, source, reading)
    if found is None and introduced and guess_kind(["\n".join(inner)]) == "names":
        found = Names(plain_text="\n".join(inner))
    if found is not None:
        found.notes = [*found.notes, f"{source}: left out {named(left_out)}"]
        found.streamed = None
    return found


def _structure(
    lines: Sequence[str], cleaned: Sequence[str] | None, text: str, head: Sequence[str], source: str, reading: Reading
) -> Names | None:
    """The names of lines that are not plain; None if they are.

    `lines` are the first ones, stripped, without comments; `cleaned` are all of them, if there were comments.
    """
    if not lines:
        return None

    def everything() -> list[str]:
        return text.split("\n") if cleaned is None else [*cleaned]

    plain_text = text if cleaned is None else "\n".join(cleaned)
    labelled = reading.labels is not False and looks_labelled([plain_text], reading.labels == "any")
    if labelled and not is_header(lines[0].split(TAB)):
        return Names(plain_text=plain_text, notes=[] if cleaned is None else [source])
    found = _labelled_items(lines, everything, source)
    if found is not None:
        return found
    quoted = any('"' in line for line in head)  # and what looks like a comment may be inside
    delimiter = delimiter_of([line for line in map(str.strip, head) if line] if quoted else lines, source)
    if delimiter is not None and not (delimiter == TAB and reading.labels is False):
        table = table_of(source, rows_of(text.split("\n"), delimiter), delimiter=delimiter)
        return names_of(table, reading)
    found = items_of(lines, everything, source)
    if found is not None:
        return found
    names, notes = without_marks(lines)
    if notes and guess_kind(["\n".join(names)]) == "names":
        names, notes = without_marks([line.strip() for line in everything()])
        return Names(names, blank=_blank(everything()), notes=[f"{source}: {'; '.join(notes)}"])
    if len(lines) > 2 and all(map(COUNTED.fullmatch, lines)) and any(map(HAS_LETTER.search, lines)):
        return _counted(lines, everything(), head, source, reading)
    check_one_line(lines, source)
    return None


def names_of(found: Names | Table, reading: Reading) -> Names:
    """The names of a table: of the columns that are asked for, or that a look at it finds. Raises CorpusError."""
    if isinstance(found, Names):
        return found
    try:
        choice, notes = choose(found, reading)
        names = read_table(found, choice, reading.skip_bad_lines)
    except CorpusError as error:
        raise with_columns(error, found.columns) from error
    names.notes = [*notes, *(f"{found.source}: {note}" for note in (*found.notes, *names.notes))]
    if found.delimiter and not choice.labels and choice.weight is None:
        names.streamed = Streamed(found.delimiter, found.header, found.above, choice.name, found.columns)
    if found.delimiter:
        names.blank = max(names.blank - 1, 0)  # after the last line feed there is no line
    return names


def _asked(text: str, source: str, reading: Reading) -> Names:
    """The names of a table whose columns are asked for."""
    if looks_like_json(text[:1000]):
        found = read_json(text, source, reading.skip_bad_lines)
        if isinstance(found, Names):
            raise CorpusError(f"{source} is a list in JSON, and no table: leave out ", Option(_first_asked(reading)))
        return _unfolded(names_of(found, reading))
    lines = text.split("\n")
    asked = [name for name in (reading.column, *reading.label_column, reading.weight_column) if name is not None]
    header = True if any(not name.isdecimal() for name in asked) else None
    try:
        delimiter = delimiter_of([line.strip() for line in lines[:HEAD] if line.strip()], source)
        if delimiter is None:
            delimiter = most_frequent(lines)
            if delimiter in (SPACES, " ") and not all(map(str.isdecimal, asked)):
                delimiter = ","  # a table of one column, or an error that names the columns
        first = next((line for line in lines if line.strip()), "")
        fields = [each for _, row in rows_of([first], delimiter) for each in row]
        if any(name in fields and int(name) > len(fields) for name in asked if name.isdecimal()):
            header = True  # such as 1990, which is no number of a column
        table = table_of(source, rows_of(lines, delimiter), header, delimiter)
    except csv.Error as error:
        raise broken(source, error) from None
    return names_of(table, reading)


def _unfolded(names: Names) -> Names:
    """Names that come from escapes, which may be of invisible characters."""
    names.unfolded = True
    return names


def _first_asked(reading: Reading) -> str:
    return next(name for name in ("column", "label_column", "weight_column") if getattr(reading, name))


def _counted(lines: Sequence[str], everything: list[str], head: Sequence[str], source: str, reading: Reading) -> Names:
    """The names of lines that each have a number before or after the name. Raises CorpusError if it may be a part."""
    table = table_of(source, rows_of(everything, " "), False, " ")
    first = next(line for line in head if line.strip())
    aligned = any(line[:1].isspace() for line in head if line.strip()) and re.match(r"\s*\d", first)
    if aligned and [column.holds for column in table.columns[:2]] == ["numbers", "names"]:  # as uniq -c writes them
        return names_of(table, reading)
    name, number = (2, 1) if re.match(r"\d", lines[0]) else (1, 2)
    error = CorpusError(
        f"{source} has a number in each line, such as {plain(lines[0], 40)!r}: learn the names without it by ",
        Option("column", name),
        ", take it for a count by ",
        Option("weight_column", number),
        ", or learn whole lines by ",
        Option("format", "names"),
    )
    raise with_columns(error, table.columns)


def _labelled_items(lines: Sequence[str], everything: Callable[[], list[str]], source: str) -> Names | None:
    """The names of a namesbase, or of lines of a label, a colon and items."""
    if all(map(NAMESBASE.fullmatch, lines)):
        every = everything()
        found = [match for line in every if (match := NAMESBASE.fullmatch(line.strip()))]
        lists = [(match[1].strip() or "-", split(match[6], ",")) for match in found]
        what = f"a namesbase of {few([label for label, _ in lists])}; its numbers and letters left out"
    elif _most_are_labelled(lines):
        every = everything()
        found = [match for line in every if (match := LABELLED.fullmatch(line.strip()))]
        separator = max(",;", key="\n".join(lines).count)
        lists = [(match[1].strip(), split(match[2], separator)) for match in found]
        others = [line.strip() for line in every if line.strip() and not LABELLED.fullmatch(line.strip())]
        long = [items for _, items in lists if len(items) > 1]
        if 2 * len(long) < len(lists) or not all(map(are_items, long)) or separator in "".join(others):
            return None
        if len({label for label, _ in lists}) < len(lists):
            raise CorpusError(
                f"{source} has lines such as {plain(lines[0], 40)!r}, and their labels repeat: learn a text by ",
                Option("format", "text"),
                ", whole lines by ",
                Option("format", "names"),
                ", or write one line for each label",
            )
        what = f"lists of {few([label for label, _ in lists])}, a line each" + (
            f"; left out {plain(others[0], 40)!r}" if others else ""
        )
    else:
        return None
    names = [name for _, items in lists for name in items]
    labels = [label for label, items in lists for _ in items]
    several = len({*labels}) > 1
    note = f"{source}: {what}" + ("; the lists' names are the labels" if several else "")
    return Names(names, labels if several else None, blank=_blank(every), notes=[note])


def _most_are_labelled(lines: Sequence[str]) -> bool:
    """Whether all lines, but for one at most, are a label and something after a colon."""
    if len(lines) < 2 or not LABELLED.fullmatch(lines[1]):
        return False
    found = [match[1] for match in map(LABELLED.fullmatch, lines) if match]
    return len(found) >= max(2, len(lines) - 1) and all(map(HAS_LETTER.search, found))


def _records(text: str, source: str, token: str) -> Names:
    """The records of a text, parted by blank lines or by a token: in a line of its own, if there is such a line."""
    if token == BLANK:
        parts = re.split(r"\n[^\S\n]*\n\s*", text)
    else:
        alone = re.compile(rf"^[^\S\n]*{re.escape(token)}[^\S\n]*$", re.M)
        parts = alone.split(text) if alone.search(text) else text.split(token)
    records = [part.strip("\n").strip() if "\n" not in part.strip() else part.strip("\n") for part in parts]
    records = [record for record in records if record.strip()]
    if len(records) == 1:
        raise CorpusError(f"{source} has nothing parted by ", Option("records", token), "; it is one record")
    return Names(
        records,
        notes=[f"{source}: {len(records):,} records, parted by {'blank lines' if token == BLANK else plain(token)}"],
    )


def _refuse_markup(head: Sequence[str], source: str) -> None:
    """Raises CorpusError for markup, and for what else has its names between other things."""
    lines = [line.strip() for line in head if line.strip()]
    begins = "\n".join(lines[:2])
    for what, first, most in NO_NAMES:
        found = first is not None and first.match(begins) is not None
        if not found and most is not None and (len(lines) > 1 or most is TAG) and any(map(most.search, lines[:5])):
            found = 2 * sum(most.search(line) is not None for line in lines) > len(lines)
        if not found:
            continue
        raise CorpusError(
            f"{source} is {what}: {plain(lines[0], 60)!r}; give the names or the text alone, or learn it as it is by ",
            Option("format", "names"),
            " or ",
            Option("format", "text"),
        )


def _remarks(lines: Sequence[str], source: str) -> list[str]:
    """What there is to say about plain lines."""
    if lines and lines[0].casefold() in NAME_COLUMNS:
        return [f"{source}: its first line, {lines[0]!r}, is learnt (`column` by this name takes it for a header)"]
    words = [word for line in lines for word in line.split()]
    if len(words) > 2 * len(lines) and sum(map(len, words)) <= 2.5 * len(words):
        return [Advice(f"{source}: short tokens parted by spaces (`separator` makes each a symbol)")]
    commented = [line for line in lines if re.search(r"\s(#|//)\s", line)]
    if commented:
        return [f"{source}: what follows # or // is learnt in {named(commented)}"]
    tabs = sum(TAB in line for line in lines)
    has = "1 line has a TAB, which is learnt" if tabs == 1 else f"{tabs:,} lines have TABs, which are learnt"
    return [f"{source}: {has}"] if tabs else []


def _blank(lines: Sequence[str]) -> int:
    """The empty lines, without what follows the last line feed."""
    return sum(not line.strip() for line in lines) - (not lines[-1].strip())
