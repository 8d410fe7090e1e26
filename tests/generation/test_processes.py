"""Blocks from forked processes are those that this process computes, whatever becomes of the processes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from patience import PATIENCE

# The processes of pytest have threads, and are better not forked.
PROGRAM = """
import os, signal, sys, time
from itertools import count, islice

import numpy as np

import mangosaurus
from mangosaurus.generation.parameters import SamplingParameters
from mangosaurus.generation.processes import can_fork, in_processes
from mangosaurus.generation.sampler import sample_block

model, lost = mangosaurus.load().distribution, sys.argv[1]
here = os.getpid()
computed_here = []

def compute(first, size):
    if os.getpid() == here:
        computed_here.append(first)
    elif str(first // size % 2) == lost and first >= 2 * size:
        os.kill(os.getpid(), signal.SIGKILL)
    return sample_block(model, SamplingParameters(seed=3), first, size, 30, np.zeros(0, np.int64))

def refused():
    raise BlockingIOError

assert can_fork()
if lost == "both":
    os.fork = refused
blocks = in_processes(compute, lambda: ((first, 50) for first in count(0, 50)), 2)
found = list(islice(blocks, 6))
expected = range(6) if lost == "both" else [place for place in range(2, 6) if str(place % 2) == lost]
assert computed_here == [50 * place for place in expected], computed_here
for place, block in enumerate(found):
    for name, array in vars(compute(50 * place, 50)).items():
        np.testing.assert_array_equal(getattr(block, name), array, name, strict=array is not None)
blocks.close()
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none is left")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks here")
@pytest.mark.parametrize("lost", ["none", "0", "1", "both"])
def test_the_blocks_are_those_of_one_process(lost: str) -> None:
    command = [sys.executable, "-c", PROGRAM, lost]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False)
    assert (done.stdout, done.stderr) == ("none is left\n", "")
