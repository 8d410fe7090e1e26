"""Names satisfy all constraints, and follow the model's distribution given these, by enumeration."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from chi_square import chi_square, total_variation
from examples import TINY, endless_ngram, every_name, random_network, tiny_mixture, tiny_ngram
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from wishes import cuts, meets, wishes_strategy

from mangosaurus.core.arrays import FloatArray
from mangosaurus.core.errors import OptionError
from mangosaurus.generation import collect as collecting
from mangosaurus.generation import conditional, guide
from mangosaurus.generation.collect import Unwanted, collect, effective_size
from mangosaurus.generation.constraints.compile import compile_constraints
from mangosaurus.generation.constraints.options import Constraints
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.sampler import filtered
from mangosaurus.generation.samples import Samples
from mangosaurus.models.interface import CharModel, State

LONGEST = 4
AS_IT_IS = SamplingParameters()
RARE = Constraints(prefix=("a",), contains=("ca",), suffix=("b",))


class Filtered:
    """The model that the sampler draws from: another one's distribution, filtered."""

    def __init__(self, model: CharModel, parameters: SamplingParameters) -> None:
        self.model, self.parameters, self.vocabulary = model, parameters, model.vocabulary
        self.start, self.advance, self.score = model.start, model.advance, model.score

    def log_probs(self, state: State) -> FloatArray:
        p = filtered(self.model.log_probs(state), self.parameters)
        with np.errstate(divide="ignore"):
            found: FloatArray = np.log(p / p.sum(axis=1, keepdims=True))
        return found


def possible(wishes: Constraints, model: CharModel, longest: int = LONGEST) -> bool:
    """Whether a name of at most `longest` characters can meet the wishes."""
    try:
        automaton = compile_constraints(wishes, model.vocabulary)
    except OptionError:
        return False
    return int(automaton.needed[automaton.start]) <= longest


def probabilities(model: CharModel, wishes: Constraints, parameters: SamplingParameters = AS_IT_IS) -> dict[str, float]:
    """Of every name that meets the wishes, given that it begins with one of the prefixes."""
    found = {}
    for beginning, share in beginnings(model, wishes, parameters.temperature).items():
        for name, p in every_name(Filtered(model, parameters), LONGEST, beginning).items():
            if p > 0 and meets(name, wishes):
                found[name] = share * p
    return found


def beginnings(model: CharModel, wishes: Constraints, temperature: float) -> dict[str, float]:
    """How often each beginning is drawn: as the model, at this temperature and without a cut, writes it."""
    letters, cased = model.vocabulary.characters, str.lower if wishes.ignore_case else str
    wanted = tuple(map(cased, wishes.prefix)) or ("",)
    lengths = {len(word) for word in wanted if len(word) <= LONGEST}
    texts = ("".join(word) for length in sorted(lengths) for word in itertools.product(letters, repeat=length))
    words: list[str] = []
    for text in texts:
        if cased(text) in wanted and not text.startswith(tuple(words)):
            words.append(text)
    warm = Filtered(model, SamplingParameters(temperature=temperature))
    shares = {word: float(np.exp(np.sum(log_probs(warm, word)))) for word in words}
    return {word: share / sum(shares.values()) for word, share in shares.items()}


def log_probs(model: Filtered, text: str) -> list[float]:
    """Of every character of a text."""
    state, found = model.start(1), []
    for symbol in model.vocabulary.encode(text):
        found.append(float(model.log_probs(state)[0, symbol]))
        state = model.advance(state, np.array([symbol]))
    return found


def drawn(
    model: CharModel,
    wishes: Constraints,
    n: int,
    seed: int = 1,
    parameters: SamplingParameters = AS_IT_IS,
    longest: int = LONGEST,
) -> Samples:
    parameters, wishes = replace(parameters, seed=seed), replace(wishes, max_length=longest)
    return collect(model, n, wishes, parameters, unwanted=Unwanted(repeated=False))


@pytest.fixture
def large_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (collecting, conditional):
        monkeypatch.setattr(module, "LARGEST_BLOCK", 8192)


@settings(max_examples=5, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.integers(0, 99), wishes_strategy, cuts)
def test_names_follow_the_models_distribution_given_the_wishes(
    seed: int, wishes: Constraints, parameters: SamplingParameters
) -> None:
    """Total variation of 50,000 samples, and chi-square at the 0.1 % level; `benchmarks.wishes` has more of them."""
    wishes = replace(wishes, max_length=None)
    model = tiny_mixture(seed)
    assume(possible(wishes, model))
    probability = probabilities(model, wishes, parameters)
    assume(sum(probability.values()) > 0.003)
    with pytest.MonkeyPatch.context() as patch:
        for module in (collecting, conditional):
            patch.setattr(module, "LARGEST_BLOCK", 8192)
        patch.setattr(conditional, "OFTEN", 0.4)  # drawing and refusing takes longest where it seldom succeeds
        found = drawn(model, wishes, 50_000, seed, parameters)
    assert len(found) == 50_000
    assert total_variation(found, probability) <= 0.02
    assert chi_square(found, probability) < 3.1


@pytest.mark.parametrize("kind", TINY)
@pytest.mark.parametrize("often", [0.0, 2.0])
def test_both_ways_give_the_same_distribution(
    often: float, kind: str, large_blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes = Constraints(contains=("ab",), avoid=("ab", "abc", "aab"))
    monkeypatch.setattr(conditional, "OFTEN", often)
    model = TINY[kind](3)
    found = drawn(model, wishes, 10_000)
    assert found.exact == (often == 0)
    assert (found.effective is None) == found.exact
    probability = probabilities(model, wishes)
    assert found.probability == pytest.approx(sum(probability.values()), rel=0.25, abs=0.005)
    assert chi_square(found, probability) < 3.1


def test_any_guide_will_do(large_blocks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut contexts, no n-gram at all, and nothing known but distances."""
    monkeypatch.setattr(conditional, "OFTEN", 2.0)
    model = tiny_mixture(3)
    probability = probabilities(model, RARE)
    for length in (0, 1, 4):
        monkeypatch.setattr(guide, "LONGEST_CONTEXT", length)
        assert chi_square(drawn(model, RARE, 10_000), probability) < 3.1
    network = random_network(model.vocabulary, hidden=5)
    assert chi_square(drawn(network, RARE, 10_000), probabilities(network, RARE)) < 3.1
    monkeypatch.setattr(guide, "MOST_CELLS", 4)
    assert chi_square(drawn(model, RARE, 10_000), probability) < 3.1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3), wishes_strategy, cuts, st.sampled_from([0.0, 0.1, 2.0]))
def test_every_name_satisfies_all_constraints(
    seed: int, wishes: Constraints, parameters: SamplingParameters, often: float
) -> None:
    model, longest = tiny_mixture(seed), wishes.max_length or 12
    assume(possible(wishes, model, longest))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conditional, "OFTEN", often)
        patch.setattr(collecting, "FEWEST_DRAWS", 2000)
        patch.setattr(collecting, "DRAWS_A_NAME", 1)
        found = drawn(model, wishes, 200, seed, parameters, longest)
    assert [name for name in found if not meets(name, wishes) or len(name) > 12] == []


@pytest.mark.parametrize(
    ("wishes", "exact"), [(Constraints(suffix=("a",)), True), (Constraints(contains=("cc", "b")), False)]
)
def test_more_names_begin_with_the_same_ones(wishes: Constraints, exact: bool) -> None:
    model = tiny_mixture(3)
    many = drawn(model, wishes, 2000, longest=12)
    assert many.exact == exact
    assert len(set(many)) > 50
    assert list(drawn(model, wishes, 7, longest=12)) == list(many)[:7]
    assert list(drawn(model, wishes, 700, longest=12)) == list(many)[:700]
    assert list(drawn(model, wishes, 700, seed=2, longest=12)) != list(many)[:700]


def test_names_that_are_to_avoid_may_be_a_great_many(large_blocks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such an automaton has states behind its table's."""
    monkeypatch.setattr("mangosaurus.generation.constraints.exclusion.SMALL_CELLS", 0)
    model = tiny_mixture(3)
    names = every_name(model, LONGEST)
    wishes = Constraints(suffix=("a",), avoid=tuple(name for place, name in enumerate(sorted(names)) if place % 3))
    automaton = compile_constraints(wishes, model.vocabulary)
    assert automaton.states > automaton.table_states
    for often in (0.0, 2.0):
        monkeypatch.setattr(conditional, "OFTEN", often)
        assert chi_square(drawn(model, wishes, 10_000), probabilities(model, wishes)) < 3.1


def test_what_is_above_the_ceiling_counts_for_more() -> None:
    assert effective_size(np.ones(7)) == 7
    assert effective_size(np.array([1.0, 3.0])) == pytest.approx(1.6)
    assert effective_size(np.zeros(0)) == 0
    weights = np.log(np.array([1.0] * 999 + [10_000.0]))
    ceiling, mean = conditional.pilot(weights)
    assert np.exp(mean) == pytest.approx(10.999)
    assert np.exp(ceiling) == pytest.approx(200 * 10.999)
    assert conditional.pilot(np.array([-np.inf, -np.inf])) == (-np.inf, -np.inf)


def test_what_a_filter_cuts_off_is_never_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "FEWEST_DRAWS", 3000)
    model = tiny_ngram()
    found = drawn(model, Constraints(pattern=("cccc",)), 5, parameters=SamplingParameters(top_k=1))
    assert list(found) == []
    assert found.manner() == "no name that was tried satisfies the constraints"
    assert "do not satisfy the constraints" in (found.shortfall() or "")


@pytest.mark.parametrize("cut", [{"top_k": 2}, {"temperature": 1.5, "top_p": 0.8}, {"temperature": 1.2, "min_p": 0.1}])
def test_the_weights_count_what_a_filter_leaves_as_scaled_to_one(cut: dict[str, Any]) -> None:
    """The mean weight of proposals is the probability of the wishes under the filtered model, by enumeration."""
    model, wishes, parameters = tiny_mixture(3), Constraints(contains=("ca",)), SamplingParameters(**cut, seed=1)
    automaton = compile_constraints(wishes, model.vocabulary)
    prefix = model.vocabulary.encode("")
    look_ahead = guide.build_guide(model, automaton, prefix, LONGEST, parameters.temperature)
    proposer = conditional.Proposer(model, automaton, look_ahead, prefix, LONGEST, parameters)
    weights = np.exp(proposer.propose(0, 20_000, 0)[2])
    expected = sum(probabilities(model, wishes, parameters).values())
    assert expected > 0
    assert abs(weights.mean() - expected) < 4 * weights.std() / np.sqrt(len(weights)) + 1e-9


def test_proposals_that_do_not_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditional, "FEWEST_SYMBOLS", 500)
    model = endless_ngram()
    automaton = compile_constraints(Constraints(), model.vocabulary)
    proposer = conditional.Proposer(
        model, automaton, guide.no_guide(automaton.symbols), np.zeros(0, np.int64), 10_000, SamplingParameters(seed=0)
    )
    symbols, _, log_weights = proposer.propose(0, 100, conditional.PILOTS)
    assert (log_weights == -np.inf).all()
    assert symbols.shape[1] < 100
