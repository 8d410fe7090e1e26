"""The report: one page about how a model was trained, and how its samples compare with its training data."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from mangosaurus.api.model import Model
from mangosaurus.api.verbs import ModelLike, load
from mangosaurus.core.arguments import checked
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import CorpusError
from mangosaurus.data.corpus import Corpus
from mangosaurus.data.read import CorpusLike, as_corpus, read_corpus
from mangosaurus.evaluation.loss import novelty
from mangosaurus.evaluation.surprisal import surprisal
from mangosaurus.formats.native.contents import parts_in_words, parts_of, shares_in_words
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
from mangosaurus.models.describe import describe

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
Curve = list[tuple[int, float, float]]


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
    held_out = None if holdout is None else as_corpus(holdout, lowercase=model.lowercased, kind=model.kind)
    data = _bundled(model) if training is None else as_corpus(training, lowercase=model.lowercased, kind=model.kind)
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
    training = model.training
    loss, symbols = training.get("held_out"), training.get("held_out_symbols")
    held_out = f"{loss:.3f} nats per symbol" if isinstance(loss, int | float) else None
    by_weight = training.get("held_out_weighted")
    if held_out and isinstance(by_weight, int | float):
        held_out += f", each name once; {by_weight:.3f} by weight"
    facts = {
        "model": describe(model.distribution),
        "knows": model.vocabulary.summary(),
        "trained on": training.get("corpus"),
        "held-out loss": held_out and held_out + (f", on {symbols:,} symbols" if isinstance(symbols, int) else ""),
        "experts": shares_in_words(training),
        "note": training.get("note"),
    }
    facts |= {f"part {number}": part for number, part in enumerate(parts_in_words(training), 1)}
    if data is not None:
        known, total = sum(document in model.known for document in data.documents), len(data.documents)
        facts["compared with"] = data.summary()
        if known < total:
            facts["note on it"] = f"only {known:,} of these {total:,} {_things(model)} are in the model's training list"
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>' for name, text in facts.items() if text
    )
    return f'<h1>A model of {model.kind}</h1>\n<div class="scroll"><table>{rows}</table></div>'


def _training(training: Mapping[str, Any]) -> str:
    curves = dict(_curves(training))
    if not curves:
        return (
            "<h2>Training</h2><p>No training curve was recorded. A model without networks and an imported network have "
            "none.</p>"
        )
    caption = (
        "Both losses are in nats per symbol. The training loss is a running mean with dropout, so it may be above the "
        "held-out loss, which is measured without."
    )
    return f"<h2>Training</h2>{_chart(curves_chart(curves), caption)}"


def _curves(training: Mapping[str, Any], of: str = "") -> list[tuple[str, Curve]]:
    """(name, curve) of every network, including those of a blend's parts. A record may hold anything."""
    found = []
    recorded = training.get("curves")
    for number, points in enumerate(recorded if isinstance(recorded, list) else [], 1):
        try:
            curve = [(int(step), float(loss), float(held_out)) for step, loss, held_out in points]
        except (TypeError, ValueError, OverflowError):
            continue
        if curve and all(math.isfinite(number) for point in curve for number in point):
            found.append((f"Network {number}{of}", curve))
    for number, part in enumerate(parts_of(dict(training)), 1):
        found.extend(_curves(part["training"], f" of part {number}{of}"))
    return found


def _held_out(model: Model, held_out: Corpus) -> str:
    rows = [("all of it", model.evaluate(held_out))]
    new = tuple(document for document in held_out.documents if document not in model.known)
    if 0 < len(new) < len(held_out.documents):
        with suppress(CorpusError):  # if the model knows no character of the rest
            rows.append(("without training documents", model.evaluate(list(new))))
    head = ("", "nats per symbol", "bits per character", "symbols", "documents", "unknown characters")
    cells = [
        (
            *(name, f"{measured.nats_per_symbol:.4f}", f"{measured.bits_per_character:.4f}"),
            *(f"{n:,}" for n in (measured.symbols, measured.documents, measured.unknown_characters)),
        )
        for name, measured in rows
    ]
    return f"<h2>What was held out</h2><p>{escape(held_out.summary())}.</p>{_grid(head, cells)}"


def _samples(model: Model, data: Corpus | None, seed: int) -> str:
    n = MANY_NAMES if model.kind == "names" else MANY_TEXTS
    # Texts are drawn in one batch, which is quicker than one by one.
    asked = Constraints(max_length=model.default_length), SamplingParameters(seed=seed)
    unwanted = Unwanted(repeated=False)
    drawn = collect(model.distribution, n, *asked, unwanted=unwanted, cut_long=model.kind == "text").documents
    if not drawn:
        return f"<h2>Samples</h2><p>None of {n:,} samples ended: there is nothing to compare.</p>"
    sampled, real = _pieces(drawn, model), None if data is None else _pieces(data.documents, model)
    lengths = _shares(map(len, sampled)), None if real is None else _shares(map(len, real))
    letters = _shares("".join(drawn)), None if data is None else _shares("".join(data.documents))
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
        f"<h3>Lengths of {what}</h3>{_chart(lengths_chart(what, *lengths), each + _difference(*lengths))}"
        f"<h3>Characters</h3>{_chart(letters_chart(*letters), most + _difference(*letters))}"
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
    rows = [(text, name, str(edits)) for text, name, edits in novelty(samples, model.known, data.documents).nearest]
    explained = (
        "New names, the nearest name of the data to each, and the edits between the two: characters put in, left out "
        "or changed."
    )
    return f"{title}<p>{explained}</p>{_grid(('new name', 'nearest', 'edits'), rows)}"


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


def _chart(svg: str, caption: str) -> str:
    return f'<figure><div class="scroll">{svg}</div><figcaption>{escape(caption)}</figcaption></figure>'


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with a head; numbers are aligned to the right."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "\n".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _cell(text: str) -> str:
    number = text.replace(",", "").replace(".", "").isdigit()
    return f'<td class="number">{text}</td>' if number else f'<td dir="auto">{escape(text)}</td>'
