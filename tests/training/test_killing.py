"""Processes that are killed: the small form of benchmarks/killing.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

pytestmark = pytest.mark.slow


def test_killed_again_and_again() -> None:
    root = Path(__file__).resolve().parents[2]
    options = ["--steps", "40", "--members", "2", "--hidden", "8", "--order", "3"]
    corpus = ["--corpus", "tests/sample_files/towns.txt"]
    command = [sys.executable, "-m", "benchmarks.killing", *corpus, "--kills", "2", "--every", "0s", "--", *options]
    done = subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8", check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "2 kills" in done.stdout
    assert "each with the same file bit for bit" in done.stdout
