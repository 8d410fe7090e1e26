"""The options by which names are asked for, said once for all commands that have them; see `generation.asked`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ModelArgument = Annotated[
    Path | None, typer.Argument(metavar="[MODEL]", help="A model file. Without one, the bundled dinosaurs.")
]
Label = Annotated[
    str | None, typer.Option(help="Of a model with labels: names of this one, or a blend, as elf:0.6,dwarf:0.4.")
]
Prefix = Annotated[str, typer.Option(help="What they begin with.")]
Suffix = Annotated[str, typer.Option(help="What they end with.")]
Contains = Annotated[list[str] | None, typer.Option(help="What they have inside; may be given several times.")]
Pattern = Annotated[
    list[str] | None,
    typer.Option(
        metavar="REGEX", help="A regular expression that the whole of each matches; may be given several times."
    ),
]
MinLength = Annotated[int | None, typer.Option(help="The fewest characters.")]
MaxLength = Annotated[int | None, typer.Option(help="The most characters, the prefix included.")]
Length = Annotated[str | None, typer.Option(metavar="A..B", help="Both at once: 6..12, 6.., ..12 or 8.")]
Without = Annotated[str, typer.Option(metavar="CHARS", help="Characters that they do not have.")]
Avoid = Annotated[
    str | None, typer.Option(metavar="FILE", help="Names that must not come out, one a line; - is standard input.")
]
AvoidParts = Annotated[bool, typer.Option("--avoid-parts", help="Nor may they stand anywhere inside a name.")]
NotLike = Annotated[
    int | None, typer.Option(metavar="K", help="At least K edits from every name of the training list.")
]
Training = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The training list, for --not-like and --best; the bundled dinosaurs need none."),
]
