"""`mangosaurus write`: a text continued in the manner of a model."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.options import MinP, Temperature, TopK, TopP

BETWEEN = "\n---\n"
"""What stands between two texts on standard output."""


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
    length: Annotated[int, typer.Option(help="The most characters to write behind the prompt.")] = 400,
    until: Annotated[
        str | None, typer.Option(help="Stop behind the first of this text; \\n in it stands for a line break.")
    ] = None,
    n: Annotated[int, typer.Option("-n", "--n", help="How many texts, with a line of --- between them.")] = 1,
    temperature: Temperature = 1.0,
    top_k: TopK = None,
    top_p: TopP = None,
    min_p: MinP = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same texts.")] = None,
    fold: Annotated[
        bool,
        typer.Option(
            "--fold", help="Let the model read its own characters for others: case, quotation marks, dashes, accents."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end instead.")] = False,
) -> None:
    """Continue a text, character by character as it is made."""
    from mangosaurus.api import load
    from mangosaurus.errors import OptionError
    from mangosaurus.read import read_text

    if prompt is not None and prompt_file is not None:
        raise OptionError("--prompt and --prompt-file are both given; choose one")
    if n < 1:
        raise OptionError(f"n is {n}; ask for 1 or more")
    loaded = load(model or "sonnets")
    if prompt_file is not None:
        prompt = read_text(prompt_file)
    elif prompt is None and sys.stdin.isatty():
        prompt = ask()
    prompt = prompt or ""
    seed = secrets.randbits(32) if seed is None else seed
    texts = (
        loaded.stream(
            prompt,
            length=length,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            min_p=min_p,
            seed=seed,
            index=index,
            until=None if until is None else until.replace("\\n", "\n"),
            fold=fold,
        )
        for index in range(n)
    )
    if as_json:
        result = {"prompt": prompt, "texts": ["".join(text) for text in texts], "seed": seed}
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
