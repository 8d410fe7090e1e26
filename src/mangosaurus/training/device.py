"""The device that trains a network, and the precision of its products."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache

import torch

from mangosaurus.core.errors import Option, OptionError
from mangosaurus.training.distributed import local_rank


@dataclass(frozen=True)
class Hardware:
    """A device, and whether its products are in bfloat16; weights and their updates are always float32."""

    device: torch.device
    bfloat16: bool

    def autocast(self) -> AbstractContextManager[None]:
        """Makes products in bfloat16, if `bfloat16` is set.

        All threads share one cache of rounded weights, and each empties it when it is done: without it, how often a
        weight is rounded, and so how its gradient is summed up, does not depend on which thread is first.
        """
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16, cache_enabled=False)


@contextmanager
def single_threaded() -> Iterator[None]:
    """Keeps each product of torch on the thread that asks for it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def pool(threads: int) -> ThreadPoolExecutor:
    """Threads that compute at once, each by itself."""
    return ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))


def fast_in_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 numbers, which doubles the speed and costs nothing measurable."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False)) and runs_in_bfloat16()


@cache
def runs_in_bfloat16() -> bool:
    """Whether an LSTM runs in bfloat16 on this processor.

    It is tried. oneDNN refuses on processors without the instructions, and wherever ONEDNN_MAX_CPU_ISA forbids them.
    """
    with torch.random.fork_rng(devices=[]), torch.autocast("cpu", torch.bfloat16):
        try:
            torch.nn.LSTM(8, 8)(torch.zeros(1, 1, 8))[0].sum().backward()
        except RuntimeError:
            return False
    return True


def hardware_for(device: str = "auto", precision: str = "auto") -> Hardware:
    """The hardware that `device` (auto, cpu, cuda or mps) and `precision` (auto, 32 or bf16) mean on this machine.

    `auto` is CUDA where there is such a device and the processor elsewhere, and bfloat16 where the device multiplies
    it faster, at no measurable cost. Each process of a machine with several CUDA devices takes one of its own.
    Raises OptionError for a device that is not there, or that cannot multiply bfloat16 numbers if it is to.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise OptionError(Option("device"), " is cuda, and torch finds no CUDA device here; choose auto or cpu")
    if device == "mps" and not torch.backends.mps.is_available():
        raise OptionError(Option("device"), " is mps, and torch finds no Apple GPU here; choose auto or cpu")
    if device == "cuda":
        if local_rank() >= torch.cuda.device_count():
            raise OptionError(
                f"this machine has {torch.cuda.device_count()} CUDA devices, and process {local_rank()} finds none "
                "left, counted from 0; start as many processes as there are devices"
            )
        torch.cuda.set_device(local_rank())
        where, fast = torch.device("cuda", local_rank()), torch.cuda.is_bf16_supported(including_emulation=False)
        if precision == "bf16" and not fast:
            raise OptionError(
                Option("precision"), " is bf16, which this CUDA device does not support; choose auto or 32"
            )
    else:
        where = torch.device(device)
        if device == "cpu" and precision == "bf16" and not runs_in_bfloat16():
            raise OptionError(Option("precision"), " is bf16, which this processor does not support; choose auto or 32")
        fast = device == "cpu" and precision == "auto" and fast_in_bfloat16()
    return Hardware(where, fast if precision == "auto" else precision == "bf16")
