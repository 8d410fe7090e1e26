"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

LabelsOption = Annotated[
    bool | None,
    typer.Option(
        "--labels/--no-labels",
        help="Lines are a name, a TAB and a label; or TABs are characters. Without either, the lines are looked at.",
        show_default=False,
    ),
]
LabelColumnOption = Annotated[
    str | None, typer.Option(help="The file is a table (CSV): the column of the labels, as its first line names it.")
]
NameColumnOption = Annotated[
    str | None, typer.Option(help="With --label-column: the column of the names; name if not given.")
]
Temperature = Annotated[
    float, typer.Option(help="Below 1 more usual, above 1 more daring; 0 is always the likeliest character.")
]
TopK = Annotated[int | None, typer.Option(help="Draw from the k likeliest characters only.")]
TopP = Annotated[float | None, typer.Option(help="Draw from the likeliest characters that make up this probability.")]
MinP = Annotated[
    float | None, typer.Option(help="Draw from characters at least this fraction as likely as the likeliest.")
]
