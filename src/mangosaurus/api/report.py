"""The report: one page about how a model was trained, and how its samples compare with its training data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from mangosaurus.api.facts import CAPTION, curves_of, facts_of, figure
from mangosaurus.api.model import Model
from mangosaurus.api.verbs import ModelLike, load
from mangosaurus.core.arguments import checked
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.encodings import without_options
from mangosaurus.data.read import CorpusLike, as_corpus, read_corpus
from mangosaurus.evaluation.loss import novelty
from mangosaurus.evaluation.surprisal import surprisal
from mangosaurus.generation.collect import Unwanted, collect
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.html.charts import (
    CHARTS,
    MOST_CHARACTERS,
    check_matplotlib,
    curves_chart,
    lengths_chart,
    letters_chart,
)
from mangosaurus.html.page import escape, page
from mangosaurus.html.shading import SHADING, explanation, name_table
from mangosaurus.html.tables import facts_table, grid

MANY_NAMES, MANY_TEXTS = 1000, 20
"""Samples drawn to measure lengths, letters and novelty."""
NEIGHBOURS, MOST_SURPRISING = 50, 30
STRETCH = 20
"""Characters. Stretches of this length in sampled texts are searched in the training text."""
LONGEST_READ = 200_000
"""The most surprising lines are searched in this many characters of a text."""
LEFT_OUT = (
    '<p class="faint">Left out: a model file holds only hashes of what it was trained on. Give the list or text '
    "itself as training data (mangosaurus report --training FILE) to compare with it.</p>"
)


@checked
def report(model: ModelLike = None, holdout: CorpusLike = None, training: CorpusLike = None, seed: int = 0) -> str:
    """One HTML page about a model. It needs no other file and no network.

    `training` is the training list or text, because a model file holds only hashes of it; the bundled dinosaurs need
    none. Without it, the page leaves out the parts that need it, and says so. `holdout` is evaluated. The samples are
    drawn with `seed`, and the same seed gives the same page.

    Raises MissingExtraError if Matplotlib is not installed, CorpusError for a corpus that cannot be read.
    """
    model = load(model)
    check_matplotlib()
    alike: dict[str, Any] = {"lowercase": model.lowering, "kind": model.kind}
    with without_options():
        held_out = None if holdout is None else model.in_symbols(as_corpus(holdout, **alike))
        data = _bundled(model) if training is None else model.in_symbols(as_corpus(training, **alike))
    sections = [
        _opening(model, data),
        _training(model.training),
        "" if held_out is None else _held_out(model, held_out),
        _samples(model, data, seed),
        _neighbours(model, data, seed),
    ]
    lists = [(data, f"the training {'list' if model.kind == 'names' else 'text'}"), (held_out, "what was held out")]
    given = [(corpus, of) for corpus, of in lists if corpus is not None]
    sections += [_most_surprising(model, corpus, of, place == 0) for place, (corpus, of) in enumerate(given)]
    if data is None:
        sections.append(f"<h2>The most surprising of the training {_things(model)}</h2>{LEFT_OUT}")
    return page(f"A model of {model.kind}", "\n".join(filter(None, sections)), CHARTS, SHADING)


def _bundled(model: Model) -> Corpus | None:
    """The bundled list, if the model was trained on it."""
    bundled = read_corpus()
    return bundled if model.kind == "names" and DocumentHashes.of(bundled.documents) == model.known else None


def _opening(model: Model, data: Corpus | None) -> str:
    facts = facts_of(model)
    if data is not None:
        known, total = sum(document in model.known for document in data.documents), len(data.documents)
        facts["compared with"] = data.summary()
        if known < total:
            facts["note on it"] = f"only {known:,} of these {total:,} {_things(model)} are in the model's training list"
    return f"<h1>A model of {model.kind}</h1>\n{facts_table(facts)}"


def _training(training: Mapping[str, Any]) -> str:
    curves = dict(curves_of(training))
    if not curves:
        return (
            "<h2>Training</h2><p>No training curve was recorded. A model without networks and an imported network have "
            "none.</p>"
        )
    return f"<h2>Training</h2>{figure(curves_chart(curves), CAPTION)}"


def _held_out(model: Model, held_out: Corpus) -> str:
    rows = [("all of it", model.evaluate(held_out))]
    new = tuple(document for document in held_out.documents if document not in model.known)
    if 0 < len(new) < len(held_out.documents):
        with suppress(CorpusError):  # if the model knows no character of the rest
            rows.append(("without training documents", model.evaluate(list(new))))
    head = ("", "nats per symbol", f"bits per {model.vocabulary.unit}", "symbols", "documents", "unknown characters")
    cells = [
        (
            *(name, f"{measured.nats_per_symbol:.4f}", f"{measured.bits_per_character:.4f}"),
            *(f"{n:,}" for n in (measured.symbols, measured.documents, measured.unknown_characters)),
        )
        for name, measured in rows
    ]
    return f"<h2>What was held out</h2><p>{escape(held_out.summary())}.</p>{grid(head, cells, range(1, len(head)))}"


def _samples(model: Model, data: Corpus | None, seed: int) -> str:
    n = MANY_NAMES if model.kind == "names" else MANY_TEXTS
    # Texts are drawn in one batch, which is quicker than one by one.
    asked = Constraints(max_length=model.default_length), SamplingParameters(seed=seed)
    unwanted = Unwanted(repeated=False)
    drawn = collect(model.distribution, n, *asked, unwanted=unwanted, cut_long=model.kind == "text").documents
    if not drawn:
        return f"<h2>Samples</h2><p>None of {n:,} samples ended: there is nothing to compare.</p>"
    sampled, real = _pieces(drawn, model), None if data is None else _pieces(data.documents, model)
    split = model.vocabulary.split
    length = split if model.kind == "names" else str

    def lengths_of(pieces: Sequence[str]) -> dict[Any, float]:
        return _shares(len(length(piece)) for piece in pieces)

    def letters_of(texts: Sequence[str]) -> dict[Any, float]:
        return _shares(chain.from_iterable(map(split, texts)))

    lengths = lengths_of(sampled), None if real is None else lengths_of(real)
    letters = letters_of(drawn), None if data is None else letters_of(data.documents)
    what, new = "words", ""
    if model.kind == "names":
        what, measured = "names", novelty(drawn, model.known)
        new = (
            f"Of {len(drawn):,} samples {measured.new:.1%} are not in the training list, and {measured.distinct:.1%} "
            "are distinct, before anything is left out."
        )
    elif data is not None:
        new = f"Of all stretches of {STRETCH} characters in the samples, {_copied(drawn, data):.1%} are in the text."
    most = f"The share of each character, the most frequent {MOST_CHARACTERS} at most."
    each = "The share of each length."
    return (
        f"<h2>Samples</h2><p>{new} Drawn with seed {seed}.</p>{LEFT_OUT if data is None else ''}"
        f"<h3>Lengths of {what}</h3>{figure(lengths_chart(what, *lengths), each + _difference(*lengths))}"
        f"<h3>Characters</h3>{figure(letters_chart(*letters), most + _difference(*letters))}"
    )


def _pieces(documents: Sequence[str], model: Model) -> list[str]:
    """Names, or the words of texts without the last one, which a sample cuts short."""
    if model.kind == "names":
        return list(documents)
    return [word for document in documents for word in (document.split()[:-1] or [document])]


def _copied(samples: Sequence[str], data: Corpus) -> float:
    """The share of the samples' stretches of STRETCH characters that occur in the data."""
    stretches = list(_stretches(samples))
    there = set(stretches).intersection(_stretches(data.documents))
    return sum(stretch in there for stretch in stretches) / max(1, len(stretches))


def _stretches(texts: Iterable[str]) -> Iterator[str]:
    return (text[i : i + STRETCH] for text in texts for i in range(len(text) - STRETCH + 1))


def _neighbours(model: Model, data: Corpus | None, seed: int) -> str:
    if model.kind == "text":
        text = "".join(model.sample(1, seed=seed))
        return f'<h2>A sample</h2><p class="shaded" dir="auto">{escape(text)}</p>'
    title = "<h2>Samples and their nearest neighbours</h2>"
    samples = model.sample(NEIGHBOURS, seed=seed).documents
    if data is None:
        names = ", ".join(samples)
        return f"{title}<p>New names: {escape(names)}.</p>{LEFT_OUT}" if samples else ""
    if not samples:
        return f"{title}<p>No new name was found.</p>"
    rows = [
        (text, name, str(edits))
        for text, name, edits in novelty(samples, model.known, data.documents, model.vocabulary.split).nearest
    ]
    explained = (
        "New names, the nearest name of the data to each, and the edits between the two: characters put in, left out "
        "or changed."
    )
    return f"{title}<p>{explained}</p>{grid(('new name', 'nearest', 'edits'), rows, (2,))}"


def _most_surprising(model: Model, corpus: Corpus, of: str, explain: bool) -> str:
    told, things = explanation() if explain else "", "line"
    if model.kind == "names":
        found = surprisal(model.distribution, corpus.documents, "names", model.known)
        things, told = "name", f"{told}<p>{escape(found.summary())}; these come first here.</p>"
    else:
        text = "\n".join(corpus.documents)[:LONGEST_READ]
        found = surprisal(model.distribution, [text], "text", model.known).lines()
    first = sorted(found.sorted(), key=lambda entry: not entry.marked)[:MOST_SURPRISING]
    return f"<h2>The most surprising {things}s of {of}</h2>{told}{name_table(first, things)}"


def _things(model: Model) -> str:
    return "names" if model.kind == "names" else "texts"


def _shares(values: Any) -> dict[Any, float]:
    """How often each value occurs, divided by how many there are."""
    counts = Counter(values)
    return {value: count / counts.total() for value, count in counts.items()}


def _difference(first: Mapping[Any, float], second: Mapping[Any, float] | None) -> str:
    """A sentence with the total variation distance: half the sum of absolute differences. Empty without a second."""
    if second is None:
        return ""
    distance = sum(abs(first.get(key, 0.0) - second.get(key, 0.0)) for key in {*first, *second}) / 2
    return f" Total variation distance between samples and data: {distance:.1%}."
