"""Names with labels: `python -m benchmarks.labels [--corpus surnames] [--steps 1500] [--seed 0] [--record]`.

The two lists come from public packages: given names by sex (gender-guesser) and surnames by language (Faker). A random
tenth of each is held out, and nothing is chosen by it. One model of all labels is compared with a model for each label
and with one model without labels. All may take the same number of steps. Its classification is compared with a logistic
regression on character n-grams (scikit-learn), the best of a few on a tenth of the training part. It needs
`pip install gender-guesser faker scikit-learn`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from importlib import import_module
from importlib.resources import files

import numpy as np

import mangosaurus
from benchmarks.record import Figure, figure, machine, record_if, recording_parser
from mangosaurus.evaluation.classification import confusion_lines

Pairs = list[tuple[str, str]]
SEXES = {"M": "male", "F": "female"}
LANGUAGES = {
    "Croatian": "hr_HR",
    "Dutch": "nl_NL",
    "English": "en_US",
    "Estonian": "et_EE",
    "Finnish": "fi_FI",
    "French": "fr_FR",
    "German": "de_DE",
    "Irish": "ga_IE",
    "Italian": "it_IT",
    "Slovak": "sk_SK",
    "Spanish": "es_ES",
    "Swedish": "sv_SE",
}


def given_names() -> Pairs:
    """The names of gender-guesser's list that are clearly men's or clearly women's."""
    text = (files("gender_guesser") / "data" / "nam_dict.txt").read_bytes().decode("utf-8", "replace")
    found = set()
    for line in text.splitlines():
        sex, name = SEXES.get(line[:2].strip()), line[3:29].replace("+", " ").strip()
        if sex and name and not line.startswith(("#", "=")):
            found.add((name, sex))
    return sorted(found)


def surnames() -> Pairs:
    """Faker's surnames of languages in Latin letters with a few hundred names."""
    found = set()
    for language, locale in LANGUAGES.items():
        provider = import_module(f"faker.providers.person.{locale}").Provider
        found |= {(name, language) for name in provider.last_names}
    return sorted(found)


CORPORA: dict[str, Callable[[], Pairs]] = {"surnames": surnames, "names": given_names}


def split(pairs: Pairs, seed: int) -> tuple[Pairs, Pairs]:
    """Nine tenths and one tenth, at random."""
    shuffled = pairs.copy()
    random.Random(seed).shuffle(shuffled)
    tenth = len(shuffled) // 10
    return shuffled[tenth:], shuffled[:tenth]


def nats(model: mangosaurus.Model, pairs: Pairs, labelled: bool) -> tuple[float, int]:
    """The sum of -log p over all known symbols with END, and the number of these symbols."""
    names = [name for name, _ in pairs]
    measured = model.evaluate(names, labels=[label for _, label in pairs] if labelled else None)
    return measured.nats_per_symbol * measured.symbols, measured.symbols


def logistic_regression(training: Pairs, test: Pairs) -> tuple[float, float]:
    """Accuracy and nats per name of the regression that is best on a tenth of the training part."""
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    def fitted(pairs: Pairs, kind: type, longest: int, strength: float):  # type: ignore[no-untyped-def]
        vectors = kind(analyzer="char_wb", ngram_range=(1, longest), lowercase=True)
        names, labels = zip(*pairs, strict=True)
        return make_pipeline(vectors, LogisticRegression(C=strength, max_iter=500)).fit(names, labels)

    def measured(model, pairs: Pairs) -> tuple[float, float]:  # type: ignore[no-untyped-def]
        names, labels = zip(*pairs, strict=True)
        p = model.predict_proba(names)
        own = np.searchsorted(model.classes_, labels)
        return float((p.argmax(axis=1) == own).mean()), float(-np.log(p[np.arange(len(own)), own]).mean())

    chosen_from, chosen_on = split(training, 1)
    grid = [(CountVectorizer, n, c) for n in (4, 5) for c in (0.3, 1.0, 3.0)]
    grid += [(TfidfVectorizer, n, c) for n in (4, 5) for c in (3.0, 10.0)]
    best = max(grid, key=lambda choice: measured(fitted(chosen_from, *choice), chosen_on)[0])
    return measured(fitted(training, *best), test)


def compare(name: str, steps: int, members: int, seed: int) -> dict[str, Figure]:
    """Prints and returns the figures of one corpus."""
    training, test = split(CORPORA[name](), seed)
    labels = sorted({label for _, label in training})
    print(f"{name}: {len(training):,} names, {len(test):,} held out, {len(labels)} labels")

    def fit(pairs: Pairs, labelled: bool) -> mangosaurus.Model:
        chosen = [label for _, label in pairs] if labelled else None
        return mangosaurus.fit([n for n, _ in pairs], labels=chosen, steps=steps, members=members, seed=seed)

    started = time.perf_counter()
    model = fit(training, labelled=True)
    seconds = time.perf_counter() - started
    total, symbols = nats(model, test, labelled=True)
    given = total / symbols
    print(f"  {given:7.4f} nats per symbol: one model, given the label ({seconds:.0f} s)", flush=True)

    # A character that one label's list lacks still counts in that label's loss.
    everything = "".join(sorted({character for n, _ in training for character in n}))
    separate, counted = 0.0, 0
    started = time.perf_counter()
    for label in labels:
        part = fit([pair for pair in training if pair[1] == label], labelled=False)
        of_label = [pair for pair in test if pair[1] == label]
        lost, known = nats(part, of_label, labelled=False)
        separate, counted = separate + lost, counted + known
        missing = sum(c not in part.vocabulary.characters and c in everything for n, _ in of_label for c in n)
        separate, counted = separate + missing * np.log(len(everything) + 1), counted + missing
    seconds = time.perf_counter() - started
    print(f"  {separate / counted:7.4f} nats per symbol: a model for each label ({seconds:.0f} s)", flush=True)

    started = time.perf_counter()
    total, symbols = nats(fit(training, labelled=False), test, labelled=False)
    seconds = time.perf_counter() - started
    without = total / symbols
    print(f"  {without:7.4f} nats per symbol: one model without labels ({seconds:.0f} s)")
    total, symbols = nats(model, test, labelled=False)
    print(f"  {total / symbols:7.4f} nats per symbol: the one model with labels, not given the label", flush=True)

    found = model.classify([n for n, _ in test])
    own = np.array([labels.index(label) for _, label in test])
    measured = mangosaurus.agreement(found, own)
    print(
        f"  {measured.accuracy:7.2%} right, {measured.nats_per_name:.4f} nats per name, expected calibration error "
        f"{measured.calibration_error:.4f}: Bayes' rule"
    )
    accuracy, loss = logistic_regression(training, test)
    print(f"  {accuracy:7.2%} right, {loss:.4f} nats per name: logistic regression on character n-grams")
    print("\n".join(confusion_lines(measured)), flush=True)
    return {
        f"{name}.names": figure([len(training) + len(test)]),
        f"{name}.labels": figure([len(labels)]),
        f"{name}.given": figure([given], "nats per symbol"),
        f"{name}.separate": figure([separate / counted], "nats per symbol"),
        f"{name}.without": figure([without], "nats per symbol"),
        f"{name}.not_given": figure([total / symbols], "nats per symbol"),
        f"{name}.bayes": figure([measured.accuracy]),
        f"{name}.calibration": figure([measured.calibration_error]),
        f"{name}.regression": figure([accuracy]),
    }


def main() -> None:
    parser = recording_parser(__doc__)
    parser.add_argument("--corpus", choices=sorted(CORPORA), default=None)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(machine())
    figures = {"steps": figure([options.steps]), "members": figure([options.members])}
    for name in CORPORA:
        if options.corpus in (None, name):
            figures |= compare(name, options.steps, options.members, options.seed)
    record_if(options.record, "labels", figures)


if __name__ == "__main__":
    main()
