"""The server's limits. `GET /api/about` returns them, and every refusal states the limit that it met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Maxima: characters, counts, bytes and seconds."""

    corpus_bytes: int = 10_000_000  # an uploaded corpus
    body_bytes: int = 1_000_000  # any other body
    body_seconds: float = 20.0  # from the head of a request to the end of its body; for a client to read its response
    names: int = 1000  # names of one request; with `best`, ten times as many to choose from
    name_length: int = 1000  # of `length`, `min_length` and `max_length`
    constraint_length: int = 200  # a prefix, a suffix, a part, a pattern, a label
    symbol: int = 100  # a separator, an entry of an inventory, what is written between symbols
    symbols: int = 10_000  # of an inventory
    constraints: int = 10  # parts, and patterns
    avoid: int = 10_000  # names to avoid
    like: int = 10_000  # names to resemble
    prompt_length: int = 10_000
    text_length: int = 10_000  # characters to write after a prompt
    texts: int = 200  # names or texts to score at once
    scored_length: int = 20_000  # characters of all of them together
    predicted_length: int = 200  # characters of a text whose every position is predicted
    work_seconds: float = 10.0  # for one request to compute; for a text, until its next characters
    work_megabytes: int = 2000  # the address space of a process that computes
    search_megabytes: int = 200  # for the open prefixes of a search for the most probable names
    requests: int = 600  # open requests, streams included
    waiting: int = 400  # requests that compute or wait for a worker
    waiting_from_one: int = 250  # the same of one client
    streams: int = 8  # texts that are being written or wait for a worker
    unkept: int = 12  # models trained here and not kept; the oldest is removed for another one
    kept: int = 50  # kept models that are served: the latest of their folder
    corpora: int = 10  # uploaded corpora; the oldest are removed
    corpora_bytes: int = 30_000_000  # of all of them
    uploads: int = 4  # uploads at once
    queue: int = 5  # trainings that wait
    trainings: int = 20  # listed trainings that are over
    readers: int = 50  # readers that follow trainings
    training_seconds: float = 600.0  # the budget of a training; one by steps is stopped a minute later
    training_steps: int = 100_000
    hidden: int = 512
    layers: int = 3
    order: int = 12
    members: int = 8  # networks to average
