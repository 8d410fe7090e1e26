"""The options of a training run, as one record."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from mangosaurus.errors import MissingExtraError
from mangosaurus.models.networks import AnyCell

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "32", "bf16"]


@dataclass(frozen=True)
class Settings:
    """What may be asked of `fit`; None leaves it to the recipe."""

    budget: float = 10.0
    """Seconds of wall time. 0 is the n-gram alone."""
    steps: int | None = None
    """Updates of each network, in place of a budget: the same number gives the same model, bit for bit."""
    members: int | None = None
    """Networks to average; with a budget the most, with `steps` the exact number (1 if not given)."""
    seed: int = 0
    cell: AnyCell = "lstm"
    hidden: int | None = None
    """Units a layer."""
    layers: int | None = None
    order: int | None = None
    """The longest n-gram."""
    memory: int | None = None
    """Bytes of memory to keep to; None leaves small corpora alone, and gives large ones 2 GB."""
    batch: int | None = None
    """Names, or streams of a text, that are read side by side in a step, by all processes together."""
    device: Device = "auto"
    """Where networks are trained."""
    precision: Precision = "auto"
    """The numbers that products are taken in: float32 or bfloat16."""

    @property
    def wants_network(self) -> bool:
        """Whether there is to be more than the n-gram."""
        return self.budget > 0 if self.steps is None else self.steps > 0


def check_torch(settings: Settings) -> None:
    """Raises MissingExtraError if a network is wanted and torch is not installed."""
    if settings.wants_network and find_spec("torch") is None:
        raise MissingExtraError(
            "training a network needs torch, which is not installed: run pip install 'mangosaurus[train]', "
            "or train the n-gram alone with a budget of 0s"
        )
