"""A model, steered by names to resemble and names to differ from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import Option, OptionError
from mangosaurus.core.vocabulary import describe
from mangosaurus.formats.native.contents import Contents
from mangosaurus.generation.collect import Unwanted, collect
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.name_lengths import added_to_end, wanted_lengths
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.models.scoring import known_characters
from mangosaurus.training.steering import steer

OWN_NAMES = 100
"""Names that the model writes, with the seed 0: what those to resemble are compared with."""
OF = {"like": "to resemble", "unlike": "to differ from"}
SHOWN = 5
"""Unknown characters that a remark has."""

AnyModel = TypeVar("AnyModel", bound=Contents)


def steered(model: AnyModel, like: Sequence[str], unlike: Sequence[str], strength: float) -> AnyModel:
    """The model, steered by names that were read as its own were; they count as known. Raises as `Model.like` does."""
    known = DocumentHashes.union([model.known.hashes, DocumentHashes.of([*like, *unlike]).hashes])
    remarks = _remarks(model, like=like, unlike=unlike)
    if strength == 0:  # the model itself, bit for bit
        return replace(model, known=known)
    written = collect(
        model.distribution,
        OWN_NAMES,
        Constraints(),
        SamplingParameters(seed=0),
        default_length=model.default_length,
        unwanted=Unwanted(repeated=False),
    )
    distribution = steer(model.distribution, like, unlike, written.documents, strength, remarks)
    own, liked, disliked = (
        [len(model.vocabulary.split(name)) for name in names]
        for names in (written.documents or like, set(like), set(unlike))
    )
    if own:
        lengths = wanted_lengths(own, liked, disliked, min(1.0, 2 * strength))
        distribution.ending = added_to_end(distribution, lengths)
    return replace(model, distribution=distribution, known=known)


def _remarks(model: Contents, **given: Sequence[str]) -> list[str]:
    """Which characters of the names to resemble, and of those to differ from, the model does not know, a line each.

    Raises OptionError for names that have no other characters.
    """
    remarks = []
    for option, names in given.items():
        known, unknown = known_characters(model.vocabulary, names)
        if not unknown:
            continue
        shown = ", ".join(map(describe, sorted(unknown)[:SHOWN])) + (" and others" if len(unknown) > SHOWN else "")
        if not any(map(len, known)):
            raise OptionError.of("{} has no character that the model knows; its names have {}", Option(option), shown)
        remarks.append(f"the model does not know, and cannot write, {shown}, which names {OF[option]} have")
    return remarks
