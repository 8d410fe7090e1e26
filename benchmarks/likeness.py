"""How much samples are like the names of a list: well formed, told apart, memorised; for `benchmarks.short_lists`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np

LONGEST = 60
"""Characters of a sample."""
MOST_DRAWS = 25
"""Draws for each sample that is wanted. A chain of a short list says little that is new."""
FOLDS = 5
FEWEST = 20
"""Samples, and names, that the classifier must have."""


def fresh(draw: Callable[[], str], known: Iterable[str], number: int) -> list[str]:
    """So many distinct samples that are not in the list, or as many as come in a bounded number of draws."""
    seen, samples = {"", *known}, []
    for _ in range(MOST_DRAWS * number):
        if (name := draw()) not in seen:
            seen.add(name)
            samples.append(name)
        if len(samples) == number:
            break
    return samples


def well_formed(name: str) -> bool:
    """Whether each word is one capital and then small letters."""
    words = name.split(" ")
    return all(word[:1].isupper() and word[1:].isalpha() and word[1:].islower() for word in words)


def share(true_of: Callable[[str], bool], names: Collection[str]) -> float:
    return sum(map(true_of, names)) / len(names)


def told_apart(samples: Sequence[str], names: Sequence[str], seed: int) -> float | None:
    """The area under the ROC curve of a classifier that tells samples from names: 0.5 is perfect, 1 is hopeless.

    A logistic regression on the length and on 1- to 3-grams of characters, those at the edges too, weighted by TF-IDF;
    cross-validated in five folds. Plain counts tell fewer apart. None where there are too few samples or names.
    """
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    if min(len(samples), len(names)) < FEWEST:
        return None
    both, real = [f"<{name}>" for name in [*samples, *names]], np.repeat([0, 1], [len(samples), len(names)])
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False).fit_transform(both)
    lengths = np.array([[len(name)] for name in both])
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    regression = LogisticRegression(C=10.0, max_iter=2000)
    areas = cross_val_score(regression, hstack([grams, lengths]).tocsr(), real, scoring="roc_auc", cv=folds)
    return float(areas.mean())
