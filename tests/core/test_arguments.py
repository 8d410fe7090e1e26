"""What is typed in Python counts, or is refused in one line: misspelt keywords, wrong types, options without effect."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import LABELS, NAMES

import mangosaurus
from mangosaurus import Corpus, CorpusError, MangosaurusError, Model, OptionError
from mangosaurus.core.options import about
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import Drawing, SamplingParameters, Steering

VERBS: list[Callable[..., Any]] = [
    *(mangosaurus.fit, mangosaurus.train_further, mangosaurus.load, mangosaurus.sample, mangosaurus.top),
    *(mangosaurus.write, mangosaurus.evaluate, mangosaurus.classify, mangosaurus.info, mangosaurus.report),
    *(mangosaurus.blend, mangosaurus.import_keras, mangosaurus.export, mangosaurus.read_corpus),
    *(mangosaurus.novelty, mangosaurus.agreement),
    *(Model.sample, Model.best, Model.top, Model.write, Model.stream, Model.score, Model.surprisal, Model.classify),
    *(Model.evaluate, Model.read, Model.with_label, Model.save, Model.load),
]


@pytest.fixture(scope="module")
def model() -> Model:
    return mangosaurus.fit(NAMES, labels=LABELS, budget=0)


class Frame:
    """What a table of pandas or polars has, as far as it is looked at: it is a list of its columns' names."""

    columns = ("age", "name")

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


class Series:
    """A column of such a table: no Sequence, but what yields strings."""

    def __init__(self, values: Iterable[Any]) -> None:
        self.values = [*values]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__qualname__)
def test_every_option_is_spelled_out_and_a_misspelt_one_is_refused_with_the_nearest(verb: Callable[..., Any]) -> None:
    parameters = inspect.signature(verb).parameters.values()
    assert all(each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) for each in parameters)
    options = [each.name for each in parameters if each.name not in ("self", "cls")]
    longest = max(options, key=len)
    misspelt = longest[:1] + longest[2:]
    if misspelt not in options and len(longest) > 3:
        with pytest.raises(TypeError) as error:
            verb(**{misspelt: 1})
        name = verb.__qualname__
        assert str(error.value) == f"{name}() has no option {misspelt!r}; did you mean {longest!r}?"
    with pytest.raises(TypeError, match=rf"has no option 'xyzzy_q'; it has .*{options[-1]}$"):
        verb(xyzzy_q=1)


@pytest.mark.parametrize(
    ("verb", "method"),
    [(mangosaurus.sample, Model.sample), (mangosaurus.top, Model.top), (mangosaurus.write, Model.write)],
)
def test_a_verb_has_the_options_of_its_method(verb: Callable[..., Any], method: Callable[..., Any]) -> None:
    ours, theirs = (dict(inspect.signature(each).parameters) for each in (verb, method))
    del ours["model"], theirs["self"]
    assert ours == theirs


def test_best_has_the_options_of_sample_and_write_those_of_stream() -> None:
    best, sample, write, stream = (
        dict(inspect.signature(each).parameters) for each in (Model.best, Model.sample, Model.write, Model.stream)
    )
    assert {**best, "n": sample["n"]} == {**sample, "k": best["k"]}
    assert write == stream


@pytest.mark.parametrize(
    ("verb", "records"),
    [
        (Model.sample, (Constraints, SamplingParameters, Drawing, Steering)),
        (Model.top, (Constraints, Steering)),
        (Model.stream, (SamplingParameters,)),
    ],
)
def test_a_verb_has_the_options_of_its_records(verb: Callable[..., Any], records: tuple[type[Any], ...]) -> None:
    parameters = inspect.signature(verb).parameters
    for record in records:
        for each in fields(record):
            assert parameters[each.name].default == each.default
            assert about(each).help.endswith(".")


def test_options_reach_the_method(model: Model) -> None:
    asked: dict[str, Any] = {"temperature": 0.8, "top_k": 9, "top_p": 0.99, "min_p": 0.001, "seed": 3, "label": "girl"}
    asked |= {"not_like": 1, "training": NAMES, "prefix": "a", "suffix": "a", "contains": ["n"], "pattern": ".*"}
    asked |= {"like": ["anna"], "unlike": ["leon"], "strength": 0.2}
    asked |= {"length": (3, 9), "without": "z", "avoid": {"anna"}, "avoid_parts": False}
    expected = model.sample(3, **asked)
    assert mangosaurus.sample(3, model, **asked) == expected
    assert len(expected) == 3
    assert {each.text for each in model.best(3, 3, **asked)} == set(expected)
    writing: dict[str, Any] = {"length": 9, "temperature": 0.5, "seed": 2, "index": 3, "until": "e", "fold": True}
    sonnets = mangosaurus.load("sonnets")
    written = mangosaurus.write("O", sonnets, **writing)
    assert written == sonnets.write("O", **writing) == "O" + "".join(sonnets.stream("O", **writing))
    searching: dict[str, Any] = {"new": True, "memory": 500, "suffix": "a", "max_length": 6}
    searching |= {"like": ["anna"], "unlike": ["leon"], "strength": 0.2}
    assert mangosaurus.top(3, model, **searching) == model.top(3, **searching)


WRONG: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (mangosaurus.sample, {"without": ["A"]}, "without is ['A']; it must be a string"),
    (mangosaurus.sample, {"n": 2.5}, "n is 2.5; it must be a whole number"),
    (mangosaurus.sample, {"n": True}, "n is True; it must be a whole number"),
    (mangosaurus.sample, {"temperature": "hot"}, "temperature is 'hot'; it must be a number"),
    (mangosaurus.sample, {"temperature": None}, "temperature is None; it must be a number"),
    (mangosaurus.sample, {"length": 2.5}, "length is 2.5; it must be a string, a whole number or a pair"),
    (mangosaurus.sample, {"length": (1, 2, 3)}, "length is (1, 2, 3); it must be"),
    (mangosaurus.sample, {"contains": 5}, "contains is 5; it must be a string or a list of strings"),
    (mangosaurus.sample, {"pattern": ["a", 5]}, "item number 2 of pattern is 5; each must be a string"),
    (mangosaurus.sample, {"avoid": 3}, "avoid is 3; it must be a string, a path, a set or a list of strings"),
    (mangosaurus.sample, {"allow_known": 1}, "allow_known is 1; it must be True or False"),
    (mangosaurus.sample, {"label": 5}, "label is 5; it must be a string or a dict"),
    (mangosaurus.sample, {"not_like": 2, "training": 5}, "and this is 5"),
    (mangosaurus.sample, {"model": 5}, "model is 5; it must be a Model, a string or a path"),
    (mangosaurus.write, {"prompt": 5}, "prompt is 5; it must be a string"),
    (mangosaurus.fit, {"steps": "x"}, "steps is 'x'; it must be a whole number"),
    (mangosaurus.fit, {"hidden": 2.5}, "hidden is 2.5; it must be a whole number"),
    (mangosaurus.fit, {"budget": []}, "budget is []; it must be a number or a string"),
    (mangosaurus.fit, {"budget": True}, "budget is True; it must be a number or a string"),
    (mangosaurus.fit, {"cell": "lstmm"}, "cell is 'lstmm'; it must be one of rnn, gru, lstm, transformer"),
    (mangosaurus.fit, {"labels": "x"}, "labels is 'x'; give a list"),
    (mangosaurus.fit, {"memory": 2.5}, "memory is 2.5; it must be a whole number or a string"),
    (mangosaurus.fit, {"watch": 5}, "watch is 5; it must be a function"),
    (mangosaurus.fit, {"stop": 5}, "stop is 5; it must be an Event"),
    (mangosaurus.blend, {"models": "dinosaurs"}, "models is 'dinosaurs'; it must be a list of Models"),
    (mangosaurus.blend, {"models": [None, None], "weights": 1}, "weights is 1; it must be a list of numbers"),
    (mangosaurus.blend, {"models": [None, None], "weights": [1, "2"]}, "item number 2 of weights is '2'"),
    (mangosaurus.evaluate, {"model": None, "corpus": NAMES, "window": "3"}, "window is '3'; it must be a whole number"),
    (mangosaurus.evaluate, {"model": None, "corpus": NAMES, "window": 3, "stride": 1.5}, "stride is 1.5; it must be"),
    (mangosaurus.load, {"path": 5}, "path is 5; it must be a Model, a string or a path"),
    (mangosaurus.load().score, {"documents": 5}, "documents is 5; it must be a string or a list of strings"),
    (mangosaurus.load().score, {"documents": ["a", None]}, "item number 2 of documents is None"),
    (mangosaurus.classify, {"model": None, "names": b"Anna"}, "names is b'Anna'; it must be a string or a list"),
]


@pytest.mark.parametrize(("verb", "options", "message"), WRONG, ids=[message for *_, message in WRONG])
def test_a_wrong_type_is_one_line_that_names_the_option(
    verb: Callable[..., Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(MangosaurusError) as error:
        verb(**options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    drawn = mangosaurus.sample(np.int64(3), seed=np.uint8(7), temperature=np.float32(0.5), allow_known=np.True_)  # type: ignore[arg-type]
    assert drawn == mangosaurus.sample(3, seed=7, temperature=0.5, allow_known=True)
    model = mangosaurus.fit(NAMES, budget=np.float64(0), order=np.int32(3), seed=np.int64(5))  # type: ignore[arg-type]
    model.save(tmp_path / "m")
    assert mangosaurus.load(tmp_path / "m").training["seed"] == 5
    parts = mangosaurus.blend([model, model], weights=np.array([1, 3])).training["blend"]["parts"]
    assert [part["weight"] for part in parts] == [0.25, 0.75]


def ignored(model: Model) -> list[tuple[Callable[[], Any], str]]:
    """Calls with an option that would have no effect, and what is said of it."""
    texts = mangosaurus.load("sonnets")
    own = mangosaurus.read_corpus()
    return [
        (lambda: model.sample(1, training=NAMES), "training is used only with not_like or best"),
        (lambda: model.top(1, training=NAMES), "training is used only with not_like or best"),
        (lambda: model.sample(1, avoid_parts=True), "avoid_parts needs avoid, the names to look for"),
        (lambda: model.sample(1, method="gumbel", allow_duplicates=True), "allow_duplicates has no effect"),
        (lambda: model.sample(1, not_like=1, training=NAMES, allow_known=True), "allow_known keeps"),
        (
            lambda: model.sample(1, temperature=0, top_k=2),
            "top_k is 2, but temperature 0 always picks the most probable character: leave one out",
        ),
        (lambda: model.write(temperature=0, min_p=0.5), "min_p is 0.5, but temperature 0"),
        (lambda: texts.sample(1, allow_known=True), "allow_known has no effect: this model writes texts"),
        (lambda: texts.sample(1, allow_duplicates=True), "allow_duplicates has no effect: this model writes texts"),
        (lambda: model.top(1, new=True, not_like=1, training=NAMES), "new has no effect: not_like leaves out"),
        (lambda: model.best(5, 3), "best is 5 of n, 3"),
        (lambda: model.evaluate(NAMES, window=1, labels=LABELS), "labels are given, and a window is given"),
        (lambda: mangosaurus.load().evaluate(NAMES, labels=LABELS), "labels are given, and this model has none"),
        (lambda: mangosaurus.fit(NAMES, budget=3, steps=5), "budget is 3 s and steps is 5"),
        (lambda: mangosaurus.fit(NAMES, budget="0s", hidden=8), "hidden is 8, but budget 0 trains no network"),
        (lambda: mangosaurus.fit(NAMES, steps=0, cell="gru"), "cell is 'gru', but steps 0 trains no network"),
        (lambda: mangosaurus.fit(NAMES, budget=0, every=5), "every is 5"),
        (lambda: mangosaurus.fit(NAMES, budget=0, label_column="x"), "label_column is 'x', and the corpus is a list"),
        (lambda: mangosaurus.fit(NAMES, budget=0, column="x"), "column is 'x', and the corpus is a list"),
        (lambda: mangosaurus.fit(NAMES, budget=0, labels=True), "the corpus is a plain list"),
        (lambda: mangosaurus.fit(own, budget=0, lowercase=True), "lowercase is True, but the Corpus was read"),
        (lambda: mangosaurus.fit(own, budget=0, format="text"), "format is 'text', but the Corpus was read"),
        (lambda: mangosaurus.fit(own, budget=0, labels=True), "labels is True, but the Corpus was read"),
        (lambda: mangosaurus.fit(own, budget=0, label_column="x"), "labels is True, but the Corpus was read"),
    ]


def test_an_option_without_effect_is_refused_by_name(model: Model) -> None:
    for call, message in ignored(model):
        with pytest.raises(MangosaurusError) as error:
            call()
        assert message in str(error.value)


def test_what_is_off_or_agrees_is_not_refused(model: Model) -> None:
    assert len(model.sample(1, temperature=0, top_p=1.0, min_p=0, allow_known=True)) == 1
    assert len(model.sample(2, avoid=[], avoid_parts=True, seed=1)) == 2
    assert len(model.best(3, 10, training=NAMES, seed=1)) == 3
    read = mangosaurus.read_corpus(lowercase=True)
    same = mangosaurus.fit(read, budget=0, lowercase=True, format="names", labels=False, order=2, prior=False)
    assert same.training["lowercased"]


def test_a_table_is_refused_and_its_column_named(model: Model) -> None:
    frame: Any = Frame()
    for call in (
        lambda: mangosaurus.fit(frame, budget=0),
        lambda: mangosaurus.fit(NAMES, holdout=frame, budget=0),
        lambda: mangosaurus.fit(NAMES, labels=frame, budget=0),
        lambda: model.evaluate(frame),
        lambda: model.surprisal(frame),
        lambda: model.score(frame),
        lambda: model.classify(frame),
        lambda: model.sample(1, avoid=frame),
        lambda: model.sample(1, not_like=2, training=frame),
        lambda: mangosaurus.report(model, holdout=frame),
        lambda: mangosaurus.read_corpus(frame),
    ):
        with pytest.raises(OptionError, match=r'Frame, a table; give one of its columns, such as frame\["name"\]'):
            call()


@pytest.mark.parametrize("column", [Series, np.array, tuple, lambda names: (name for name in names)])
def test_a_column_an_array_and_a_generator_do_as_lists(column: Callable[[list[str]], Any], model: Model) -> None:
    fitted = mangosaurus.fit(column(NAMES), labels=column(LABELS), holdout=None, budget=0)
    assert fitted.known == model.known
    assert fitted.labels == model.labels
    assert len(mangosaurus.fit(NAMES, holdout=column(NAMES[:9]), budget=0).known) == len(NAMES)
    assert model.evaluate(column(NAMES), labels=column(LABELS)) == model.evaluate(NAMES, labels=LABELS)
    assert [each.text for each in model.surprisal(column(NAMES))] == NAMES
    assert list(model.classify(column(NAMES)).names) == NAMES
    assert len(model.score(column(NAMES))) == len(NAMES)
    drawn = model.sample(9, seed=1, avoid=column(NAMES), not_like=1, training=column(NAMES))
    assert not {*drawn} & {*NAMES}
    assert mangosaurus.novelty(drawn, model.known, column(NAMES)).new == 1


@pytest.mark.parametrize(
    ("corpus", "part"),
    [
        ({"Anna": 1, "Bo": 2}, "and this is {'Anna': 1, 'Bo': 2}"),
        ({"Anna", "Bo"}, "the corpus is a set, which has no order"),
        (b"Anna", "and this is b'Anna'"),
        (5, "and this is 5"),
        (Series(["Anna", float("nan")]), "its item number 2 is nan"),
        ([("Anna", "girl")], "its item number 1 is ('Anna', 'girl')"),
        (np.array([["Anna", "Bo"]]), "its item number 1 is a"),
    ],
)
def test_what_is_no_list_of_names(corpus: Any, part: str, model: Model) -> None:
    for call in (lambda: mangosaurus.fit(corpus, budget=0), lambda: model.surprisal(corpus)):
        with pytest.raises(MangosaurusError) as error:
            call()
        assert part in str(error.value)


def test_one_string_is_one_name(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("anna").write_text("otto\nida\n", encoding="utf-8")
    np.testing.assert_array_equal(model.score("anna"), model.score(["anna"]))
    assert model.classify("anna").names == ("anna",)
    assert [each.text for each in model.surprisal("anna")] == ["anna"]
    assert [each.text for each in model.surprisal("no/such/file")] == ["no/such/file"]
    for named in (Path("anna"), mangosaurus.read_corpus("anna")):
        assert [each.text for each in model.surprisal(named)] == ["otto", "ida"]
    with pytest.raises(CorpusError, match="missing does not exist"):
        model.surprisal(Path("missing"))
    assert isinstance(mangosaurus.read_corpus(Path("anna")), Corpus)


def test_numbers_of_labels_are_those_of_names(model: Model) -> None:
    found = model.classify(NAMES[:3])
    assert (mangosaurus.agreement(found, [0, 1, 0]).confusion == [[0, 2], [0, 1]]).all()
    assert mangosaurus.agreement(found, np.array([0, 1, 0])).accuracy == pytest.approx(1 / 3)
    for own in ([0, 1], [0, 1, 2], [0, 1, -1]):
        with pytest.raises(OptionError, match="it must have one for each of 3 names, from 0 to 1"):
            mangosaurus.agreement(found, own)


def test_nothing_is_measured_on_the_bundled_list_unless_it_is_named(model: Model) -> None:
    for measure in (model.evaluate, model.surprisal):
        with pytest.raises(OptionError, match="the corpus is None; give a list of names"):
            measure(None)


def test_an_empty_path_is_not_this_folder(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes.txt").write_text("anna\nhannah\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for call in (lambda: mangosaurus.fit("", budget=0), lambda: model.sample(1, avoid="")):
        with pytest.raises(CorpusError, match="the path of a corpus is empty"):
            call()
