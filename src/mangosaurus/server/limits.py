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
    wish_length: int = 200
    """A prefix, a suffix, a part, a pattern, a label."""
    wishes: int = 10
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
    models: int = 30
    """Models on the shelf."""
