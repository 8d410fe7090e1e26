"""Continuing a text, one character at a time, as it is made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mangosaurus.core.arrays import IntArray
from mangosaurus.core.errors import OptionError
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.constraints.composed import after_text, composed
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.sampler import DRAWS, draw_one, limited_threads, uniforms
from mangosaurus.models.interface import CharModel, state_after
from mangosaurus.models.stream import stream_of

LONGEST_PROMPT = 10_000
"""Characters. Of a longer prompt only its end is read: what stood before has no influence any more."""


def write(
    model: CharModel,
    prompt: IntArray,
    parameters: SamplingParameters,
    *,
    length: int,
    index: int = 0,
    until: str = "",
    endless: bool = False,
) -> Iterator[str]:
    """The symbols that follow `prompt`, ids of shape (n,), as they are drawn: at most `length` of them.

    Each comes with what is written between it and the one before. They are those of sample `index` of the seed. The
    text ends after the first `until`, and at END unless it is `endless`; an endless text is drawn from the model's
    distribution without END. Characters that would not be in NFC after those before them are left out of the
    distribution: see `composed`. Any text ends where nothing may follow.
    Raises OptionError if length or index is out of range.
    """
    if length < 1:
        raise OptionError.of("{length} is {}; it must be 1 or more", length)
    if index < 0:
        raise OptionError.of("{index} is {}; it must be 0 or more", index)
    prompt = prompt[-LONGEST_PROMPT:]

    def written() -> Iterator[str]:
        characters, segmentation = ("", *model.vocabulary.characters), model.vocabulary.segmentation
        before = characters[prompt[-1]] if len(prompt) else ""
        stop: list[int] = model.vocabulary.find(until).tolist()
        tail: list[int] = []
        mask = composed(model.vocabulary)
        masked = np.array([0 if mask is None else after_text(mask, prompt)])
        with limited_threads(model, alone=True):
            stream = stream_of(model, state_after(model, prompt))
            for t in range(length):
                page, place = divmod(t, DRAWS)
                if place == 0:
                    uniform = uniforms(parameters.seed, index, 1, page)[0].tolist()
                logits = stream.logits()
                if endless:
                    logits[END] = -np.inf
                if mask is not None:
                    logits = np.where(mask.allowed(masked)[0], logits, -np.inf)
                symbol = draw_one(logits, parameters, uniform[place])
                if symbol == END:
                    return
                character = characters[symbol]
                yield segmentation.between(before, character) + character
                before = character
                if stop:
                    tail = [*tail, symbol][-len(stop) :]
                    if tail == stop:
                        return
                if mask is not None:
                    masked = mask.step(masked, np.array([symbol]))
                stream.read(symbol)

    return written()
