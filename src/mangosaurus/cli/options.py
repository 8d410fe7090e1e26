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
