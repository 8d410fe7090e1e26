"""`mangosaurus score`: the surprisal of each name of a list, and its outliers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mangosaurus.cli.command import tell
from mangosaurus.cli.options import Label, with_options
from mangosaurus.cli.output import Output
from mangosaurus.cli.streams import say
from mangosaurus.core.typed import argument, option
from mangosaurus.core.units import Unit, nats_in
from mangosaurus.data.reading import Reading
from mangosaurus.generation.parameters import Steering

if TYPE_CHECKING:
    from mangosaurus.evaluation.surprisal import Surprisal

MOST_OF_A_TEXT = 60
"""Characters of a text that are printed."""
END = "END"
"""What stands for END among symbols that are printed as text."""


@with_options
def score(
    model: Annotated[Path, argument("MODEL", "A model file, or a bundled model: dinosaurs or sonnets.")],
    file: Annotated[
        str,
        argument(
            "FILE",
            "The file to score, a folder of .txt files, a name that `mangosaurus corpora` lists, or - for "
            "standard input.",
        ),
    ] = "-",
    *,
    sort: Annotated[bool, option("--sort", help="Print the most surprising first.")] = False,
    symbols: Annotated[
        bool, option("--symbols", help="Print a line for each symbol, END included, not for each name.")
    ] = False,
    unit: Annotated[str, option(help="nats or bits: the unit of what is printed. A page of --html has nats.")] = "nats",
    html: Annotated[
        Path | None, option(metavar="FILE", help="Also save a page that shades each character by its surprisal.")
    ] = None,
    label: Label = None,
    steering: Steering,
    reading: Annotated[dict[str, Any], Reading],
    output: Output,
) -> None:
    """Print each name, its nats per symbol (END included), and a remark if it is an outlier, separated by TABs.

    A name is an outlier, perhaps a typing error, if the surprisal of its two most surprising symbols is above the
    median of the list by more than 3 standard deviations (1.4826 times the median deviation) and by more than 3 nats. A
    model that was trained on the same list has learned its errors too, and finds few. Characters that the model does
    not know are reported. Only the beginning of a text is shown. With --symbols, a line is a name, the position of a
    symbol, the symbol, and its surprisal.
    """
    from mangosaurus.cli.steering import chosen
    from mangosaurus.core.files import check_writable
    from mangosaurus.core.files import write as write_file

    nats_in(unit)  # type: ignore[arg-type]  # refuses others
    output.check(file)
    if html is not None:
        check_writable(html, output.force, [file])
    loaded, _ = chosen(model, label, steering)
    reading["lowercase"] = loaded.lowering or reading.get("lowercase", False)
    corpus = loaded.read(file, **reading)
    tell(corpus)
    scored = loaded.surprisal(corpus)
    if sort:
        scored = scored.sorted()
    if html is not None:
        page = scored.html(f"{', '.join(corpus.sources)}: how surprising each character is")
        write_file(html, page.encode(), output.force)
    of_unit: Unit = unit  # type: ignore[assignment]
    output.show(
        lambda: symbol_lines(scored, of_unit) if symbols else name_lines(scored, of_unit),
        lambda: scored.table(of_unit, symbols=symbols),
        lambda: scored.as_dict(of_unit),
    )
    if output.manner == "json":
        return
    for remark in loaded.remarks:
        say(remark)
    if loaded.kind == "names":
        say(scored.summary(of_unit))
    known = sum(entry.known for entry in scored)
    if known:
        are = "is" if known == 1 else "are"
        say(f"note: {known:,} of {len(scored):,} {are} in the model's training list, which lowers their surprisal")


def name_lines(scored: Surprisal, unit: Unit) -> Iterator[str]:
    """A line for each name or text."""
    for entry in scored:
        line = f"{label(entry.written)}\t{entry.nats_per_symbol / nats_in(unit):.3f}"
        yield f"{line}\t{entry.remark(unit)}" if entry.remark(unit) else line


def symbol_lines(scored: Surprisal, unit: Unit) -> Iterator[str]:
    """A line for each symbol. Of white space and control characters, it has the code, such as U+000A."""
    for entry in scored:
        name = label(entry.written)
        for position, (symbol, nats) in enumerate(entry.symbols(), 1):
            seen = symbol if symbol.isprintable() and not symbol.isspace() else f"U+{ord(symbol):04X}"
            yield f"{name}\t{position}\t{seen or END}\t{nats / nats_in(unit):.3f}"


def label(text: str) -> str:
    """A name, or the beginning of a longer text, in one line without TABs."""
    line = " ".join(text.split()) if "\n" in text or "\t" in text else text
    return line if len(line) <= 2 * MOST_OF_A_TEXT else line[:MOST_OF_A_TEXT] + "…"
