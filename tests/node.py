"""The JavaScript engine of exported pages, run by Node.js as a page runs it, without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64encode
from importlib.resources import files
from typing import Any

import pytest
from patience import PATIENCE

from mangosaurus.api.model import Model
from mangosaurus.formats.webpage import in_planes, learning_script, webpage
from mangosaurus.generation.constraints.rude import rude_words_file

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
SCRIPT = """
const { readFileSync } = require("fs"), { inflateSync } = require("zlib"), { runInThisContext } = require("vm");
const { page, before, calls } = JSON.parse(readFileSync(0, "utf8"));
const element = (id) => page.match(new RegExp(`<script id="${id}"[^>]*>([^]*?)</script>`))[1];
runInThisContext(before);
runInThisContext(element("engine"));
const parts = calls.map(() => []), answers = [];
const bytes = new Uint8Array(inflateSync(Buffer.from(element("model"), "base64")));
const desk = new mangosaurusDesk({ bytes }, (answer) => {
  if (answer.part) parts[answer.id].push(...answer.part);
  else answers[answer.id] = { ...answer, found: parts[answer.id] };
});
const listed = (_, value) => ArrayBuffer.isView(value) ? Array.from(value, (log) => Math.max(log, -1e300)) : value;
(async () => {
  for (const [id, [call, options]] of calls.entries()) await desk.take({ id, call, options });
  process.stdout.write(JSON.stringify(answers, listed));
})();
"""
"""Answers calls to the engine: [call, options] each. Minus infinity becomes -1e300, which JSON can hold."""


LEARNING = """
const { readFileSync } = require("fs"), { runInThisContext } = require("vm");
const { script, prior, rude, calls } = JSON.parse(readFileSync(0, "utf8"));
runInThisContext(script);
const answers = [], bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const listed = (_, value) => ArrayBuffer.isView(value) ? Array.from(value, (log) => Math.max(log, -1e300)) : value;
const desk = new mangosaurusDesk({ prior: bytes(prior), rude: bytes(rude) }, (answer) => {
  if (!answer.part) answers[answer.id] = answer;
});
(async () => {
  for (const [id, [call, options]] of calls.entries()) await desk.take({ id, call, options });
  process.stdout.write(JSON.stringify(answers, listed));
})();
"""
"""Answers calls to a learner: [call, options] each."""


def in_node(script: str) -> str:
    """What a script writes to standard output."""
    assert NODE is not None
    done = subprocess.run([NODE, "-"], input=script.encode(), capture_output=True, check=True, timeout=PATIENCE)
    return done.stdout.decode()


def in_javascript(options: dict[str, Any]) -> dict[str, Any]:
    """Python's options as the engine takes them; a seed is text, as it may be beyond 2^53."""
    return options | ({"seed": str(options["seed"])} if "seed" in options else {})


def ask_engine(model: Model, *calls: tuple[str, dict[str, Any]], before: str = "") -> list[dict[str, Any]]:
    """What the engine in the model's page answers to each (call, options in Python's spelling).

    An answer has what was `found` part by part, and `result` or `refusal` with its `parts`.
    The script `before` runs before the engine.
    """
    assert NODE is not None
    given = {
        "page": webpage(model, "A title"),
        "before": before,
        "calls": [(call, in_javascript(options)) for call, options in calls],
    }
    done = subprocess.run(
        [NODE, "-e", SCRIPT], input=json.dumps(given).encode(), capture_output=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr.decode()
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def ask_learner(*calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What a page that learns by itself answers to each (call, options): `result` or `refusal`. Models are learnt-1,
    learnt-2 and so on, in the order of the calls of `learn`."""
    assert NODE is not None
    prior = in_planes(files("mangosaurus.bundled").joinpath("prior.safetensors").read_bytes())
    data = {"prior": prior, "rude": rude_words_file()}
    given = {"script": learning_script(), "calls": calls} | {
        name: b64encode(each).decode() for name, each in data.items()
    }
    done = subprocess.run(
        [NODE, "-e", LEARNING], input=json.dumps(given).encode(), capture_output=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr.decode()
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
