"""The server's limits. `GET /api/about` returns them, and every refusal states the limit that it met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Maxima: characters, counts, bytes and seconds."""

    corpus_bytes: int = 10_000_000
    """An uploaded corpus."""
    body_bytes: int = 1_000_000
    """Any other body."""
    body_seconds: float = 20.0
    """From the head of a request to the end of its body, and for a client to read what it was sent."""
    names: int = 1000
    """Names of one request; with `best`, ten times as many to choose from."""
    name_length: int = 1000
    """Of `length`, `min_length` and `max_length`."""
    wish_length: int = 200
    """A prefix, a suffix, a part, a pattern, a label."""
    wishes: int = 10
    """Parts, and patterns."""
    avoid: int = 10_000
    """Names to avoid."""
    prompt_length: int = 10_000
    text_length: int = 10_000
    """Characters to write after a prompt."""
    texts: int = 200
    """Names or texts to score at once."""
    scored_length: int = 20_000
    """Characters of all of them together."""
    predicted_length: int = 200
    """Characters of a text whose every position is predicted."""
    work_seconds: float = 10.0
    """For one request to compute; for a text, until its next characters."""
    work_megabytes: int = 2000
    """The address space of a process that computes."""
    search_megabytes: int = 200
    """For the open prefixes of a search for the most probable names."""
    requests: int = 600
    """Open requests, streams included."""
    waiting: int = 400
    """Requests that compute or wait for a worker."""
    waiting_from_one: int = 250
    """The same of one client."""
    streams: int = 8
    """Texts that are being written or wait for a worker."""
    unkept: int = 12
    """Models trained here and not kept; the oldest is removed for another one."""
    kept: int = 50
    """Kept models that are served: the latest of their folder."""
    corpora: int = 10
    corpora_bytes: int = 30_000_000
    """Uploaded corpora, and the bytes of all of them; the oldest are removed."""
    uploads: int = 4
    """Uploads at once."""
    queue: int = 5
    """Trainings that wait."""
    trainings: int = 20
    """Listed trainings that are over."""
    readers: int = 50
    """Readers that follow trainings."""
    training_seconds: float = 600.0
    """The budget of a training; one by steps is stopped a minute later."""
    training_steps: int = 100_000
    hidden: int = 512
    layers: int = 3
    order: int = 12
    members: int = 8
    """Networks to average."""
