"""`mangosaurus score`: the surprisal of each name of a list, and its outliers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import AsJson, Force, Lowercase
from mangosaurus.cli.streams import print_json, say

MOST_OF_A_TEXT = 60
"""Characters of a text that are printed."""


def score(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A model file, or a bundled model: dinosaurs or sonnets.")
    ],
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The file to score, a folder of .txt files, a name that `mangosaurus corpora` lists, or - for "
            "standard input.",
        ),
    ] = "-",
    sort: Annotated[bool, typer.Option("--sort", help="Print the most surprising first.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also save a page that shades each character by its surprisal.")
    ] = None,
    force: Force = False,
    lowercase: Lowercase = False,
    as_json: AsJson = False,
) -> None:
    """Print each name, its nats per symbol (END included), and a remark if it is an outlier, separated by TABs.

    A name is an outlier, perhaps a typing error, if the surprisal of its two most surprising symbols is above the
    median of the list by more than 3 standard deviations (1.4826 times the median deviation) and by more than 3 nats. A
    model that was trained on the same list has learned its errors too, and finds few. Characters that the model does
    not know are reported. Only the beginning of a text is shown.
    """
    from mangosaurus.api.verbs import load
    from mangosaurus.core.files import check_writable
    from mangosaurus.core.files import write as write_file
    from mangosaurus.data.read import read_corpus

    if html is not None:
        check_writable(html, force, [file])
    loaded = load(model)
    corpus = read_corpus([file], loaded.kind, loaded.lowering or lowercase)
    scored = loaded.surprisal(corpus)
    if sort:
        scored = scored.sorted()
    if html is not None:
        page = scored.html(f"{', '.join(corpus.sources)}: how surprising each character is")
        write_file(html, page.encode(), force)
    if as_json:
        print_json(scored.as_dict())
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
    """A name, or the beginning of a longer text, in one line without TABs."""
    line = " ".join(text.split()) if "\n" in text or "\t" in text else text
    return line if len(line) <= 2 * MOST_OF_A_TEXT else line[:MOST_OF_A_TEXT] + "…"
