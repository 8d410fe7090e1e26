"""`mangosaurus score`: how surprising each name of a list is, and which do not fit in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.streams import say

MOST_OF_A_TEXT = 60
"""Characters of a text that stand for it in a line."""


def score(
    model: Annotated[Path, typer.Argument(help="A model file, or the name of a bundled model.")],
    file: Annotated[
        str,
        typer.Argument(
            metavar="[FILE]",
            help="What to score: a file, a folder of .txt files, a name that `mangosaurus corpora` lists, or - for "
            "standard input, which is also read if there is no FILE.",
        ),
    ] = "-",
    sort: Annotated[
        bool, typer.Option("--sort", help="The most surprising first, instead of the file's order.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(help="Also write a page with every character shaded by its surprisal.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the --html file if it exists.")] = False,
    lowercase: Annotated[
        bool, typer.Option("--lowercase", help="Lower-case the file, as is always done for a lower-cased model.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Print each name, a tab and its nats per symbol, END included, and a remark if it needs one.

    A name is marked as an outlier, perhaps a typing error, if its two most surprising symbols together are far more
    surprising than those of its list: above the median by more than 3 standard deviations (1.4826 times the median
    deviation) and 3 nats. A model that was trained on this very list has learnt its errors too, and finds few.
    Characters that the model has never seen are reported. A text is shown by its beginning.
    """
    from mangosaurus.api.verbs import load
    from mangosaurus.core.files import check_writable
    from mangosaurus.core.files import write as write_file
    from mangosaurus.data.read import read_corpus

    if html is not None:
        check_writable(html, force, [file])
    loaded = load(model)
    corpus = read_corpus([file], loaded.kind, lowercase or bool(loaded.training.get("lowercased")))
    scored = loaded.surprisal(corpus)
    if sort:
        scored = scored.sorted()
    if html is not None:
        page = scored.html(f"{', '.join(corpus.sources)}: how surprising each character is")
        write_file(html, page.encode(), force)
    if as_json:
        print(json.dumps(scored.as_dict(), ensure_ascii=False))
        return
    for entry in scored:
        line = f"{label(entry.text)}\t{entry.nats_per_symbol:.3f}"
        sys.stdout.write(f"{line}\t{entry.remark()}\n" if entry.remark() else f"{line}\n")
    sys.stdout.flush()
    if loaded.kind == "names":
        say(scored.summary())
    known = sum(entry.known for entry in scored)
    if known:
        say(f"note: {known:,} of {len(scored):,} are in the model's training list, which lowers their surprisal")


def label(text: str) -> str:
    """A name itself, or the beginning of a longer text, in one line without tabs."""
    line = " ".join(text.split()) if "\n" in text or "\t" in text else text
    return line if len(line) <= 2 * MOST_OF_A_TEXT else line[:MOST_OF_A_TEXT] + "…"
