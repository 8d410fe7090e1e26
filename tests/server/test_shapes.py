"""Messages of the library name options as clients of HTTP write them."""

from __future__ import annotations

import pytest

from mangosaurus.server.shapes import SampleAsked, TopAsked, WriteAsked, in_fields


def test_every_option_is_named_as_its_field() -> None:
    for shape in (SampleAsked, TopAsked, WriteAsked):
        for field in shape.model_fields:
            option = field.replace("_", "-")
            assert in_fields(f"--{option} is 3, and (--{option}) as well") == f"{field} is 3, and ({field}) as well"
            assert in_fields(f"{option} is 3; {option}, not a-{option}") == f"{field} is 3; {field}, not a-{option}"


@pytest.mark.parametrize(
    ("message", "read"),
    [
        ("--without '--top-k min-p' leaves \"a's --top-p\"", "without '--top-k min-p' leaves \"a's --top-p\""),
        (r"'it\'s --pattern' and --pattern", r"'it\'s --pattern' and pattern"),
        ("the model's --max-length is its names' min-length", "the model's max_length is its names' min_length"),
        ("name the file by training (--training FILE)", "name the file by training"),
        ("it has no label (--no-labels takes TABs)", "it has no label (labels=false takes TABs)"),
    ],
)
def test_what_is_quoted_stays_and_what_a_command_takes_goes(message: str, read: str) -> None:
    assert in_fields(message) == read
