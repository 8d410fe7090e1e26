"""What must hold whatever was read: one line of refusal, or probabilities. All else that is raised is a finding."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mangosaurus.api.model import Model
from mangosaurus.core.errors import MangosaurusError, ModelFileError
from mangosaurus.models.interface import CharModel, select
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.ngram import NGram

LONGEST_MESSAGE = 2000
REFUSED, FINE = "refused", "fine"
WRITING = "a file opened for writing"
FORBIDDEN = (
    WRITING,
    *("exec", "compile", "import", "pickle.find_class", "marshal.loads", "code.__new__", "ctypes.dlopen"),
    *("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "subprocess.Popen"),
    *("socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request", "os.remove", "os.rename", "os.rmdir"),
)
"""Events of Python's audit that no file may cause."""


class ExecutedError(BaseException):
    """Something was executed, imported, connected or written; of no family, so that nothing takes it for bad data."""


before_drawing: list[Callable[[], None]] = []
"""Called before names are drawn: what looks for them has limits of its own."""
_watching: list[tuple[str, ...]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "open" and set(str(arguments[1] or "r")) & set("wax+"):
        event = WRITING
    if event == "compile" and sys._getframe(1).f_code is ast.parse.__code__:
        return  # ast.literal_eval makes a tree of a list of Python, and no code; running code would be the event exec
    if event in _watching[-1]:
        forbidden = _watching.pop()  # once is enough, and what reports it may open files
        raise ExecutedError(f"{event} {arguments!r}"[:300], forbidden)


@contextmanager
def nothing_executed(forbidden: tuple[str, ...] = FORBIDDEN) -> Iterator[None]:
    """Raises ExecutedError where code is run, a module imported, a process or a connection begun, or a file written."""
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    _watching.append(forbidden)
    try:
        yield
    finally:
        _watching.clear()


_hooked: list[bool] = []


def draw_begins() -> None:
    """From here on, names are looked for."""
    for each in before_drawing:
        each()


def message_of(error: MangosaurusError) -> str:
    """The line of an error. Raises AssertionError if it is more than one, or endless."""
    message = str(error)
    assert message
    assert message.isprintable(), f"more than one line, or control characters: {message[:200]!r}"
    assert len(message) <= LONGEST_MESSAGE, f"a message of {len(message)} characters: {message[:200]!r}"
    return message


def use_model(path: Path) -> str:
    """Loads a model file and does with it what users do; says what came of it."""
    try:
        model = Model.load(path)
    except ModelFileError as error:
        return f"{REFUSED}: {message_of(error)}"
    assert model.kind in ("names", "text")
    json.dumps(model.info())
    distribution = model.distribution
    predicts(distribution)
    few = not isinstance(distribution, Labelled) or len(distribution.labels) < 100
    if few:  # each label's model scores by itself, so that the time for many is theirs
        scores_documents(model)
    if isinstance(distribution, Labelled):
        predicts(distribution.given(0))
        if few:
            shares = distribution.posterior([np.array([], dtype=np.int64)])
            assert abs(shares.sum() - 1) < 1e-6, f"shares of labels {shares}"
    length = 6 if model.kind == "names" else 12
    assert model.default_length <= 10_000
    draw_begins()
    every = model.kind == "names"  # of texts, none is left out
    names = model.sample(3, seed=1, max_length=length, allow_known=every, allow_duplicates=every)
    for name in map(model.vocabulary.split, names.documents):
        assert len(name) <= length
        assert set(name) <= set(model.vocabulary.characters)
    return FINE


def predicts(model: CharModel) -> None:
    """Asserts that the probabilities of what comes next are some, behind a few random symbols, for few rows and many.

    Symbols that the model holds for impossible are read too: the prompt may have them.
    """
    random = np.random.default_rng(0)
    for batch in (1, 3, 33):
        rows = batch * len(model.labels) if isinstance(model, Labelled) else batch
        if batch > 1 and rows * len(model.vocabulary) > 20_000:
            continue
        state = model.start(batch)
        for _ in range(6 if batch < 33 else 3):
            log_probs = model.log_probs(state)
            assert log_probs.shape == (batch, len(model.vocabulary))
            assert not np.isnan(log_probs).any(), "a probability is not a number"
            sums = np.exp(log_probs.astype(np.float64)).sum(axis=1)
            assert (np.abs(sums - 1) < 1e-6).all(), f"probabilities sum to {sums[:3]}"
            if len(model.vocabulary) == 1:
                break
            state = model.advance(state, random.integers(1, len(model.vocabulary), batch))
            state = select(state, np.arange(batch)[::-1])


def scores_documents(model: Model) -> None:
    """Asserts that scores are logarithms of probabilities, and finite but for models that hold some for impossible."""
    characters = model.vocabulary.characters
    random = np.random.default_rng(1)
    documents = [np.zeros(0, np.int64)]
    documents += [random.integers(1, len(characters) + 1, 5) for _ in range(3) if characters]
    for score in model.distribution.score(documents):
        assert not np.isnan(score).any(), "a score is not a number"
        assert (score < 1e-6).all(), f"a probability above one: {np.exp(score.max())}"
        if isinstance(model.distribution, NGram | Mixture | Labelled):
            assert np.isfinite(score).all(), "a score is endless"
