"""Where networks are trained, and in which numbers."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from examples import NAMES

import mangosaurus
from mangosaurus.core.errors import OptionError
from mangosaurus.models.mixture import Mixture
from mangosaurus.models.networks import AnyCell
from mangosaurus.training import device
from mangosaurus.training.device import hardware_for
from mangosaurus.training.settings import Precision


def test_auto_is_the_processor_where_there_is_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(device, "runs_in_bfloat16", lambda: True)
    for fast in (True, False):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda fast=fast: {"avx512_bf16": fast})
        assert hardware_for().device == torch.device("cpu")
        assert hardware_for().bfloat16 == fast
        assert not hardware_for("cpu", "32").bfloat16
        assert hardware_for("cpu", "bf16").bfloat16


CODE = """
import torch, mangosaurus

from mangosaurus.training.device import hardware_for
torch.cpu.get_capabilities = lambda: {"avx512_bf16": True}
assert not hardware_for().bfloat16
mangosaurus.fit(["anna", "hannah", "johanna", "lena", "milena"] * 4, steps=2, hidden=8, order=2)
try:
    hardware_for("cpu", "bf16")
except mangosaurus.OptionError as error:
    print(error)
"""


def test_a_processor_whose_bfloat16_is_switched_off_trains_in_32_bits() -> None:
    """oneDNN reads the variable when it starts: a process of its own."""
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": "SSE41"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.stdout == "precision is bf16, which this processor does not support; choose auto or 32\n", done.stderr


def test_devices_that_are_not_there_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(OptionError, match="device is cuda, and torch finds no CUDA device here; choose auto or cpu"):
        mangosaurus.fit(NAMES, steps=2, device="cuda")
    with pytest.raises(OptionError, match="device is mps"):
        hardware_for("mps")


def test_each_process_of_a_machine_takes_a_cuda_device_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    monkeypatch.setenv("RANK", "5")
    monkeypatch.setenv("WORLD_SIZE", "8")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert hardware_for().device == torch.device("cuda", 1)
    assert chosen == [1]
    with pytest.raises(OptionError, match="precision is bf16, which this CUDA device does not support"):
        hardware_for("cuda", "bf16")
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(OptionError, match="this machine has 2 CUDA devices, and process 2 finds none left"):
        hardware_for()


@pytest.mark.skipif(not device.runs_in_bfloat16(), reason="this processor does not multiply bfloat16 numbers")
@pytest.mark.parametrize("cell", ["lstm", "transformer"])
def test_precision_changes_the_last_digits_alone(cell: AnyCell) -> None:
    many = [name + ending for ending in ("", *"abe") for name in NAMES]

    def trained(precision: Precision) -> np.ndarray:
        model = mangosaurus.fit(
            many, steps=12, cell=cell, hidden=32, order=1, prior=False, precision=precision
        ).distribution
        assert isinstance(model, Mixture)
        return np.concatenate(model.networks[0].score([model.vocabulary.encode(name) for name in NAMES]))

    exact, rounded = trained("32"), trained("bf16")
    assert np.abs(exact - rounded).max() > 0
    assert abs(exact.mean() - rounded.mean()) < 0.02
