"""The prior of names: against torch, its list vector, and what it knows of characters that it has never met."""

from __future__ import annotations

import string
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounding import rounding

from mangosaurus.core.arrays import FloatArray, IntArray
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.interface import State
from mangosaurus.models.prior import LONGEST_READ, MOST_READ, UNKNOWN, Prior, bundled_prior
from mangosaurus.models.prior_network import PriorNetwork
from mangosaurus.models.recurrent import Recurrent

KNOWN = string.ascii_letters + " -'éü"
NAMES = ["Galadriel", "Elrond", "Legolas", "Celeborn", "Arwen", "Finrod", "Idril", "Lúthien", "Elwë"]
LETTERS = Vocabulary(string.ascii_lowercase)
UNMET = "ꔀꔁꔂꔃ"
"""Characters that the prior has not met: those of Vai."""
SYMBOLS_READ = 12


def torch_prior() -> tuple[Any, Prior]:
    """A prior with random weights: torch's network, and NumPy's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[2] / "tools"))
        tool = import_module("prior")
    torch = import_module("torch")
    sizes = tool.Sizes(embedding=12, encoder=20, heads=3, value=8, vector=16, hidden=24)
    network = tool.PriorNetwork(len(KNOWN) + 2, sizes, 0.0).eval()
    with torch.no_grad():  # away from the zeros of the first weights, so that none can hide
        for number, parameter in enumerate(network.parameters()):
            draw = torch.Generator().manual_seed(number)
            parameter.add_(torch.randn(parameter.shape, generator=draw), alpha=0.2)
    return network, Prior("".join(sorted(KNOWN)), tool.arrays_of(network.state_dict()))


@pytest.fixture(scope="module")
def pair() -> tuple[Any, Prior]:
    return torch_prior()


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights of a network as they are computed, not rounded for the model file."""
    monkeypatch.setattr("mangosaurus.models.prior.rounded_to_16_bits", lambda array: array)


def encoded(names: list[str]) -> tuple[Vocabulary, list[IntArray]]:
    vocabulary = Vocabulary.of(names)
    return vocabulary, vocabulary.encode_all(names)


def made(names: list[str]) -> PriorNetwork:
    """The prior that ships, for one list of names."""
    vocabulary, documents = encoded(names)
    return bundled_prior().network(vocabulary, bundled_prior().vector_of(documents, vocabulary)[None])


def read(network: PriorNetwork | Recurrent, state: State, symbols: IntArray) -> list[FloatArray]:
    """log p after each symbol read: (T, B) symbols, (T + 1) arrays of (B, V)."""
    found = [network.log_probs(state)]
    for each in symbols:
        state = network.advance(state, each)
        found.append(network.log_probs(state))
    return found


def within(network: PriorNetwork | Recurrent, size: float = 1.0) -> float:
    """The tolerance of log p: sums of as many products for each symbol read, of numbers of `size` at most."""
    return rounding(np.float32, (SYMBOLS_READ + 1) * network.hidden, size)


@pytest.mark.usefixtures("exact")
def test_equals_torch(pair: tuple[Any, Prior]) -> None:
    torch = import_module("torch")
    network, prior = pair
    vocabulary, documents = encoded(["Anna", "Johanna", "Élodie", "x", "Ann-Marie", "Jürgen", "van Dyk"])
    vocabulary_ids = torch.from_numpy(prior.ids(vocabulary))
    unknown = prior.ids(vocabulary)[1:] == UNKNOWN
    assert list(np.array(vocabulary.characters)[unknown]) == ["É"]
    lengths = torch.tensor([len(each) for each in documents])
    names = torch.zeros((int(lengths.max()) + 1, len(documents)), dtype=torch.int64)
    for column, document in enumerate(documents):
        names[: len(document), column] = vocabulary_ids[torch.from_numpy(np.asarray(document, dtype=np.int64))]
    with torch.no_grad():
        # The input of a step is END, then the symbols; a name's state is the one after END that follows it.
        of_names = network.contributions(names, lengths)
        vector = network.vector(of_names.sum(0, keepdim=True), torch.tensor([float(len(documents))]))
        steps = torch.cat([torch.zeros_like(names[:1]), names])
        expected = torch.log_softmax(
            network.logits(network.hidden(steps, vector.expand(len(documents), -1)), vocabulary_ids), dim=-1
        ).numpy()
    sizes = network.sizes
    contributions = prior.contributions(documents, vocabulary)
    largest = float(np.abs(contributions).max())
    tolerance = rounding(np.float32, len(names) * sizes.encoder, max(1.0, largest))
    np.testing.assert_allclose(contributions, of_names.numpy(), rtol=0, atol=tolerance)
    ours = prior.vector_of(documents, vocabulary)
    np.testing.assert_allclose(ours, vector[0].numpy(), rtol=0, atol=tolerance)
    model = prior.network(vocabulary, vector.numpy())
    read_ids = np.zeros((len(names), len(documents)), dtype=np.int64)
    for column, document in enumerate(documents):
        read_ids[: len(document), column] = document
    rows = read(model, model.start(len(documents)), read_ids)
    for row, of_torch in zip(rows, expected, strict=True):
        np.testing.assert_allclose(row, of_torch, rtol=0, atol=rounding(np.float32, len(rows) * sizes.hidden, 4))


@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=9), min_size=1, max_size=12), st.randoms())
def test_the_list_vector_does_not_depend_on_the_order_of_names(names: list[str], draw: Any) -> None:
    prior, documents = bundled_prior(), LETTERS.encode_all(names)
    vector = prior.vector_of(documents, LETTERS)
    draw.shuffle(documents)
    np.testing.assert_array_equal(prior.vector_of(documents, LETTERS), vector)
    np.testing.assert_array_equal(prior.vector_of([*documents, documents[0]], LETTERS), vector)  # nor on repetitions


def test_nor_does_that_of_more_names_than_are_read() -> None:
    draw = np.random.default_rng(0)
    documents = [draw.integers(1, 27, 3) for _ in range(2 * MOST_READ)]
    vector = bundled_prior().vector_of(documents, LETTERS)
    np.testing.assert_array_equal(bundled_prior().vector_of(documents[::-1], LETTERS), vector)


def test_the_list_vector_tells_lists_apart() -> None:
    elves, dwarves = (made(names).parameters.vectors for names in (NAMES, ["Thorin", "Balin", "Dwalin", "Gloin"]))
    assert np.abs(elves - dwarves).max() > 0.01


def test_a_long_name_is_read_in_part() -> None:
    name = np.resize(np.arange(1, 27), 500)
    whole, part = (bundled_prior().contributions([each], LETTERS) for each in (name, name[:LONGEST_READ]))
    np.testing.assert_array_equal(whole, part)


def test_what_a_name_contributes_does_not_depend_on_the_others() -> None:
    prior = bundled_prior()
    vocabulary, documents = encoded(NAMES)
    together = prior.contributions(documents, vocabulary)
    apart = np.concatenate([prior.contributions([document], vocabulary) for document in documents])
    tolerance = rounding(np.float32, SYMBOLS_READ * 160, float(np.abs(together).max()))
    np.testing.assert_allclose(together, apart, rtol=0, atol=tolerance)


@given(st.lists(st.text("abcAB '" + UNMET, min_size=1, max_size=SYMBOLS_READ), min_size=1, max_size=6))
def test_probabilities_sum_to_one(names: list[str]) -> None:
    network = made(names)
    name = network.vocabulary.encode(names[0])
    for row in read(network, network.start(1), name[:, None]):
        total = np.exp(row.astype(np.float64)).sum()
        assert total == pytest.approx(1, abs=rounding(np.float32, len(network.vocabulary), 10))


def test_characters_that_it_does_not_know_share_a_probability() -> None:
    prior = bundled_prior()
    vector = prior.vector_of(Vocabulary.of(NAMES).encode_all(NAMES), Vocabulary.of(NAMES))
    one, four = (Vocabulary.of([*NAMES, unmet]) for unmet in (UNMET[0], UNMET))
    assert [int((prior.ids(each) == UNKNOWN).sum()) for each in (one, four)] == [1, 4]
    rows = []
    for vocabulary in (one, four):
        network = prior.network(vocabulary, vector[None])
        symbols = vocabulary.encode("Ga" + UNMET[0])
        rows.append(read(network, network.start(1), symbols[:, None]))
    tolerance = within(network, 4)
    for single, shared in zip(*rows, strict=True):
        np.testing.assert_allclose(shared[0, -4:], shared[0, -1], rtol=0, atol=tolerance)  # Vai is after Latin
        np.testing.assert_allclose(shared[0, -4:] + np.log(4), single[0, -1], rtol=0, atol=tolerance)
        np.testing.assert_allclose(shared[0, :-4], single[0, :-1], rtol=0, atol=tolerance)


def lists() -> tuple[PriorNetwork, FloatArray]:
    """The prior that ships for three lists, and their vectors, (3, D)."""
    prior, vocabulary = bundled_prior(), Vocabulary.of(NAMES)
    vectors = np.stack([prior.vector_of(vocabulary.encode_all(NAMES[k::3]), vocabulary) for k in range(3)])
    return prior.network(vocabulary, vectors), vectors


def symbols_of(network: PriorNetwork, rows: int) -> IntArray:
    return np.random.default_rng(1).integers(0, len(network.vocabulary), (SYMBOLS_READ, rows))


def test_several_lists_at_once_are_as_one_at_a_time() -> None:
    network, vectors = lists()
    symbols = symbols_of(network, 3)
    together = read(network, network.start_with(np.arange(3)), symbols)
    for place in range(3):
        alone = bundled_prior().network(network.vocabulary, vectors[place : place + 1])
        for row, all_rows in zip(read(alone, alone.start(1), symbols[:, place : place + 1]), together, strict=True):
            np.testing.assert_allclose(row[0], all_rows[place], rtol=0, atol=within(network, 4))


@pytest.mark.parametrize("rows", [2, 31, 100])
def test_rows_do_not_depend_on_the_batch(rows: int) -> None:
    network, _ = lists()
    numbers = np.arange(rows) % 3
    symbols = symbols_of(network, rows)
    together = read(network, network.start_with(numbers), symbols)
    for row in (0, rows // 2, rows - 1):
        alone = read(network, network.start_with(numbers[row : row + 1]), symbols[:, row : row + 1])
        for one, every in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[0], every[row], rtol=0, atol=within(network, 4))


@pytest.mark.parametrize("rows", [2, 100])
def test_rows_of_one_list_are_as_those_of_several(rows: int) -> None:
    """Though what depends on the list is added once."""
    network, vectors = lists()
    alone = bundled_prior().network(network.vocabulary, vectors[:1])
    symbols = symbols_of(network, rows)
    of_one = read(alone, alone.start(rows), symbols)
    for one, other in zip(of_one, read(network, network.start(rows), symbols), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=within(network, 4))


@pytest.mark.usefixtures("exact")
def test_a_network_that_starts_from_it_says_the_same() -> None:
    network = made(NAMES)
    start = Recurrent(network.vocabulary, bundled_prior().recurrent(network.vocabulary, network.parameters.vectors[0]))
    symbols = symbols_of(network, 5)
    for one, two in zip(read(network, network.start(5), symbols), read(start, start.start(5), symbols), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=within(network, 4))


def test_what_a_file_stores_in_16_bits_has_no_more() -> None:
    parameters = made(NAMES).parameters
    for array in (parameters.table, parameters.output):
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array.astype(np.float16), array)
