"""`mangosaurus write`: a text continued in the manner of a model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import with_options
from mangosaurus.core.errors import OptionError
from mangosaurus.generation.parameters import SamplingParameters

BETWEEN = "\n---\n"
"""What stands between two texts on standard output."""


@with_options
def write(
    model: Annotated[
        Path | None, typer.Argument(metavar="[MODEL]", help="A model file. Without one, the bundled sonnets.")
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(help="What the text begins with. A terminal asks for it if it is not given."),
    ] = None,
    prompt_file: Annotated[
        str | None, typer.Option("--prompt-file", help="A file that holds the prompt, or - for standard input.")
    ] = None,
    length: Annotated[int, typer.Option(help="Maximum number of characters to write after the prompt.")] = 400,
    until: Annotated[
        str | None, typer.Option(help="Stop after this text first occurs; \\n in it stands for a line break.")
    ] = None,
    n: Annotated[int, typer.Option("-n", "--n", help="How many texts, with a line of --- between them.")] = 1,
    *,
    parameters: SamplingParameters,
    fold: Annotated[
        bool,
        typer.Option(
            "--fold",
            help="Replace characters of the prompt that the model does not know by the nearest that it knows: case, "
            "quotation marks, dashes, accents.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end instead.")] = False,
) -> None:
    """Continue a text, character by character as it is made."""
    from mangosaurus.api.verbs import load
    from mangosaurus.data.read import read_text

    if prompt is not None and prompt_file is not None:
        raise OptionError.of("{prompt} and {prompt_file} are both given; choose one")
    if n < 1:
        raise OptionError.of("{n} is {}; ask for 1 or more", n)
    loaded = load(model or "sonnets")
    if prompt_file is not None:
        prompt = read_text(prompt_file)
    elif prompt is None and sys.stdin.isatty():
        prompt = ask()
    prompt = prompt or ""
    stop = None if until is None else until.replace("\\n", "\n")
    texts = (loaded.continuation(prompt, parameters, length, index, stop, fold) for index in range(n))
    if as_json:
        result = {"prompt": prompt, "texts": ["".join(text) for text in texts], "seed": parameters.seed}
        print(json.dumps(result, ensure_ascii=False))
        return
    for place, text in enumerate(texts):
        sys.stdout.write(BETWEEN if place else "")
        last = show(prompt)
        for character in text:
            last = show(character)
        show("" if last == "\n" else "\n")


def show(text: str) -> str:
    """Writes `text` at once, and gives back its last character."""
    sys.stdout.write(text)
    sys.stdout.flush()
    return text[-1:]


def ask() -> str:
    """The beginning of a text, from the person at the terminal."""
    print("Write the beginning of your poem, and the model goes on: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().rstrip("\n")
