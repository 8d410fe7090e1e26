"""Where a network is trained, and with how many bits."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch

from mangosaurus.errors import OptionError
from mangosaurus.training.ranks import local_rank


@dataclass(frozen=True)
class Hardware:
    """A device, and whether products are taken in bfloat16; weights and their updates are always float32."""

    device: torch.device
    bfloat16: bool

    def autocast(self) -> AbstractContextManager[None]:
        """Products in bfloat16, if so.

        All threads share one cache of rounded weights, and each empties it when it is done: without it, how often a
        weight is rounded, and so how its gradient is summed up, does not depend on who is first.
        """
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16, cache_enabled=False)


def low_precision() -> bool:
    """Whether the processor multiplies bfloat16 numbers, which doubles the speed and costs nothing measurable."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def hardware_for(device: str = "auto", precision: str = "auto") -> Hardware:
    """What `device` (auto, cpu, cuda or mps) and `precision` (auto, 32 or bf16) come to on this machine.

    `auto` is CUDA where there is such a device and the processor elsewhere, and bfloat16 where the device multiplies
    it faster, which costs nothing measurable. Of several CUDA devices each process of a machine takes one of its own.
    Raises OptionError for a device that is not there, or that has no bfloat16.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise OptionError("device is cuda, and torch finds no CUDA device here; choose auto or cpu")
    if device == "mps" and not torch.backends.mps.is_available():
        raise OptionError("device is mps, and torch finds no Apple GPU here; choose auto or cpu")
    if device == "cuda":
        if local_rank() >= torch.cuda.device_count():
            raise OptionError(
                f"this machine has {torch.cuda.device_count()} CUDA devices, and process {local_rank()} finds none "
                "left, counted from 0; start as many processes as there are devices"
            )
        torch.cuda.set_device(local_rank())
        where, fast = torch.device("cuda", local_rank()), torch.cuda.is_bf16_supported(including_emulation=False)
        if precision == "bf16" and not fast:
            raise OptionError("precision is bf16, which this CUDA device does not multiply; choose auto or 32")
    else:
        where = torch.device(device)
        fast = device == "cpu" and low_precision()
    return Hardware(where, fast if precision == "auto" else precision == "bf16")
