"""AdamW: the same weights as torch's own, without torch's compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from patience import PATIENCE

from mangosaurus.training.adamw import FIRST_DECAY, SECOND_DECAY, AdamW


def test_it_moves_weights_as_torchs_own_does() -> None:
    draw = torch.Generator().manual_seed(0)
    values = [torch.randn(shape, generator=draw) for shape in ((3, 4), (5,), (2,))]
    mine, theirs = ([torch.nn.Parameter(each.clone()) for each in values] for _ in range(2))
    ours = AdamW(mine, weight_decay=0.1)
    reference = torch.optim.AdamW(theirs, betas=(FIRST_DECAY, SECOND_DECAY), weight_decay=0.1)
    for step in range(5):
        for one, other in zip(mine, theirs, strict=True):
            one.grad = other.grad = torch.randn(one.shape, generator=draw)
        mine[2].grad = theirs[2].grad = None  # it stays where it is
        rate = 0.01 / (1 + step)
        reference.param_groups[0]["lr"] = rate
        ours.step(rate)
        reference.step()
    for one, other, before in zip(mine, theirs, values, strict=True):
        torch.testing.assert_close(one, other)
        assert torch.equal(one, before) == (before is values[2])


@pytest.mark.slow
def test_training_loads_no_compiler() -> None:
    names = ["Anna", "Berta", "Clara", "Dora", "Emma", "Frieda"]
    code = f"import sys, mangosaurus; mangosaurus.fit({names}, steps=2); print('torch._dynamo' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout == "False\n"
