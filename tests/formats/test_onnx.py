"""Networks as ONNX files: onnxruntime says what NumPy says, and the file tells all that a program needs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from examples import (
    NAMES,
    random_network,
    random_transformer,
    random_window,
    small_labelled,
    small_mixture,
    small_ngram,
    small_window_model,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from rounding import rounding

import mangosaurus
from mangosaurus.api.model import Model
from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.document_hashes import DocumentHashes
from mangosaurus.core.errors import MissingExtraError, OptionError
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.formats.onnx import to_onnx, write_onnx
from mangosaurus.models.blend import Product
from mangosaurus.models.interface import CharModel, State
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture, equal_weights, exponents, features, multiply
from mangosaurus.models.recurrent import Cell, Recurrent
from mangosaurus.models.window import ACTIVATIONS, WindowModel
from mangosaurus.training.ngram_counts import build_ngram

WITHIN = rounding(np.float32, 40 * 2 * 128)
"""Natural logarithms and numbers of states. The largest network reads 40 symbols in two layers of 128 units."""
CELLS: list[Cell] = ["rnn", "gru", "lstm"]


def held(distribution: CharModel, **training: Any) -> Model:
    """A model of names with nothing known."""
    return Model(distribution, "names", DocumentHashes.of([]), training)


def session_of(proto: onnx.ModelProto) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])


class Running:
    """A file run as its description says, and by nothing else than what is in it."""

    def __init__(self, proto: onnx.ModelProto) -> None:
        self.session = session_of(proto)
        self.about = json.loads(self.session.get_modelmeta().custom_metadata_map["mangosaurus"])
        first, *states = self.session.get_inputs()
        assert first.name == "symbols"
        self.widths = {state.name: state.shape[1] for state in states}

    def begin(self, batch: int) -> dict[str, FloatArray]:
        return {name: np.zeros((batch, width), np.float32) for name, width in self.widths.items()}

    def step(self, symbols: IntArray, state: dict[str, FloatArray]) -> tuple[FloatArray, dict[str, FloatArray]]:
        log_probs, *after = self.session.run(None, {"symbols": symbols.astype(np.int64), **state})
        return log_probs, dict(zip(self.widths, after, strict=True))


def mean_of(networks: tuple[Recurrent, ...], states: list[State]) -> FloatArray:
    """The normalised product of what the networks say, each to the power of one by their number."""
    every = [network.log_probs(state).astype(np.float64) for network, state in zip(networks, states, strict=True)]
    mean: FloatArray = np.mean(every, axis=0)
    mean -= np.log(np.exp(mean).sum(axis=1, keepdims=True))
    return mean


def check_steps(model: Model, networks: tuple[Recurrent, ...], batch: int, steps: int, first: IntArray) -> None:
    """Random symbols, END among them: after each, log p and every array of the state are those of NumPy."""
    running = Running(to_onnx(model))
    draw = np.random.default_rng(batch)
    state, symbols = running.begin(batch), first
    expected = [network.start_with(first) for network in networks]
    for _ in range(steps):
        log_probs, state = running.step(symbols, state)
        assert log_probs.dtype == np.float32
        assert log_probs.shape == (batch, len(model.vocabulary))
        np.testing.assert_allclose(log_probs, mean_of(networks, expected), atol=WITHIN, rtol=0)
        for got, wanted in zip(state.values(), (array for each in expected for array in each), strict=True):
            assert got.dtype == np.float32
            np.testing.assert_allclose(got, wanted, atol=WITHIN, rtol=0)
        symbols = draw.integers(len(model.vocabulary), size=batch)
        expected = [network.advance(each, symbols) for network, each in zip(networks, expected, strict=True)]


@settings(max_examples=25, deadline=None)
@given(
    members=st.lists(st.tuples(st.sampled_from(CELLS), st.integers(1, 9), st.integers(1, 3)), min_size=1, max_size=3),
    characters=st.sets(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    batch=st.integers(1, 5),
    scale=st.sampled_from([0.05, 0.7, 1.5]),
)
def test_networks_of_any_kind_together_are_their_mean(
    members: list[tuple[Cell, int, int]], characters: set[str], batch: int, scale: float
) -> None:
    vocabulary = Vocabulary(characters)
    networks = [
        random_network(vocabulary, cell, hidden, layers, seed=m, scale=scale)
        for m, (cell, hidden, layers) in enumerate(members)
    ]
    ngram = build_ngram([vocabulary.encode("".join(vocabulary.characters))], vocabulary, 2)
    model = held(Mixture(ngram, networks, equal_weights(2)))
    check_steps(model, tuple(networks), batch, 5, np.zeros(batch, np.int64))
    about = Running(to_onnx(model)).about
    assert about["symbols"] == ["", *vocabulary.characters]
    assert about["cells"] == [[cell] * layers for cell, _, layers in members]


def test_with_the_n_gram_it_is_the_whole_mixture() -> None:
    """What is said to stay in Python, and nothing else, makes the model of the file's networks."""
    mixture = small_mixture()
    running, vocabulary = Running(to_onnx(held(mixture))), mixture.vocabulary
    whole, node = mixture.start(1), mixture.ngram.start(1)
    log_probs, state = running.step(np.array([running.about["end"]]), running.begin(1))
    for symbol in vocabulary.encode("johanna"):
        powers = exponents(features(mixture.ngram, node[0]), mixture.weights)
        together = multiply(powers, mixture.ngram.log_probs(node), log_probs.astype(np.float64))
        np.testing.assert_allclose(together, mixture.log_probs(whole), atol=WITHIN, rtol=0)
        read = np.array([symbol])
        log_probs, state = running.step(read, state)
        whole, node = mixture.advance(whole, read), mixture.ngram.advance(node, read)


def recurrent(model: Mixture | Labelled) -> tuple[Recurrent, ...]:
    """Its networks, which are all of this kind."""
    return tuple(network for network in model.networks if isinstance(network, Recurrent))


@pytest.mark.parametrize("batch", [1, 7])
def test_labels_are_read_in_place_of_end(batch: int) -> None:
    model = small_labelled()
    symbols = len(model.vocabulary)
    about = Running(to_onnx(held(model))).about
    assert about["labels"] == {"boy": symbols, "girl": symbols + 1}
    first = np.array(list(about["labels"].values()))[np.arange(batch) % 2]
    check_steps(held(model), recurrent(model), batch, 6, first)


@pytest.mark.parametrize("reset_after", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("cell", CELLS)
def test_windows_of_every_cell_and_activation(cell: Cell, activation: str, reset_after: bool) -> None:
    for gate in ACTIVATIONS if activation == "tanh" else ["sigmoid"]:
        # Where a gate is not between 0 and 1, large weights would let what is rounded grow from step to step.
        calm = activation in ("linear", "relu") or gate in ("linear", "relu", "tanh")
        check_windows(random_window(cell, activation, gate, reset_after and cell == "gru", scale=0.3 if calm else 0.7))


def test_windows_of_layers_that_differ() -> None:
    check_windows(small_window_model())


def test_the_course_s_network(reference: Callable[[str], Path]) -> None:
    """Weights as training leaves them, in a window of forty."""
    text = reference("sonnets.txt")
    model = mangosaurus.import_keras(reference("model_shakespeare_kiank_350_epoch.h5"), text)
    network = model.distribution
    assert isinstance(network, WindowModel)
    symbols = model.vocabulary.encode(text.read_text(encoding="utf-8").lower()[:200])
    windows = sliding_window_view(symbols, network.parameters.window).astype(np.int64)
    (log_probs,) = session_of(to_onnx(model)).run(None, {"symbols": windows})
    np.testing.assert_allclose(log_probs, network.read(windows), atol=WITHIN, rtol=0)


def check_windows(model: WindowModel) -> None:
    session, size = session_of(to_onnx(held(model))), model.parameters.window
    for batch in (1, 7):
        windows = np.random.default_rng(batch).integers(len(model.vocabulary), size=(batch, size))
        windows[0, :-2] = 0  # a document that has just begun
        (log_probs,) = session.run(None, {"symbols": windows})
        assert log_probs.dtype == np.float32
        np.testing.assert_allclose(log_probs, model.read(windows), atol=WITHIN, rtol=0)
        assert np.all(log_probs[:, 0] == -np.inf)


def test_the_bundled_models(tmp_path: Path) -> None:
    for name in ("dinosaurs", "sonnets"):
        model = mangosaurus.load(name)
        assert isinstance(model.distribution, Mixture)
        networks = recurrent(model.distribution)
        check_steps(model, networks, 3, 40, np.zeros(3, np.int64))
        path = tmp_path / f"{name}.onnx"
        mangosaurus.export(name, path)
        assert path.read_bytes() == to_onnx(model).SerializeToString(deterministic=True)
        assert path.stat().st_size < 1.05 * 4 * sum(
            array.size
            for network in networks
            for part in (network.parameters, *network.parameters.layers)
            for array in vars(part).values()
            if isinstance(array, np.ndarray)
        )


FILES = {
    "lstm": held(random_network(Vocabulary.of(NAMES), layers=2)),
    "mixture": held(small_mixture()),
    "labelled": held(small_labelled()),
    "window": held(small_window_model()),
}


@pytest.mark.parametrize("model", FILES.values(), ids=FILES)
def test_the_file_is_sound_and_says_what_it_is(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "names.onnx"
    mangosaurus.export(model, path, to="onnx")
    onnx.checker.check_model(path, full_check=True)
    proto = onnx.shape_inference.infer_shapes(onnx.load(path), check_type=True, strict_mode=True, data_prop=True)
    assert [(opset.domain, opset.version) for opset in proto.opset_import] == [("", 17)]
    assert proto.ir_version == 8
    assert "character by character" in proto.doc_string
    assert (proto.producer_name, proto.producer_version) == ("mangosaurus", mangosaurus.__version__)
    (entry,) = proto.metadata_props
    assert entry.key == "mangosaurus"
    about = json.loads(entry.value)
    keys = {"format", "kind", "symbols", "end", "cells"}
    assert set(about) - {"labels", "window"} == keys
    assert (about["format"], about["kind"], about["end"]) == (1, "names", 0)
    assert about["symbols"] == ["", *model.vocabulary.characters]


def shape_of(value: onnx.ValueInfoProto) -> list[int | str]:
    return [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim]


def test_the_names_of_inputs_and_outputs() -> None:
    """Those that the module's docstring names, in its order."""
    vocabulary = Vocabulary.of(NAMES)
    networks = [random_network(vocabulary, "lstm", 6, 2), random_network(vocabulary, "gru", 5)]
    weights = equal_weights(4)
    graph = to_onnx(held(Mixture(small_ngram(4), networks, weights))).graph
    states = [f"network0.layer{level}.{array}" for array in "hc" for level in (0, 1)] + ["network1.layer0.h"]
    assert [value.name for value in graph.input] == ["symbols", *states]
    assert [shape_of(value) for value in graph.input] == [["batch"], *[["batch", 6]] * 4, ["batch", 5]]
    assert [value.name for value in graph.output] == ["log_probs", *(f"next.{state}" for state in states)]
    window = to_onnx(held(small_window_model())).graph
    assert [(value.name, shape_of(value)) for value in window.input] == [("symbols", ["batch", 5])]


def test_what_stays_in_python_is_said(tmp_path: Path) -> None:
    measured = {"held_out": 1.5, "held_out_network": 1.625}
    notes = write_onnx(held(small_mixture(), **measured), tmp_path / "m.onnx")
    assert notes == (
        "4-gram mixed with LSTM of 6 units and LSTM of 7 units, as ONNX opset 17: a symbol and 4 arrays of state in, "
        "log p of the next and state out",
        "the n-gram stays in Python: a network alone has a held-out loss of 1.625 nats per symbol, the mixture 1.500",
    )
    for record in ({}, {"held_out": "1.5", "held_out_network": None}):
        notes = write_onnx(held(small_labelled(), **record), tmp_path / "m.onnx", overwrite=True)
        assert notes[1:] == ("the n-gram stays in Python",)
    for model in (small_mixture(prior=True), small_labelled(prior=True)):
        notes = write_onnx(held(model), tmp_path / "m.onnx", overwrite=True)
        assert notes[1:] == ("the n-gram and the prior stay in Python",)
    network = random_network(Vocabulary.of(NAMES), "rnn")
    (note,) = write_onnx(held(network, **measured), tmp_path / "m.onnx", overwrite=True)
    assert "RNN of 12 units, as ONNX opset 17: a symbol and 1 array of state in" in note
    (note,) = write_onnx(held(small_window_model()), tmp_path / "m.onnx", overwrite=True)
    assert note.endswith("as ONNX opset 17: the latest 5 symbols in, log p of the next one out")


def test_what_has_no_networks_of_its_own_is_refused(tmp_path: Path) -> None:
    ngram = small_ngram()
    transformer = Mixture(ngram, [random_transformer(ngram.vocabulary)], equal_weights(ngram.order))
    blend = Product([small_mixture(), small_mixture()], [0.5, 0.5])
    refused: list[tuple[Model, str]] = [
        (held(ngram), "an n-gram stays in Python.* this model is 4-gram: no network was trained"),
        (held(transformer), "holds RNN, GRU and LSTM networks, and this model is 4-gram mixed"),
        (held(small_labelled(networks=0)), "an n-gram stays in Python"),
        (held(small_mixture(networks=0, prior=True)), "the prior stay in Python, .*: no network was trained"),
        (held(small_labelled(networks=0, prior=True)), "an n-gram and the prior stay in Python"),
        (held(blend), "a blend stays in Python: .*; export its models"),
        (held(small_labelled()).with_label("boy"), "a label chosen .* export the one with all its labels"),
    ]
    for model, message in refused:
        with pytest.raises(OptionError, match=message) as raised:
            mangosaurus.export(model, tmp_path / "m.onnx")
        assert "\n" not in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_too_large_for_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangosaurus.formats.onnx.LARGEST_WEIGHTS", 2000)
    with pytest.raises(OptionError, match="2 GiB"):
        mangosaurus.export(FILES["lstm"], tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_without_onnx_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    for model in FILES.values():
        with pytest.raises(MissingExtraError, match=r'pip install "mangosaurus\[onnx\]"'):
            mangosaurus.export(model, tmp_path / "m.onnx")
    with pytest.raises(OptionError):  # what onnx would not help with
        mangosaurus.export(held(small_ngram()), tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())
