"""The tables in README and docs that are made whole, by the name that a page gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks import listing
from benchmarks.record import Figure, Record
from benchmarks.scaling import machines_table, processors_table, rows_of, size, two_digits

SHARED_OUT = {
    "sonnets_lstm": "the sonnets, LSTM of 256 units, bfloat16",
    "sonnets_lstm_512": "the sonnets, LSTM of 512 units, bfloat16",
    "sonnets_lstm_512_32": "the sonnets, LSTM of 512 units, 32 bits",
    "sonnets_transformer": "the sonnets, transformer of 128 units",
    "dinosaurs_lstm_32": "dinosaurs, LSTM, 32 bits",
    "dinosaurs_lstm": "dinosaurs, LSTM, bfloat16",
}
LABELLED = {"surnames": "surnames, {} languages", "names": "given names, {} sexes"}
SPLITS = {
    "dinos": "dinosaur names, makemore's split",
    "sonnets": "Shakespeare's sonnets, last tenth",
    "tinyshakespeare": "tinyshakespeare, nanoGPT's split",
}


def apart(records: Mapping[str, Record]) -> str:
    """How far the losses of two processes are from those of one."""
    found = records["distributed"].figures
    rows = [[title, f"{found[f'{key}.apart'].highest:.1e}"] for key, title in SHARED_OUT.items()]
    return rows_of([["two processes against one, the same batches", "largest difference, nats per symbol"], *rows])


def exchanges(records: Mapping[str, Record]) -> str:
    """How long the sum of gradients over two processes takes."""
    rows = [["weights", "bytes", "time", "a second"]]
    for key, found in records["distributed"].figures.items():
        if key.startswith("exchange."):
            weights = int(key.removeprefix("exchange."))
            bytes = 4 * weights
            rate = f"{bytes / found.median / 1e6:.1f} GB" if weights > 1 else ""
            moved = size(bytes) if weights > 1 else f"{bytes} bytes"
            rows.append([f"{weights:,}", moved, f"{two_digits(found.median)} ms", rate])
    return rows_of(rows)


def rates(records: Mapping[str, Record]) -> str:
    """What one process and two read in a second, and the memory of each."""
    found = records["distributed"].figures
    rows = [["symbols/s", "one process", "two", "memory of each"]]
    for key, title in SHARED_OUT.items():
        one, two = (f"{found[f'{key}.{kind}.rate'].median:,.0f}" for kind in ("one", "several"))
        rows.append([title, one, two, f"{found[f'{key}.several.peak'].median / 1000:.1f} GB"])
    return rows_of(rows)


def cells(records: Mapping[str, Record]) -> str:
    """The transformer against the LSTM on two cores."""
    titles = {
        "lstm_256": "LSTM of 256 units",
        "transformer_4_96": "transformer of 4 layers of 96 units",
        "transformer_2_128": "transformer of 2 layers of 128 units",
    }
    found = records["cells"].figures
    losses = {key: found[f"{key}.loss"] for key in titles}
    rows = [[title, *bold_least([losses[key]], losses, 3), seconds(found, key)] for key, title in titles.items()]
    return rows_of([["", "held-out loss, nats per symbol", "processor time"], *rows])


def seconds(found: Mapping[str, Figure], key: str) -> str:
    return f"{found[f'{key}.seconds'].median:.0f} s"


def labels(records: Mapping[str, Record]) -> str:
    """Names with labels: losses, and classification against a logistic regression."""
    found = records["labels"].figures
    rows = [
        [
            "names",
            "one model, given the label",
            "a model for each label",
            "one without labels",
            "right by Bayes' rule",
            "logistic regression on character n-grams",
        ]
    ]
    for key, title in LABELLED.items():
        losses = {each: found[f"{key}.{each}"] for each in ("given", "apart", "without")}
        bayes, regression = found[f"{key}.bayes"].median, found[f"{key}.regression"].median
        better = f"**{bayes:.1%}**" if bayes > regression else f"{bayes:.1%}"
        rows.append(
            [
                f"{found[f'{key}.names'].median:,.0f} " + title.format(f"{found[f'{key}.labels'].median:.0f}"),
                *bold_least(list(losses.values()), losses, 3),
                better,
                f"{regression:.1%}" if bayes >= regression else f"**{regression:.1%}**",
            ]
        )
    return rows_of(rows)


def quality(records: Mapping[str, Record]) -> str:
    """The loss on test parts for the seconds given: a row for each corpus and budget recorded."""
    rows = [["corpus", "budget", "nats per symbol, median", "lowest to highest", "seeds"]]
    for key, loss in records["quality"].figures.items():
        corpus, budget, what = key.split(".")
        if what == "loss":
            given = f"{budget} s" if budget != "0" else "0 s: the n-gram alone"
            spread = f"{loss.lowest:.3f} to {loss.highest:.3f}"
            rows.append([SPLITS[corpus], given, f"{loss.median:.3f}", spread, str(loss.runs)])
    return rows_of(rows)


def bold_least(shown: list[Figure], among: Mapping[str, Figure], digits: int) -> list[str]:
    """The medians, the least of all set in bold."""
    least = min(each.median for each in among.values())
    numbers = [f"{each.median:.{digits}f}" for each in shown]
    return [f"**{text}**" if each.median == least else text for text, each in zip(numbers, shown, strict=True)]


TABLES: dict[str, Callable[[Mapping[str, Record]], str]] = {
    **listing.TABLES,
    "labels": labels,
    "quality": quality,
    "distributed.apart": apart,
    "distributed.exchanges": exchanges,
    "distributed.rates": rates,
    "cells": cells,
    "scaling.machines": machines_table,
    "scaling.processors": processors_table,
}
