"""A look at what a client sends: what a training would learn of it, or why nothing. It needs nothing of `serve`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from mangosaurus.api.fit import check_enough, cut
from mangosaurus.core.errors import CorpusError, MangosaurusError, OptionError, in_json
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.encodings import NotTextError
from mangosaurus.data.read import Preview, preview
from mangosaurus.data.reading import reading_of
from mangosaurus.training.settings import Settings

SOURCE = "the list or text sent"
"""The name of what is sent, in messages."""
FIRST = 10
"""Documents that are shown."""
LONGEST = 200
"""Characters of them that are shown, and of the fields of a column."""
COLUMNS = 200
"""Columns of a table that are shown."""


def facts(corpus: Corpus) -> dict[str, Any]:
    """What is learnt, as JSON: counts, notes, and the first documents. A name that repeats is one that counts more.

    Symbols are those of a training without a separator: characters, or grapheme clusters.
    """
    (corpus,) = cut([corpus.once], Settings())
    labels, weights = (None if each is None else each[:FIRST] for each in (corpus.labels, corpus.weights))
    return {
        "kind": corpus.kind,
        "documents": len(corpus.documents),
        "characters": corpus.characters,
        "distinct": corpus.distinct,
        "labels": None if corpus.labels is None else dict(Counter(corpus.labels).most_common()),
        "weight": None if corpus.weights is None else sum(corpus.weights),
        "summary": corpus.summary(),
        "notes": [note.removeprefix(f"{SOURCE}: ") for note in corpus.notes],
        "first": [
            {
                "text": document[:LONGEST],
                "label": None if labels is None else labels[place],
                "weight": None if weights is None else weights[place],
            }
            for place, document in enumerate(corpus.documents[:FIRST])
        ],
    }


def look(data: bytes, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the bytes of an upload are, as JSON: the corpus, or the problem; and the columns of a table.

    `asked` has options of `Reading`.
    """
    try:
        found = preview(data, SOURCE, reading_of(asked))
    except OptionError as error:
        found = Preview(None, error)
    problem = found.problem
    if found.corpus is not None:
        try:
            check_enough(found.corpus)
        except CorpusError as error:
            problem = error
    uses: dict[int | None, str] = {}
    if found.choice is not None:
        uses = {found.choice.weight: "weight", **dict.fromkeys(found.choice.labels, "label"), found.choice.name: "name"}
    return {
        "corpus": None if found.corpus is None else facts(found.corpus),
        "problem": None if problem is None else refusal(problem),
        "columns": [
            {
                "name": column.name[:LONGEST],
                "holds": column.holds,
                "examples": [example[:LONGEST] for example in column.examples],
                "learnt": uses.get(place),
            }
            for place, column in enumerate(found.columns[:COLUMNS])
        ],
    }


def refusal(error: MangosaurusError) -> dict[str, Any]:
    """The problem that an upload would be answered, with the parts of its sentence."""
    status = 400 if isinstance(error, NotTextError) else 422
    title = HTTPStatus(status).phrase
    return {"title": title, "status": status, "detail": error.spelled(in_json), "parts": error.as_json}
