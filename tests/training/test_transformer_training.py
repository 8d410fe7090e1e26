"""Transformers from the corpus to the file: names, texts and labels."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from examples import LABELS, NAMES

import mangosaurus
from mangosaurus.core.vocabulary import Vocabulary
from mangosaurus.data.corpus import Kind
from mangosaurus.models.labelled import Labelled
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.transformer import Transformer
from mangosaurus.training.batches import names
from mangosaurus.training.hyperparameters import Hyperparameters, hyperparameters_for
from mangosaurus.training.torch_transformer import TransformerNetwork
from mangosaurus.training.trainer import Replicas

VOCABULARY = Vocabulary.of(NAMES)


def network(dropout: float = 0.0) -> TransformerNetwork:
    hyper = Hyperparameters(
        cell="transformer", hidden=32, layers=2, window=8, dropout=dropout, embedding_dropout=dropout, batch=8
    )
    return TransformerNetwork(len(VOCABULARY), hyper, torch.Generator().manual_seed(0))


@pytest.mark.slow
def test_it_learns() -> None:
    """Two hundred steps on thirty names: it knows them by heart, which chance or a broken mask would not."""
    one = network()
    replicas = Replicas(one, [])
    batches = names([VOCABULARY.encode(name) for name in NAMES], 8, np.random.default_rng(0))
    optimizer = torch.optim.AdamW(one.parameters(), lr=5e-3)
    losses = []
    for batch in islice(batches, 200):
        losses.append(replicas.backward(batch))
        optimizer.step()
    replicas.close()
    assert np.mean(losses[:5]) > 2.5
    assert np.mean(losses[-20:]) < 1.0


def test_it_learns_nothing_from_what_comes_later() -> None:
    """The gradient of a symbol's loss reaches no later symbol: the attention is causal, and as wide as the window."""
    one = network().eval()
    symbols = torch.randint(1, len(VOCABULARY), (20, 1))
    embedded: list[torch.Tensor] = []
    one.embedding.register_forward_hook(lambda module, given, made: embedded.append(made.retain_grad() or made))
    one(symbols)[0][15].sum().backward()
    assert embedded[0].grad is not None
    reached = embedded[0].grad.abs().sum(-1).flatten()
    assert torch.equal(reached > 0, (torch.arange(20) <= 15) & (torch.arange(20) >= 15 - 2 * 7))


def test_dropout_is_drawn_anew_for_every_batch_and_not_when_measuring() -> None:
    one = network(dropout=0.5)
    masks = one.masks(3)
    assert [mask.shape for mask in masks] == [(1, 3, 32)] * 5
    assert set(masks[0].flatten().tolist()) == {0.0, 2.0}
    symbols = torch.randint(1, len(VOCABULARY), (5, 3))
    with torch.no_grad():
        plain, masked, other = one(symbols)[0], one(symbols, None, masks)[0], one(symbols, None, one.masks(3))[0]
    assert not torch.allclose(plain, masked)
    assert not torch.allclose(masked, other)
    torch.testing.assert_close(one(symbols)[0], plain)


@pytest.mark.parametrize("text", [False, True])
def test_a_model_with_a_transformer_is_kept_and_read(text: bool, tmp_path: Path) -> None:
    """Beside an n-gram that only counts single characters, and without words, so that the network is sure to help."""
    corpus = ["".join(NAMES * 30)] if text else NAMES * 8
    kind: Kind = "text" if text else "names"
    alone: dict[str, Any] = {} if text else {"prior": False}
    model = mangosaurus.fit(corpus, format=kind, cell="transformer", hidden=32, layers=2, steps=25, order=1, **alone)
    assert isinstance(model.distribution, Mixture)
    assert isinstance(model.distribution.networks[0], Transformer)
    context = 64 if text else 32
    assert f"mixed with transformer of 2 x 32 units seeing {context} characters" in model.info()["model"]
    model.save(tmp_path / "model.safetensors")
    read = mangosaurus.load(tmp_path / "model.safetensors")
    assert list(read.sample(3, seed=1, allow_known=not text)) == list(model.sample(3, seed=1, allow_known=not text))
    if not text:
        assert list(read.top(3)) == list(model.top(3))


def test_names_with_labels_and_the_same_steps_give_the_same_file() -> None:
    many = [name + ending for ending in ("", *"abeinou") for name in NAMES]
    model, again = (
        mangosaurus.fit(many, labels=LABELS * 8, cell="transformer", hidden=32, layers=1, steps=25, order=1)
        for _ in range(2)
    )
    assert isinstance(model.distribution, Labelled)
    assert isinstance(model.distribution.networks[0], Transformer)
    assert len(model.sample(3, seed=1, label="boy", allow_known=True)) == 3
    assert model.to_bytes() == again.to_bytes()


@pytest.mark.parametrize(("hidden", "heads"), [(256, 8), (320, 10), (32, 1), (24, 1), (66, 1), (128, 4), (100, 2)])
def test_heads_share_the_units_in_pairs(hidden: int, heads: int) -> None:
    hyper = hyperparameters_for(100_000, True, "transformer", None, hidden, 60)
    assert hyper.heads == heads
    assert hyper.hidden % (2 * hyper.heads) == 0
    assert hyper.layers == 4
