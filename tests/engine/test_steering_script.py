"""Steering and the best in JavaScript: what Python finds, node finds too."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from node import in_node, needs_node

from mangosaurus.formats.webpage import engine_script
from mangosaurus.generation.nearest import apart, near, nearest

pytestmark = needs_node

NAMES = ["", "anna", "annabel", "ana", "nana", "bob", "Zoë", "𝒜da", "\uff21da", "x" * 31, "x" * 32, "xy" * 20, "y" * 70]


def engine(expression: str, **values: Any) -> Any:
    """The value of an expression among the engine's names; `values` are names too."""
    given = "".join(f"const {name} = {json.dumps(value)};" for name, value in values.items())
    script = engine_script().removesuffix("})();")
    return json.loads(in_node(f"{script}{given}process.stdout.write(JSON.stringify({expression}));}})();"))


def check_nearest(names: list[str], known: list[str]) -> None:
    """The nearest of known names, the first in the order of code points of several; and which are near, or apart."""
    found = engine(
        """(() => {
          const split = Array.from, choices = [...new Set(known)].sort(byCodePoints), neighbours = new Neighbours(choices, split);
          const isNear = near(known, 3, split), isApart = apart(split);
          return names.map((name) => {
            const { place, edits } = neighbours.nearest(name);
            return [choices[place], edits, isNear(name), isApart(name)];
          });
        })()""",
        names=names,
        known=known,
    )
    is_near, is_apart = near(known, 3), apart()
    wanted = [[*each, is_near(name), is_apart(name)] for name, each in zip(names, nearest(names, known), strict=True)]
    assert found == wanted


def test_the_nearest_of_names_of_one_word_of_bits_and_of_several() -> None:
    check_nearest([*NAMES, *("xxy" * 12, "y" * 65 + "x", "anne", "𝒜nna")], NAMES[1:])


def test_the_nearest_of_random_names() -> None:
    rng = np.random.default_rng(1)
    names = ["".join(rng.choice([*"ab\U0001d49c"], int(rng.choice([3, 8, 33, 70])))) for _ in range(300)]
    check_nearest(names[:150], names[150:])
