"""The tasks of a worker process: functions of a model and options that return JSON; and the worker's `main`.

A worker runs one task at a time, so that `pool` can end any of them. The server sends, in messages of `subprocess`,

    begin       first: `megabytes`, the most memory
    model       `key`, with the bytes of a model file, to hold under that key
    corpus      `key`, with those of `subprocess.corpus_as_bytes`
    forget      the `key` of a model or corpus to drop
    task        `task`, a name in TASKS; `options`; and `held`, the keys of those options that are a model or corpora;
                its bytes, if it has any, are the option `data`

and the worker answers `ready` to the first message, and to each task

    text        a piece of a text; then another answer
    done        with the bytes of the result, as JSON
    problem     `status`, `detail` and perhaps `parts` of the server's answer

This module needs nothing of the extra `serve`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from queue import SimpleQueue
from typing import Any

import numpy as np

from mangosaurus.api.fit import like
from mangosaurus.api.like import names_of
from mangosaurus.api.model import Model, records
from mangosaurus.core.errors import in_json
from mangosaurus.core.options import made
from mangosaurus.core.units import Unit, nats_in
from mangosaurus.core.vocabulary import END
from mangosaurus.data.corpus import Corpus
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Steering
from mangosaurus.generation.ranking import Ranking
from mangosaurus.generation.samples import Samples
from mangosaurus.models.interface import predict as predict_symbols
from mangosaurus.server.look import look
from mangosaurus.server.subprocess import Message, Parent, corpus_from_bytes, failure, limit_memory

PIECE, PIECE_SECONDS = 8, 0.05
"""The most characters of a piece of a text, and the time after which a shorter one is sent."""


def main() -> None:
    """Runs tasks until the process is killed."""
    server = Parent()
    begin, _ = server.receive()
    limit_memory(begin["megabytes"] * 1_000_000)
    received: SimpleQueue[Message] = SimpleQueue()
    server.listen(lambda *message: received.put(message))
    server.send("ready")
    held: dict[int, Any] = {}
    while True:
        message, data = received.get()
        match message["event"]:
            case "model":
                held[message["key"]] = Model.from_bytes(data)
            case "corpus":
                held[message["key"]] = corpus_from_bytes(data)
            case "forget":
                del held[message["key"]]
            case "task":
                options = {name: held[key] for name, key in message["held"].items()}
                sent = {"data": data} if "bytes" in message else {}
                answer(server, message["task"], options | message["options"] | sent)


def answer(server: Parent, task: str, options: dict[str, Any]) -> None:
    """Runs a task and sends its result.

    The option `label` chooses a label of the model, and those of `Steering` steer it; `names` has names to make it of,
    which are also the training list.
    """
    try:
        if (names := options.pop("names", None)) is not None:
            corpus = names_of(names)
            options["model"] = like(corpus)
            if options.get("training") is None and (task == "best" or options.get("not_like") is not None):
                options["training"] = corpus
        if (label := options.pop("label", None)) is not None:
            options["model"] = options["model"].with_label(label)
        given = {each.name: options.pop(each.name) for each in fields(Steering) if each.name in options}
        if given:
            options["model"] = options["model"].steered(made(Steering, given))
        result = TASKS[task](**options)
        if isinstance(result, Iterator):
            for piece in result:
                server.send("text", text=piece)
            result = None
        server.send("done", json.dumps(result).encode())
    except Exception as error:
        too_much = "this was ended because it took too much memory; ask for less at once"
        unexpected = "the server made a mistake; its own output says more"
        server.send("problem", **failure(error, too_much, unexpected))


def sample(model: Model, n: int, training: Corpus | None = None, **options: Any) -> dict[str, Any]:
    """Names as `Model.sample` draws them, each with its nats per symbol."""
    samples = model.draw(n, *records(options), training)
    losses = model.losses(samples.documents) if samples.losses is None else samples.losses
    return samples.as_dict(losses) | _remarks(samples)


def best(model: Model, k: int, n: int, training: Corpus | None = None, **options: Any) -> dict[str, Any]:
    """The best names, as `Model.best` ranks them."""
    ranked = model.rank(k, n, *records(options), training)
    return ranked.as_dict() | _remarks(ranked)


def _remarks(found: Samples | Ranking) -> dict[str, Any]:
    """What there is to say of names: as sentences, and as their parts, as those of a problem are."""
    marked = found.remarks(lambda option: f"\0{option.name}\0")  # no text has this character
    parts = [
        [{"option" if place % 2 else "text": part} for place, part in enumerate(remark.split("\0")) if part]
        for remark in marked
    ]
    return {"remarks": found.remarks(in_json), "remark_parts": parts}


def top(
    model: Model, n: int, memory: int, new: bool = False, training: Corpus | None = None, **options: Any
) -> dict[str, Any]:
    """The most probable names, as `Model.top` finds them."""
    found = model.most_probable(n, made(Constraints, options), new, training, memory)
    return found.as_dict() | {"summary": "; ".join([*model.remarks, found.summary()])}


def write(model: Model, **options: Any) -> Iterator[str]:
    """A text as `Model.stream` writes it, in pieces."""
    piece, until = "", time.monotonic() + PIECE_SECONDS
    for character in model.stream(**options):
        piece += character
        if len(piece) == PIECE or time.monotonic() >= until:
            yield piece
            piece, until = "", time.monotonic() + PIECE_SECONDS
    if piece:
        yield piece


def score(model: Model, texts: list[str], unit: Unit) -> dict[str, Any]:
    """The surprisal of every character, as `Model.surprisal` computes it, in `unit`."""
    scored, nats = model.surprisal(texts), nats_in(unit)
    scores = [
        {
            "text": each.text,
            f"{unit}_per_symbol": _finite(each.nats_per_symbol / nats),
            "symbols": [{"character": symbol, unit: _finite(surprisal / nats)} for symbol, surprisal in each.symbols()],
            "known": each.known,
            "outlier": each.outlier if each.marked else None,
            "remark": each.remark(unit),
        }
        for each in scored
    ]
    return {"scores": scores, "threshold": None if scored.threshold is None else scored.threshold / nats}


def predict(model: Model, text: str, most: int) -> dict[str, Any]:
    """The `most` most probable symbols at each position of a text; the empty string is END."""
    ids = model.vocabulary.encode(model.as_read(text))
    characters = ("", *model.vocabulary.characters)
    positions = []
    for place, log_probs in enumerate(predict_symbols(model.distribution, [ids])[0]):
        p = np.exp(log_probs)
        likeliest = np.argsort(-p, kind="stable")[:most]
        positions.append(
            {
                "before": model.vocabulary.decode(ids[:place]),
                "character": characters[ids[place] if place < len(ids) else END],
                "next": [{"character": characters[symbol], "probability": float(p[symbol])} for symbol in likeliest],
                "rest": max(0.0, 1.0 - float(p[likeliest].sum())),
            }
        )
    return {"positions": positions}


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


TASKS: dict[str, Callable[..., Any]] = {
    task.__name__: task for task in (sample, best, top, write, score, predict, look)
}
