"""Trains the prior of names (models/prior.py) on public lists, by steps, in pieces that resume.

    python tools/prior_lists.py --out lists.jsonl
    python tools/prior.py lists.jsonl --folder prior --steps 30000

A step reads groups of names, each group drawn from one list. Every name is predicted given the list vector of the other
names of its group, as a conditional neural process is trained (Garnelo et al. 2018, "Conditional Neural Processes").
The loss counts only the characters of the group, because a model of a list never writes others.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import prior_lists
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn

from mangosaurus.core.arrays import SCALE, Arrays, FloatArray, dequantized, quantized
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.models.interface import predict
from mangosaurus.models.mixture import equal_weights, features
from mangosaurus.models.prior import Prior
from mangosaurus.training.folds import split
from mangosaurus.training.mixing import Predictions, likelihood_of
from mangosaurus.training.ngram_counts import fit_ngrams
from mangosaurus.training.recipe import ORDER

END, UNKNOWN = 0, 1
LONGEST = 31
"""The most characters of a name; longer ones are left out."""
THREADS = 2
"""Threads that share a batch, each with one of torch's: that is faster than two of torch's on small products."""
DECAY = 0.3
"""The last share of the steps, over which the learning rate falls to zero."""
ROWS = 128
"""Names that are read together. A batch is sorted by length, so that little of what is read is padding."""
MEASURED = 60
"""Held-out lists that are measured while training."""
MEASURED_SOURCES = ("corpora", "wordnet", "fictional", "taxonomy", "geonames", "pokemon", "airports")
WEIGHED_SOURCES = (*MEASURED_SOURCES, "animals", "faker", "colours")
"""Held-out lists of these give the usual weights of a mixture."""
FEWEST = 12
"""Names of a list to train on."""
SHARES = {"corpora": 3.0, "fictional": 3.0, "wordnet": 1.5, "faker-js": 0.7, "mimesis": 0.5, "cldr": 0.3}
"""How much more often lists of a source are drawn than others: those that users' lists are most like."""


@dataclass(frozen=True)
class Sizes:
    """The sizes of the networks."""

    embedding: int = 96
    encoder: int = 160
    heads: int = 4
    value: int = 64
    vector: int = 128
    hidden: int = 384


@dataclass(frozen=True)
class Schedule:
    """How the prior is trained."""

    steps: int = 8570
    rate: float = 2.5e-3
    warmup: int = 300
    weight_decay: float = 0.01
    dropout: float = 0.1
    names: int = 768
    """Names a step."""
    least_group: int = 3
    most_group: int = 96
    rarest: int = 40
    """A character in fewer names is unknown."""
    power: float = 0.45
    """A list of n names is drawn in proportion to n to this power."""


class PriorNetwork(nn.Module):
    """The encoder of names, the list vector, and the network that predicts names given the vector."""

    def __init__(self, symbols: int, sizes: Sizes, dropout: float) -> None:
        super().__init__()
        self.sizes = sizes
        self.embedding = nn.Embedding(symbols, sizes.embedding)
        self.encoder = nn.LSTM(sizes.embedding, sizes.encoder)
        self.scores = nn.Linear(sizes.encoder, sizes.heads)
        self.values = nn.Linear(sizes.encoder, sizes.heads * sizes.value)
        pooled = sizes.heads * sizes.value + 1
        self.first = nn.Linear(pooled, 256)
        self.second = nn.Linear(256, sizes.vector)
        self.decoder = nn.LSTM(sizes.embedding + sizes.vector, sizes.hidden)
        self.scale = nn.Linear(sizes.vector, sizes.hidden)
        self.shift = nn.Linear(sizes.vector, sizes.embedding)
        self.projection = nn.Linear(sizes.hidden, sizes.embedding, bias=False)
        self.bias = nn.Parameter(torch.zeros(symbols))
        self.dropout = dropout
        self.generator = torch.Generator()
        """Draws the masks."""
        nn.init.normal_(self.embedding.weight, std=0.3)
        nn.init.zeros_(self.scale.weight)
        nn.init.zeros_(self.scale.bias)
        for lstm, width in ((self.encoder, sizes.encoder), (self.decoder, sizes.hidden)):
            _, recurrent, *biases = lstm.parameters()
            nn.init.orthogonal_(recurrent)
            for bias in biases:
                nn.init.zeros_(bias)
            nn.init.ones_(biases[0].detach()[width : 2 * width])  # the forget gate starts open

    def contributions(self, names: Tensor, lengths: Tensor) -> Tensor:
        """What each name gives to its list: the heads' weights and weighted values, (B, heads x (1 + value))."""
        states, _ = self.encoder(self.embedding(names))
        last = states[lengths, torch.arange(len(lengths))].float()  # after END
        weights = torch.exp(5 * torch.tanh(self.scores(last) / 5))
        values = self.values(last).view(len(last), self.sizes.heads, self.sizes.value) * weights[:, :, None]
        return torch.cat([weights, values.flatten(1)], dim=1)

    def vector(self, sums: Tensor, counts: Tensor) -> Tensor:
        """List vectors, (B, D), from sums of contributions and the numbers of names summed."""
        heads = self.sizes.heads
        weights, values = sums[:, :heads], sums[:, heads:].view(len(sums), heads, self.sizes.value)
        pooled = (values / weights[:, :, None]).flatten(1)
        features = torch.cat([pooled, counts.log()[:, None] / 4], dim=1)
        return torch.tanh(self.second(torch.relu(self.first(features))))

    def hidden(self, inputs: Tensor, vector: Tensor) -> Tensor:
        """What the output layer sees, (T, B, E), given each name's list vector, (B, D)."""
        embedded = self.embedding(inputs)
        joined = torch.cat([embedded, vector.expand(len(inputs), *vector.shape)], dim=2)
        states = self.decoder(joined)[0].float()
        if self.training:  # one mask a name: Gal and Ghahramani 2016
            kept = 1 - self.dropout
            states = states * torch.ones_like(states[0]).bernoulli_(kept, generator=self.generator) / kept
        hidden: Tensor = self.projection(states * (1 + self.scale(vector))) + self.shift(vector)
        return hidden

    def logits(self, hidden: Tensor, symbols: Tensor) -> Tensor:
        return hidden @ self.embedding.weight[symbols].T + self.bias[symbols]


@dataclass
class NameList:
    """One list, as numbers."""

    name: str
    symbols: NDArray[np.uint16]
    """(n, LONGEST + 1), padded with END."""
    lengths: NDArray[np.int64]


class Lists:
    """All lists and their characters."""

    def __init__(self, path: Path, rarest: int) -> None:
        lists = prior_lists.read(path)
        training = list(prior_lists.training(lists))
        found: Counter[str] = Counter()
        for each in training:
            for name in each.names:
                found.update(set(name))
        self.characters = "".join(sorted(each for each, count in found.items() if count >= rarest))
        self.number = {character: place for place, character in enumerate(self.characters, start=2)}
        self.training = [self._read(each.name, each.names) for each in training]
        self.training = [each for each in self.training if len(each.lengths) >= FEWEST]
        self.held_out = [self._read(each.name, each.names) for each in lists if prior_lists.held_out(each.name)]
        self.measured = sorted(self.held_out, key=lambda each: hashlib.sha256(each.name.encode()).digest()[1:])
        self.symbols = len(self.characters) + 2
        lower, upper = np.arange(self.symbols), np.arange(self.symbols)
        for character, place in self.number.items():
            lower[place] = self.number.get(character.lower(), place)
            upper[place] = self.number.get(character.upper(), place)
        self.lower, self.upper = lower, upper

    def _read(self, name: str, names: Sequence[str]) -> NameList:
        names = [each for each in names if len(each) <= LONGEST]
        symbols = np.zeros((len(names), LONGEST + 1), dtype=np.uint16)
        lengths = np.zeros(len(names), dtype=np.int64)
        for row, each in enumerate(names):
            numbers = [self.number.get(character, UNKNOWN) for character in each]
            symbols[row, : len(numbers)] = numbers
            lengths[row] = len(numbers)
        return NameList(name, symbols, lengths)


@dataclass
class Batch:
    names: Tensor
    """(T, B), by length."""
    lengths: Tensor
    """(B,): -1 where there is no name."""
    groups: Tensor
    """(B,): the group of each name."""
    counts: Tensor
    """(G,): names of each group."""
    symbols: Tensor
    """(U,): the symbols that occur, END first."""
    allowed: Tensor
    """(G, U): whether a symbol occurs in a group."""


Group = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Names, (n, LONGEST + 1), and their lengths."""


class Sampler:
    """Draws batches of groups, by steps."""

    def __init__(self, lists: Lists, schedule: Schedule) -> None:
        self.lists, self.schedule = lists, schedule
        shares = np.array([SHARES.get(each.name.split("/")[0], 1.0) for each in lists.training])
        weights = shares * np.array([len(each.lengths) for each in lists.training]) ** schedule.power
        self.chances = weights / weights.sum()

    def batches(self, step: int) -> list[Batch]:
        """The parts of a step's batch, one for each thread."""
        return [self._batch(np.random.default_rng([1, step, thread])) for thread in range(THREADS)]

    def _batch(self, rng: np.random.Generator) -> Batch:
        groups: list[Group] = []
        most = room = self.schedule.names // THREADS
        while room >= self.schedule.least_group:
            groups.append(self._group(rng, room))
            room -= len(groups[-1][1])
        return batch_of(groups, most)

    def _group(self, rng: np.random.Generator, most: int) -> Group:
        schedule = self.schedule
        low, high = math.log(schedule.least_group), math.log(schedule.most_group + 1)
        size = min(int(math.exp(rng.uniform(low, high))), most)
        parts = 2 if size > 3 and rng.random() < 0.04 else 1
        symbols, lengths = [], []
        for _ in range(parts):
            chosen = self.lists.training[rng.choice(len(self.chances), p=self.chances)]
            rows = rng.choice(len(chosen.lengths), min(max(2, size // parts), len(chosen.lengths)), replace=False)
            symbols.append(chosen.symbols[rows].astype(np.int64))
            lengths.append(chosen.lengths[rows])
        joined, sizes = np.concatenate(symbols), np.concatenate(lengths)
        return self._changed(joined, rng), sizes

    def _changed(self, names: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """The names in another case, with other letters, or with some letters unknown."""
        lists, change = self.lists, rng.random()
        if change < 0.08:
            names = lists.lower[names]
        elif change < 0.12:
            names = lists.upper[names]
        change = rng.random()
        used = np.unique(lists.lower[names])
        used = used[used > UNKNOWN]
        table = np.arange(lists.symbols)
        if change < 0.03:  # a list in cipher: letters for letters, capitals with them
            letters = np.array([each for each in used if lists.upper[each] != each], dtype=np.int64)
            others = rng.permutation(letters)
            table[letters], table[lists.upper[letters]] = others, lists.upper[others]
        elif change < 0.06:
            some = rng.choice(used, min(len(used), int(rng.integers(1, 4))), replace=False)
            table[some], table[lists.upper[some]] = UNKNOWN, UNKNOWN
        elif change < 0.065:
            table[used], table[lists.upper[used]] = UNKNOWN, UNKNOWN
        return table[names]


def batch_of(groups: Sequence[Group], rows: int) -> Batch:
    """A batch of exactly `rows` rows, because torch compiles for every new shape; the last ones are no names."""
    sizes = [len(each[1]) for each in groups]
    padding = rows - sum(sizes)
    names = np.pad(np.concatenate([each[0] for each in groups]), ((0, padding), (0, 0)))
    lengths = np.pad(np.concatenate([each[1] for each in groups]), (0, padding), constant_values=-1)
    owner = np.repeat(np.arange(len(groups)), [*sizes[:-1], sizes[-1] + padding])
    order = np.argsort(lengths, kind="stable")
    names, lengths, owner = names[order], lengths[order], owner[order]
    symbols = np.unique(np.append(names, END))
    allowed = np.zeros((len(groups), len(symbols)), dtype=bool)
    allowed[owner[:, None], np.searchsorted(symbols, names)] = True
    return Batch(
        torch.from_numpy(np.ascontiguousarray(names.T)),
        torch.from_numpy(lengths),
        torch.from_numpy(owner),
        torch.tensor(sizes),
        torch.from_numpy(symbols),
        torch.from_numpy(allowed),
    )


def loss_of(network: PriorNetwork, batch: Batch) -> tuple[Tensor, int]:
    """The summed loss of a batch, nats, and its symbols: each name given the others of its group."""
    total, count, real = torch.zeros(()), 0, (batch.lengths >= 0)[:, None]
    parts = [slice(first, first + ROWS) for first in range(0, len(batch.lengths), ROWS)]
    steps = [-(-int(batch.lengths[part].max() + 1) // 4) * 4 for part in parts]
    with torch.autocast("cpu", torch.bfloat16):
        pairs = list(zip(parts, steps, strict=True))
        own = torch.cat(
            [network.contributions(batch.names[:length, part], batch.lengths[part].clamp(0)) for part, length in pairs]
        )
    own = own.float() * real
    sums = torch.zeros(len(batch.counts), own.shape[1]).index_add(0, batch.groups, own)
    vector = network.vector(sums[batch.groups] - own, (batch.counts[batch.groups] - 1).float())
    for part, length in pairs:
        names = batch.names[:length, part]
        inputs = torch.cat([torch.zeros(1, names.shape[1], dtype=torch.int64), names[:-1]])
        with torch.autocast("cpu", torch.bfloat16):
            hidden = network.hidden(inputs, vector[part])
            read = torch.arange(length)[:, None] <= batch.lengths[part]
            logits = network.logits(hidden[read], batch.symbols)
        owner = batch.groups[part].expand(names.shape)[read]
        logits = logits.float().masked_fill(~batch.allowed[owner], -1e9)
        targets = torch.searchsorted(batch.symbols, names[read])
        total = total + nn.functional.cross_entropy(logits, targets, reduction="sum")
        count += len(targets)
    return total, count


@torch.no_grad()
def measure(network: PriorNetwork, lists: Lists, size: int, seed: int = 0) -> dict[str, float]:
    """Nats per symbol of up to 200 other names of each held-out list, given `size` of its names."""
    network.eval()
    losses: dict[str, float] = {}
    for each in lists.measured:
        if len(each.lengths) < size + 20 or each.name.split("/")[0] not in MEASURED_SOURCES:
            continue
        if len(losses) == MEASURED:
            break
        order = np.random.default_rng(seed).permutation(len(each.lengths))
        known, others = order[:size], order[size:]
        allowed = np.unique(np.append(each.symbols[known], [END]))
        others = np.array([row for row in others if np.isin(each.symbols[row], allowed).all()][:200])
        if len(others) < 10:
            continue
        names = torch.from_numpy(each.symbols.astype(np.int64).T)
        lengths = torch.from_numpy(each.lengths)
        own = network.contributions(
            torch.cat([names[:, known], torch.zeros(1, size, dtype=torch.int64)]), lengths[known]
        )
        vector = network.vector(own.sum(0, keepdim=True), torch.tensor([float(size)]))
        targets = names[:, others]
        inputs = torch.cat([torch.zeros(1, len(others), dtype=torch.int64), targets[:-1]])
        hidden = network.hidden(inputs, vector.expand(len(others), -1))
        read = torch.arange(len(targets))[:, None] <= lengths[others]
        symbols = torch.from_numpy(allowed.astype(np.int64))
        logits = network.logits(hidden[read], symbols)
        found = nn.functional.cross_entropy(logits, torch.searchsorted(symbols, targets[read]))
        losses[each.name] = float(found)
    network.train()
    return losses


class Training:
    """A network in training, at a step; `folder` has its last checkpoint."""

    def __init__(self, lists: Lists, folder: Path, sizes: Sizes, schedule: Schedule) -> None:
        torch.manual_seed(0)
        self.lists, self.folder, self.sizes, self.schedule = lists, folder, sizes, schedule
        self.step = 0
        self.network, *others = (PriorNetwork(lists.symbols, sizes, schedule.dropout) for _ in range(THREADS))
        self.replicas = [self.network, *others]
        for other in others:
            for mine, theirs in zip(self.network.parameters(), other.parameters(), strict=True):
                theirs.data = mine.data
        parameters = list(self.network.parameters())
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [each for each in parameters if each.ndim > 1], "weight_decay": schedule.weight_decay},
                {"params": [each for each in parameters if each.ndim == 1], "weight_decay": 0.0},
            ],
            lr=schedule.rate,
            betas=(0.9, 0.99),
            fused=True,
        )
        self.sampler, self.threads = Sampler(lists, schedule), ThreadPoolExecutor(THREADS)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def resume(self) -> None:
        """Goes on from the checkpoint, if there is one."""
        if not self.checkpoint.exists():
            return
        state = torch.load(self.checkpoint, weights_only=True)
        if state["characters"] != self.lists.characters:
            raise SystemExit(f"{self.checkpoint} is of other lists: begin in another folder")
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]

    def save(self) -> None:
        """Writes the checkpoint."""
        state = {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step}
        self.folder.mkdir(parents=True, exist_ok=True)
        torch.save(state | {"characters": self.lists.characters}, self.folder / "checkpoint.tmp")
        (self.folder / "checkpoint.tmp").replace(self.checkpoint)

    def learn(self) -> tuple[float, int]:
        """One step; its summed loss, nats, and its symbols. The result does not depend on the machine's threads."""
        schedule = self.schedule
        rate = schedule.rate * min(1.0, (self.step + 1) / schedule.warmup)
        rate *= min(1.0, (schedule.steps - self.step) / (DECAY * schedule.steps))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        found = list(self.threads.map(self._part, range(THREADS), self.sampler.batches(self.step)))
        count = sum(each for _, each in found)
        for mine, *others in zip(*(replica.parameters() for replica in self.replicas), strict=True):
            mine.grad = torch.stack([each.grad for each in (mine, *others)]).sum(0) / count
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        return sum(loss for loss, _ in found), count

    def _part(self, place: int, batch: Batch) -> tuple[float, int]:
        torch.set_num_threads(1)
        replica = self.replicas[place]
        replica.generator.manual_seed(THREADS * self.step + place)
        loss, count = loss_of(replica, batch)
        replica.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item(), count


def train(path: Path, folder: Path, sizes: Sizes, schedule: Schedule, seconds: float) -> None:
    """Trains until the last step, or for so many seconds; a later call goes on from there."""
    lists = Lists(path, schedule.rarest)
    say(f"{len(lists.training):,} lists, {sum(len(each.lengths) for each in lists.training):,} names")
    training = Training(lists, folder, sizes, schedule)
    training.resume()
    began = since = time.monotonic()
    symbols, total = 0, 0.0
    while training.step < schedule.steps and time.monotonic() - began < seconds:
        loss, count = training.learn()
        symbols, total = symbols + count, total + loss
        if training.step % 100 == 0:
            rate = symbols / (time.monotonic() - since)
            say(f"step {training.step:,}: {total / symbols:.4f} nats per symbol, {rate:,.0f} symbols/s")
            symbols, total, since = 0, 0.0, time.monotonic()
        if training.step % 1000 == 0:
            training.save()
            say(f"held out: {scores(training.network, lists)}")
    training.save()


def scores(network: PriorNetwork, lists: Lists) -> dict[int, float]:
    """Mean nats per symbol over the held-out lists, by the number of names given; the prior alone."""
    measured = {size: np.mean(list(measure(network, lists, size).values())) for size in (15, 40, 100)}
    return {size: round(float(loss), 4) for size, loss in measured.items()}


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def arrays_of(state: Mapping[str, Tensor]) -> Arrays:
    """The weights of a network as models/prior.py reads them."""
    weights = {name: each.float().numpy() for name, each in state.items()}
    width = weights["embedding.weight"].shape[1]
    arrays = {"embedding": weights["embedding.weight"], "bias": weights["bias"]}
    for name in ("encoder", "decoder"):
        arrays[f"{name}.input"] = weights[f"{name}.weight_ih_l0"][:, :width].T
        arrays[f"{name}.recurrent"] = weights[f"{name}.weight_hh_l0"].T
        arrays[f"{name}.bias"] = weights[f"{name}.bias_ih_l0"] + weights[f"{name}.bias_hh_l0"]
    arrays["decoder.vector"] = weights["decoder.weight_ih_l0"][:, width:].T
    for name in ("scores", "values", "first", "second", "scale", "shift"):
        arrays |= {name: weights[f"{name}.weight"].T, f"{name}.bias": weights[f"{name}.bias"]}
    return arrays | {"projection": weights["projection.weight"].T}


def usual_weights(prior: Prior, path: Path) -> FloatArray:
    """The weights of n-gram and prior that suit held-out lists of all sizes, (ORDER + 3, 2): see models/mixture.py.

    The lists that benchmarks/short_lists.py measures have no part in them. The method is that of `mixing.maximize`, a
    list at a time, because lists have vocabularies of their own.
    """
    lists = prior_lists.read(path)
    held = [predictions for size in (3, 8, 15, 40, 100) for predictions in others_of(prior, lists, size)]
    weights = equal_weights(ORDER)
    for _ in range(10):
        curvature, slope = 10 * np.eye(weights.size), np.zeros(weights.size)
        for each in held:
            _, own_slope, own_curvature = likelihood_of(each, weights)
            slope += own_slope
            curvature += own_curvature
        weights = weights + np.linalg.solve(curvature, slope).reshape(weights.shape)
    return weights


def others_of(prior: Prior, lists: Sequence[prior_lists.NameList], size: int) -> Iterator[Predictions]:
    """The predictions of an n-gram and the prior, which know `size` names of a held-out list, for other names of it."""
    for each in lists:
        source = each.name.split("/")[0]
        usable = (
            prior_lists.held_out(each.name) and each.name not in prior_lists.BENCHMARKED and source in WEIGHED_SOURCES
        )
        if not usable or not size + 20 <= len(each.names) <= 2000:
            continue
        order = np.random.default_rng([size, len(each.names)]).permutation(len(each.names))
        names = [each.names[place] for place in order[:size]]
        vocabulary = Vocabulary.of(names)
        known = set(vocabulary.characters)
        others = [each.names[place] for place in order[size:] if known.issuperset(each.names[place])][:60]
        if len(others) < 10:
            continue
        documents, unseen = vocabulary.encode_all(names), vocabulary.encode_all(others)
        _, ngram = fit_ngrams(documents, split(documents, False, 0), vocabulary, ORDER)
        network = prior.network(vocabulary, prior.vector_of(documents, vocabulary)[None])
        nodes = ngram.nodes(unseen)
        yield Predictions(
            np.concatenate([np.append(document, END) for document in unseen]),
            features(ngram, nodes),
            (np.log(ngram.probabilities(nodes)), np.concatenate(predict(network, unseen))),
        )


def export(path: Path, folder: Path, sizes: Sizes, schedule: Schedule, out: Path) -> None:
    """Writes the trained weights, matrices in 8 bits with a scale for each column, and the record of their training."""
    lists = Lists(path, schedule.rarest)
    training = Training(lists, folder, sizes, schedule)
    training.resume()
    if not training.step:
        raise SystemExit(f"there is no checkpoint in {folder}: train first")
    stored: Arrays = {}
    for name, array in arrays_of(training.network.state_dict()).items():
        if array.ndim == 2:
            stored[name], stored[name + SCALE] = quantized(array)
        else:
            stored[name] = array
    stored["usual.weights"] = usual_weights(Prior(lists.characters, dequantized(stored)), path)
    record = {
        "steps": training.step,
        "lists": len(lists.training),
        "names": sum(len(each.lengths) for each in lists.training),
        "sources": dict(sorted(Counter(each.name.split("/")[0] for each in lists.training).items())),
        "sha256 of the lists": hashlib.sha256(path.read_bytes()).hexdigest(),
        "held-out nats per symbol by names given": scores(training.network, lists),
    }
    stored = {name: np.ascontiguousarray(array) for name, array in stored.items()}
    save_file(stored, out, {"characters": lists.characters, "record": json.dumps(record)})
    say(f"{out}: {out.stat().st_size:,} bytes; {json.dumps(record)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", type=Path)
    parser.add_argument("--folder", type=Path, required=True, help="where the checkpoint is")
    parser.add_argument("--steps", type=int, default=Schedule.steps, help="in all, earlier pieces included")
    parser.add_argument("--seconds", type=float, default=math.inf, help="of this piece")
    parser.add_argument("--export", type=Path, metavar="FILE", help="write the weights, and train no further")
    options = parser.parse_args()
    sizes, schedule = Sizes(), Schedule(steps=options.steps)
    if options.export:
        export(options.lists, options.folder, sizes, schedule, options.export)
    else:
        train(options.lists, options.folder, sizes, schedule, options.seconds)


if __name__ == "__main__":
    main()
