"""`mangosaurus write`: what is printed, character by character, and what a prompt may be."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest
from commands import RUN, one_line, run
from patience import PATIENCE

import mangosaurus


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An n-gram of a lower-cased text."""
    path = tmp_path_factory.mktemp("texts") / "text.safetensors"
    text = "it's the lark, the herald of the morn,\nno nightingale: look, love, what envious streaks\n" * 5
    mangosaurus.fit([text], format="text", budget=0).save(path)
    return path


def test_the_prompt_comes_out_as_it_was_typed_and_the_text_behind_it(model: Path) -> None:
    prompt = "It’s the\r\nLark"
    done = run("write", model, "--prompt", prompt, "--fold", "--length", "60", "--seed", "3")
    assert done.returncode == 0
    assert done.stderr == ""
    expected = mangosaurus.load(model).write(prompt, length=60, seed=3, fold=True)
    assert done.stdout.rstrip("\n") == expected.rstrip("\n")
    assert expected.startswith(prompt)
    assert len(expected) == len(prompt) + 60


def test_an_unknown_character_is_named_with_the_nearest(model: Path) -> None:
    done = run("write", model, "--prompt", "the Lark")
    one_line(
        done, "'L' (U+004C, LATIN CAPITAL LETTER L), number 5 of 'the Lark'", "nearest that it knows is 'l'", "--fold"
    )
    done = run("write", model, "--prompt", "7 larks", "--fold")
    one_line(done, "'7' (U+0037, DIGIT SEVEN)", "the nearest that it knows is")
    assert "with --fold" not in done.stderr
    # The text is quoted as it was typed, also where some of it could be folded.
    one_line(run("write", model, "--prompt", "Lärk €", "--fold"), "number 6 of 'Lärk €'")


def test_a_prompt_from_a_file_and_from_standard_input(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "prompt.txt"
    file.write_text("the lark,\nthe ", encoding="utf-8")
    by_file = run("write", model, "--prompt-file", file, "--length", "20", "--seed", "1")
    by_pipe = run("write", model, "--prompt-file", "-", "--length", "20", "--seed", "1", input="the lark,\nthe ")
    assert by_file.stdout == by_pipe.stdout
    assert by_file.stdout.startswith("the lark,\nthe ")
    one_line(run("write", model, "--prompt-file", tmp_path / "none.txt"), "none.txt does not exist")
    one_line(run("write", model, "--prompt-file", tmp_path), "is a folder")
    one_line(run("write", model, "--prompt", "a", "--prompt-file", file), "both given")


def test_until_several_texts_and_json(model: Path) -> None:
    done = run("write", model, "--prompt", "the", "--until", "\\n", "-n", "3", "--seed", "5")
    texts = done.stdout.split("\n---\n")
    assert len(texts) == 3
    assert all(text.startswith("the") and text.count("\n") == 1 for text in texts[:-1])
    loaded = mangosaurus.load(model)
    expected = ["".join(loaded.stream("the", seed=5, index=index, until="\n")) for index in range(3)]
    result = json.loads(
        run("write", model, "--prompt", "the", "--until", "\\n", "-n", "3", "--seed", "5", "--json").stdout
    )
    assert result == {"prompt": "the", "texts": expected, "seed": 5}
    assert len(set(expected)) > 1


def test_without_a_model_it_writes_sonnets() -> None:
    done = run("write", "--prompt", "Shall I compare thee", "--length", "80", "--seed", "1")
    assert done.returncode == 0
    assert done.stdout.startswith("Shall I compare thee")
    assert len(done.stdout.rstrip("\n")) >= 95
    assert run("write", "--length", "5").returncode == 0  # no terminal, no prompt: from the beginning
    assert json.loads(run("info", "sonnets", "--json").stdout)["kind"] == "text"


def test_on_a_terminal_it_asks_for_a_prompt(model: Path) -> None:
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [*RUN, "write", str(model), "--length", "10", "--seed", "1"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    os.write(terminal, b"the lark\n")
    out, err = process.communicate(timeout=PATIENCE)
    os.close(theirs)
    os.close(terminal)
    assert err.startswith("Write the beginning of your poem")
    assert out.startswith("the lark")
    assert "\n" not in out[: len("the lark") + 5] or out[len("the lark")] == "\n"


def test_ctrl_c_ends_a_long_text_at_once(model: Path) -> None:
    words = [*RUN, "write", str(model), "--prompt", "the", "--length", "100000000"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert len(process.stdout.read(2000)) == 2000  # characters come while it writes
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)  # of a text that takes hours
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_evaluate_in_windows(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.txt"
    file.write_text("the herald of the morn, it's the lark\n", encoding="utf-8")
    done = run("evaluate", model, file, "--window", "10", "--stride", "3")
    assert done.returncode == 0
    assert "10 characters, each from 10 before it; " in done.stdout
    result = json.loads(run("evaluate", model, file, "--window", "10", "--stride", "3", "--json").stdout)
    assert 0 < result["accuracy"] <= 1
    one_line(run("evaluate", model, file, "--window", "0"), "window is 0; it must be 1 or more")
    one_line(run("evaluate", model, file, "--window", "99"), "more than 99 characters", "no window is full")
    one_line(run("evaluate", model, file, "--stride", "3"), "stride is 3 without a window")
