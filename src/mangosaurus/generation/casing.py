"""In which case names are written, whatever case they were drawn in."""

from __future__ import annotations

from dataclasses import dataclass

from mangosaurus.core.casing import SHAPES, Lowering, Shape, capitals, lower, small, titled


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
