"""Drawing documents from a model, many at once, so that sample i of seed s never depends on its neighbours.

Two things see to that. The uniform numbers come from a counter-based generator (Philox: Salmon, Moraes, Dror and Shaw
2011) keyed by the seed, with the sample's index as its counter. And sample i is always computed in the same block of
samples, however many were asked for: matrix products round differently for different numbers of rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mangosaurus.core.arrays import BoolArray, FloatArray, IntArray
from mangosaurus.core.threads import threads_of_products
from mangosaurus.core.vocabulary import END
from mangosaurus.generation.block import Block
from mangosaurus.generation.constraints.composed import after_text
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.processes import in_processes
from mangosaurus.models.interface import LARGE, CharModel, State, select
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.window import WindowModel

if TYPE_CHECKING:
    from concurrent.futures import Future

    from mangosaurus.generation.beginnings import Tree
    from mangosaurus.generation.constraints.automaton import Automaton

FIRST_FEW, FIRST_BLOCK, LARGEST_BLOCK = 24, 64, 1024
"""The first block may come in two: 24 samples are enough where 20 names are asked for."""
BLOCK_BYTES = 2**25
"""What the states and the probabilities of a block may take: with very many characters its samples are fewer."""
FEWEST_SYMBOLS = 2_000_000
"""The search for names ends after this many symbols at the earliest: those of 100,000 names of 20 characters. Without
a limit, a model whose names hardly ever end would be drawn from for hours."""
SHARED = 0.8
"""Samples share the model's states while these are at most this share of them."""
DRAWS = 64
"""Uniform numbers are made for this many symbols of a sample at once."""


def largest(logits: FloatArray) -> FloatArray:
    """What to subtract from logits, (B, V), so that the exponentials are finite and none of a row's largest is 0.

    It is the largest of all, which is found faster than those of the rows, unless they are far apart.
    """
    most: FloatArray = logits.max()
    return most if most - logits.min() < LARGE else logits.max(axis=1, keepdims=True)


def filtered(log_probs: FloatArray, parameters: SamplingParameters) -> FloatArray:
    """Probabilities to draw from, (B, V), not yet scaled to sum to one; `log_probs` is (B, V)."""
    if parameters.temperature == 0:
        best = np.zeros(log_probs.shape)
        best[np.arange(len(best)), log_probs.argmax(axis=1)] = 1.0
        return best
    logits = log_probs
    if parameters.temperature != 1:
        # Minus infinity where nothing is allowed, of which no row is scaled.
        most = np.maximum(log_probs.max(axis=1, keepdims=True), np.finfo(log_probs.dtype).min)
        with np.errstate(over="ignore"):  # beside a tiny temperature all but the most probable come to 0
            logits = (log_probs - most) / parameters.temperature
    probability: FloatArray = np.exp(logits)
    if parameters.top_k is not None and parameters.top_k < probability.shape[1]:
        # A stable order breaks ties towards smaller ids, so that exactly k symbols are kept.
        order = np.argsort(-probability, axis=1, kind="stable")
        np.put_along_axis(probability, order[:, parameters.top_k :], 0.0, axis=1)
    if parameters.top_p is not None and parameters.top_p < 1:
        order = np.argsort(-probability, axis=1, kind="stable")
        ranked = np.take_along_axis(probability, order, axis=1)
        before = np.cumsum(ranked, axis=1) - ranked
        cut = before >= parameters.top_p * ranked.sum(axis=1, keepdims=True)
        np.put_along_axis(probability, order, np.where(cut, 0.0, ranked), axis=1)
    if parameters.min_p:
        probability[probability < parameters.min_p * probability.max(axis=1, keepdims=True)] = 0.0
    return probability


def uniforms(seed: int, first: int, count: int, page: int) -> FloatArray:
    """Uniform numbers in [0, 1), (count, DRAWS): of samples from `first` on, for symbols from page * DRAWS on."""
    # A Philox counter yields four numbers; the page is the upper half of the key.
    bits = np.random.Philox(key=(page << 64) | seed, counter=first * (DRAWS // 4))
    return np.random.Generator(bits).random((count, DRAWS))


def draw(probability: FloatArray, uniform: FloatArray) -> IntArray:
    """One symbol a row by inverting the distribution function: `probability` (B, V), `uniform` (B,), result (B,).

    Where nothing has a probability above 0 it is END.
    """
    if len(probability) == 1:
        return np.array([_place(probability[0], uniform[0])])
    return drawn_from(np.add.accumulate(probability, axis=1), uniform)


def drawn_from(cumulated: FloatArray, uniform: FloatArray) -> IntArray:
    """`draw` from the sums of the probabilities of each symbol and those before it."""
    total = cumulated[:, -1]
    below = cumulated <= (uniform * total)[:, None]
    below[:, -1] = (
        total == 0
    )  # the last symbol, even if the product was rounded up; all of them, and so END, of nothing
    symbols: IntArray = below.argmin(axis=1)  # the first that is not below
    return symbols


def draw_one(logits: FloatArray, parameters: SamplingParameters, uniform: float) -> int:
    """One symbol of a stream of text, from log p up to a constant, (V,), which is written to."""
    if parameters.plain:
        return _place(np.exp(logits, out=logits), uniform)
    return _place(filtered(logits[None], parameters)[0], uniform)


def _place(probability: FloatArray, uniform: float) -> int:
    """`draw` of one row, by a binary search."""
    cumulated = np.add.accumulate(probability)
    total = cumulated[-1]
    if not total > 0:
        return END
    return min(int(cumulated.searchsorted(uniform * total, "right")), len(probability) - 1)


@dataclass(frozen=True)
class Ahead:
    """How blocks are computed before they are asked for."""

    threads: int = 1
    """So many at once, and one more is begun; with 1, each is computed when it is asked for."""
    processes: bool = False
    """Whether by processes instead of threads: see `processes`."""
    enough: Callable[[int], bool] = lambda drawn: False
    """Whether so many samples are likely to be all: then a block is only begun when no other is under way."""


WHEN_ASKED = Ahead()


def limited_threads(model: CharModel, alone: bool) -> AbstractContextManager[Any]:
    """A context in which NumPy's matrix products take as many threads as suit `model`, `alone` or in blocks.

    One thread a product: the products of a block are small, and other numbers of threads may round differently. The
    products of a single stream wait for memory, and two threads read it twice as fast; but not those of a network that
    reads windows, which have many rows all the same.
    """
    return threads_of_products(None if alone and not isinstance(model, WindowModel) else 1)


def sample_blocks(
    model: CharModel,
    parameters: SamplingParameters,
    max_length: int,
    prefix: IntArray,
    largest: int = LARGEST_BLOCK,
    ahead: Ahead = WHEN_ASKED,
    automaton: Automaton | None = None,
    mask: Automaton | None = None,
    tree: Tree | None = None,
    freer: Automaton | None = None,
) -> Generator[Block, None, None]:
    """Samples 0, 1, 2, … of the seed, without end, in blocks of FIRST_BLOCK and growing up to `largest`.

    Each starts with `prefix` and has at most `max_length` characters, the prefix included. The others of the options
    are those of `sample_block`.
    """

    def compute(first: int, size: int) -> Block:
        return sample_block(model, parameters, first, size, max_length, prefix, automaton, mask, tree, freer)

    few = FIRST_FEW if automaton is None else FIRST_BLOCK  # the trial of constraints reads whole blocks
    with limited_threads(model, alone=largest == 1):
        yield from in_blocks(compute, most_rows(model, largest), ahead, few)


def most_rows(model: CharModel, largest: int) -> int:
    """How many samples a block has at most: `largest`, or as many as BLOCK_BYTES can hold, at least one."""
    row = sum(array.nbytes for array in model.start(1)) + 8 * len(model.vocabulary)
    return max(1, min(largest, BLOCK_BYTES // row))


def in_blocks(
    compute: Callable[[int, int], Block], largest: int, ahead: Ahead, few: int = FIRST_BLOCK
) -> Generator[Block, None, None]:
    """Blocks of samples 0, 1, 2, …, without end: `compute(first, size)` makes one. See `sample_blocks`; a first block
    of more than `few` samples comes in two."""
    if ahead.processes:
        yield from in_processes(compute, lambda: _places(largest, few), ahead.threads)
    places = _places(largest, few)
    while ahead.threads == 1:
        yield compute(*next(places))
    from concurrent.futures import ThreadPoolExecutor  # a few names need no threads

    with ThreadPoolExecutor(ahead.threads) as pool:
        begun: deque[Future[Block]] = deque()
        drawn = 0
        while True:
            # While a block is read, all threads have another one.
            while not begun or (len(begun) <= ahead.threads and not ahead.enough(drawn)):
                first, size = next(places)
                begun.append(pool.submit(compute, first, size))
                drawn = first + size
            yield begun.popleft().result()


def _places(largest: int, few: int) -> Iterator[tuple[int, int]]:
    """The first sample and the size of each block."""
    first, size = 0, min(FIRST_BLOCK, largest)
    if few < size:
        yield 0, few
        yield few, size - few
        first, size = size, min(4 * size, largest)
    while True:
        yield first, size
        first, size = first + size, min(4 * size, largest)


class _Shared:
    """A model's states of a block's samples: one for all that have read the same symbols, as many have at first."""

    def __init__(self, state: State, count: int) -> None:
        """`state` is that of all samples."""
        self.state = state
        self.row: IntArray | slice = np.zeros(count, dtype=np.int64)
        """(samples,): the row of the state of each; all rows, one after the other, where each has its own."""
        self.first: IntArray | slice = np.zeros(1, dtype=np.int64)
        """(rows,): a sample of each row; all samples, likewise."""

    def keep(self, kept: BoolArray) -> None:
        """Leaves out the other samples; before `read`, which leaves out their rows."""
        if isinstance(self.row, slice):
            self.state = select(self.state, kept)
        else:
            self.row = self.row[kept]

    def chosen(self, values: FloatArray, symbols: IntArray) -> FloatArray:
        """Of values of each row and symbol, (rows, V), those of each sample's row and symbol, (samples,)."""
        return values[np.arange(len(symbols)) if isinstance(self.row, slice) else self.row, symbols]

    def read(self, model: CharModel, symbols: IntArray) -> None:
        """Each sample reads its symbol, (samples,)."""
        if not isinstance(self.row, slice):
            before = self.row
            _, first, row = np.unique(before * len(model.vocabulary) + symbols, return_index=True, return_inverse=True)
            if len(first) <= SHARED * len(symbols):
                self.row, self.first = row, first
                self.state = model.advance(select(self.state, before[first]), symbols[first])
                return
            self.row = self.first = slice(None)
            self.state = select(self.state, before)
        self.state = model.advance(self.state, symbols)


def sample_block(
    model: CharModel,
    parameters: SamplingParameters,
    first: int,
    count: int,
    max_length: int,
    prefix: IntArray,
    automaton: Automaton | None = None,
    mask: Automaton | None = None,
    tree: Tree | None = None,
    freer: Automaton | None = None,
) -> Block:
    """Samples `first` to `first + count` - 1 of the seed; rows leave the batch as they end.

    With an `automaton`, those leave it too that can no longer be accepted, or not within `max_length`. With a `mask`,
    symbols that it does not allow are never drawn: see `composed`. A `tree` has what may follow the prefix at first
    (see `beginnings`). `freer` is the automaton without the names to avoid: what it still accepts was lost for these.
    """
    state, nats_of_prefix = _after(model, prefix)
    shared = _Shared(state, count)
    # Columns are added as samples grow into them: few come near the maximum length.
    symbols = np.full((count, len(prefix) + min(DRAWS, max_length)), END)
    symbols[:, : len(prefix)] = prefix
    lengths = np.full(count, max_length)
    finished, dropped = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    avoided = None if freer is None else np.zeros(count, dtype=bool)
    nats, rows = np.full(count, nats_of_prefix), np.arange(count)
    nodes: IntArray = np.zeros(count, np.int64)
    place_free: IntArray = np.full(count, 0 if freer is None else freer.after(prefix))
    place_in = np.full(count, 0 if automaton is None else automaton.after(prefix))
    masked = np.full(count, 0 if mask is None else after_text(mask, prefix))
    as_it_is = parameters.plain and mask is None and tree is None
    for t in range(len(prefix), max_length + 1):
        page, place = divmod(t - len(prefix), DRAWS)
        if place == 0:
            uniform = uniforms(parameters.seed, first, count, page)
        if isinstance(model, Mixture):  # a symbol is drawn from what is not scaled as well
            logits = model.logits(shared.state)
            logits -= largest(logits)
        else:
            logits = model.log_probs(shared.state)
        log_p = logits
        if mask is not None:
            logits = np.where(mask.allowed(masked[shared.first]), logits, -np.inf)
        probability = filtered(logits, parameters)
        if tree is not None:
            begun = nodes[shared.first]
            begins = tree.begins(begun)
            probability[begins] = tree.chance[begun[begins]]
        cumulated = np.add.accumulate(probability, axis=1)
        drawn = drawn_from(cumulated[shared.row], uniform[rows, place])
        nats[rows] -= shared.chosen(log_p, drawn)
        if isinstance(model, Mixture):
            total = cumulated[:, -1] if as_it_is else np.exp(log_p).sum(axis=1)
            nats[rows] += np.log(total)[shared.row]
        if tree is not None:
            nodes = tree.step(nodes, drawn)
        leaving = ended = drawn == END
        if ended.any():
            lengths[rows[ended]] = t
            finished[rows[ended]] = True
        if automaton is not None:
            following = automaton.step(place_in, drawn)
            # One character too many is too long, not refused, where the name could end with it.
            left = max(max_length - t - 1, 0)
            lost = np.where(ended, ~automaton.accepting(place_in), automaton.distance(following) > left)
            lengths[rows[lost]] = t
            dropped[rows[lost]] = True
            if freer is not None and avoided is not None:
                free = freer.step(place_free, drawn)
                spared = np.where(ended, freer.accepting(place_free), freer.distance(free) <= left)
                avoided[rows[lost & spared]] = True
                place_free = free
            leaving, place_in = ended | lost, following
        if mask is not None:
            masked = mask.step(masked, drawn)
        if leaving.any():
            rows, drawn, place_in, masked = rows[~leaving], drawn[~leaving], place_in[~leaving], masked[~leaving]
            nodes, place_free = nodes[~leaving], place_free[~leaving]
            shared.keep(~leaving)
        if not len(rows) or t == max_length:
            break
        if t == symbols.shape[1]:
            symbols = np.pad(symbols, ((0, 0), (0, max(DRAWS, t))), constant_values=END)
        symbols[rows, t] = drawn
        shared.read(model, drawn)
    return Block(symbols, lengths, finished, dropped, np.ones(count), avoided, nats)


def _after(model: CharModel, prefix: IntArray) -> tuple[State, float]:
    """The state of one document after the prefix, and -log p of it."""
    state, nats = model.start(1), 0.0
    for place, symbol in enumerate(prefix):
        nats -= float(model.log_probs(state)[0, symbol])
        state = model.advance(state, prefix[place : place + 1])
    return state, nats
