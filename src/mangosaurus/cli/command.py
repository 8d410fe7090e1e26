"""What every command refuses: an option that is given again, and one that has no effect beside the others.

Where the same holds in Python, the library refuses it; here is what the command line alone has.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from typer.core import TyperCommand

GOES_WITH: dict[str, dict[str, str]] = {
    "train": {"force": "out", "epochs": "start"},
    "score": {"force": "html"},
    "classic": {"force": "out"},
    "evaluate": {"training": "samples", "seed": "samples"},
}
"""Of a command, options that have no effect without another one; by the names of their parameters."""
REPLACES: dict[str, dict[str, tuple[str, ...]]] = {
    "sample": {"as_json": ("scores",), "best": ("scores",)},
    "train": {
        "start": (
            *("budget", "steps", "holdout", "cell", "hidden", "layers", "order", "members", "batch", "device"),
            *("precision", "memory", "labels", "label_column", "name_column", "checkpoint", "every", "resume"),
        ),
    },
}
"""Of a command, options beside which others have no effect."""


class Command(TyperCommand):
    """A command of `mangosaurus`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The usual, but UsageError for options that would be ignored."""
        parser = self.make_parser(ctx)
        counts = Counter(parameter for parameter in parser.parse_args([*args])[2] if parameter in self.params)
        given = {parameter.name: "/".join(parameter.opts + parameter.secondary_opts) for parameter in counts}
        called = {each.name: each.opts[-1] for each in self.params}
        for parameter, count in counts.items():
            switch = getattr(parameter, "is_flag", False) and not parameter.secondary_opts
            if count > 1 and not parameter.multiple and not switch:
                ctx.fail(f"{given[parameter.name]} is given {count} times; give it once")
        for option, needed in GOES_WITH.get(self.name or "", {}).items():
            if option in given and needed not in given:
                ctx.fail(f"{called[option]} needs {called[needed]}")
        for option, replaced in REPLACES.get(self.name or "", {}).items():
            for other in replaced:
                if option in given and other in given:
                    ctx.fail(f"{given[other]} has no effect with {called[option]}: leave one of them out")
        return super().parse_args(ctx, args)
