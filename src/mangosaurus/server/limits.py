"""How much may be asked of the server at once. The page shows these numbers, and every refusal tells the one it met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Characters, counts, bytes and seconds; each is the most that is allowed."""

    corpus_bytes: int = 10_000_000
    """An uploaded corpus."""
    body_bytes: int = 1_000_000
    """Any other body."""
    body_seconds: float = 20.0
    """From a request's head to the end of its body, and for a client to take what it is sent."""
    names: int = 1000
    """Names asked for at once, and with `best` ten times as many to choose from."""
    name_length: int = 1000
    """The longest name that can be asked for: `length`, `min_length` and `max_length`."""
    constraint_length: int = 200
    """A prefix, a suffix, a part, a pattern, a label."""
    constraints: int = 10
    """Parts, and patterns."""
    avoid: int = 10_000
    """Names to avoid."""
    prompt_length: int = 10_000
    text_length: int = 10_000
    """Characters to write behind a prompt."""
    texts: int = 200
    """Names or texts to score at once."""
    scored_length: int = 20_000
    """Characters of all of them together."""
    predicted_length: int = 200
    """Characters of a text whose every position is predicted."""
    work_seconds: float = 10.0
    """What one request may compute."""
    work_megabytes: int = 2000
    """The address space of a process that computes."""
    search_megabytes: int = 200
    """What the open prefixes of a search for the most probable names may take."""
    requests: int = 600
    """Requests that are being answered, streams among them."""
    waiting: int = 400
    """Requests that compute or wait for their turn."""
    waiting_from_one: int = 250
    """The same from one client."""
    streams: int = 8
    """Texts being written."""
    unkept: int = 12
    """Models trained here and not kept; the oldest makes way for another one."""
    kept: int = 50
    """Kept models that are served: the latest of their folder."""
    corpora: int = 10
    corpora_bytes: int = 30_000_000
    """Uploaded corpora, and the bytes of all of them; the oldest make way."""
    uploads: int = 4
    """Corpora that are being received."""
    queue: int = 5
    """Trainings that wait."""
    trainings: int = 20
    """Trainings that are over and still listed."""
    readers: int = 50
    """Readers that follow trainings."""
    training_seconds: float = 600.0
    """A training's budget; one that goes by steps is stopped a minute later."""
    training_steps: int = 100_000
    hidden: int = 512
    layers: int = 3
    order: int = 12
    members: int = 8
    """Networks to average."""
