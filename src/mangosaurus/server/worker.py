"""A process that computes, one job at a time, so that whatever a job does can be ended: see `work`.

It is told, in messages as parent.py has them,

    begin       the first: `megabytes` that it may have
    model       `key`, with the bytes of a model file; it is kept under that key
    corpus      likewise, with those of `parent.corpus_as_bytes`
    forget      the `key` of what is to be kept no longer
    job         `job`, a name of `jobs`; the key of a `model`; its `label` or null; `options`, and those that are
                `corpora` by their keys

and answers every job by one of

    done        with the bytes of the result, as JSON
    problem     `status` and `detail`, as the server is to answer

after `ready`, with which it begins.
"""

from __future__ import annotations

import json
import traceback
from queue import SimpleQueue
from typing import Any

from mangosaurus.corpus import Corpus
from mangosaurus.errors import MangosaurusError, lacks_memory
from mangosaurus.model import Model
from mangosaurus.server.parent import Message, Parent, corpus_from_bytes, limit_memory
from mangosaurus.server.tasks import JOBS


def main() -> None:
    """Works until it is ended."""
    server = Parent()
    begin, _ = server.hear()
    limit_memory(begin["megabytes"] * 1_000_000)
    heard: SimpleQueue[Message] = SimpleQueue()
    server.listen(lambda *message: heard.put(message))
    server.tell("ready")
    models: dict[int, Model] = {}
    corpora: dict[int, Corpus] = {}
    while True:
        message, data = heard.get()
        match message["event"]:
            case "model":
                models[message["key"]] = Model.from_bytes(data)
            case "corpus":
                corpora[message["key"]] = corpus_from_bytes(data)
            case "forget":
                models.pop(message["key"], None)
                corpora.pop(message["key"], None)
            case "job":
                named = {name: corpora[key] for name, key in message["corpora"].items()}
                _answer(server, models[message["model"]], message["label"], message["job"], message["options"] | named)


def _answer(server: Parent, model: Model, label: Any, job: str, options: dict[str, Any]) -> None:
    try:
        result = JOBS[job](model if label is None else model.with_label(label), **options)
        server.tell("done", json.dumps(result).encode())
    except MangosaurusError as error:
        server.tell("problem", status=422, detail=str(error))
    except Exception as error:
        if lacks_memory(error):
            why = "this was ended because it took too much memory; ask for less at once"
            server.tell("problem", status=422, detail=why)
            return
        traceback.print_exc()
        server.tell("problem", status=500, detail="the server made a mistake; its own output says more")
