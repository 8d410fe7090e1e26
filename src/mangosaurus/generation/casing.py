"""In which case names are written, whatever case they were drawn in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mangosaurus.core.casing import Lowering, capitals, lower, small, titled

Shape = Literal["title", "upper", "lower"]
SHAPES: tuple[Shape, ...] = ("title", "upper", "lower")


@dataclass(frozen=True)
class Casing:
    """Writes names in one case; a name keeps its number of characters."""

    shape: Shape
    rule: Lowering = False
    """The language by whose rules it does, if its letters differ from those of others."""

    def __call__(self, name: str) -> str:
        return {"title": titled, "upper": capitals, "lower": small}[self.shape](name, self.rule)

    def forms(self, name: str) -> set[str]:
        """The name as it was drawn, and in every case: any of them may be on the training list."""
        return {name, lower(name, self.rule or True), *(Casing(shape, self.rule)(name) for shape in SHAPES)}


def shape_of(names: list[str]) -> Shape | None:
    """The case in which nearly all of `names` are written; None if there is no such case."""
    cased = [name for name in names if name.lower() != name.upper()]
    for shape in SHAPES:
        casing = Casing(shape)
        if cased and sum(casing(name) == name for name in cased) >= 0.9 * len(cased):
            return shape
    return None
