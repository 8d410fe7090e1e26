"""`mangosaurus write`: a model continues a text."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import Annotated

from mangosaurus.cli.options import with_options
from mangosaurus.cli.output import Output
from mangosaurus.core.errors import OptionError
from mangosaurus.core.typed import argument, option
from mangosaurus.generation.parameters import SamplingParameters

BETWEEN = "\n---\n"
"""The line between two texts."""


@with_options
def write(
    model: Annotated[
        Path | None,
        argument("MODEL", "A model file, or a bundled model. Default: sonnets."),
    ] = None,
    prompt: Annotated[
        str | None,
        option(help="The beginning of the text. Without one, you are asked for it on a terminal."),
    ] = None,
    prompt_file: Annotated[
        str | None,
        option("--prompt-file", metavar="FILE", help="Read the prompt from this file; - is standard input."),
    ] = None,
    length: Annotated[int, option(help="Maximum number of characters to write after the prompt.")] = 400,
    until: Annotated[str | None, option(help="Stop after this text first occurs. \\n stands for a line break.")] = None,
    n: Annotated[int, option("-n", "--n", help="Number of texts. A line of --- separates them.")] = 1,
    *,
    parameters: SamplingParameters,
    fold: Annotated[
        bool,
        option(
            "--fold",
            help="Replace characters of the prompt that the model does not know with similar ones: another case, "
            "other quotation marks and dashes, no accents.",
        ),
    ] = False,
    output: Output,
) -> None:
    """Continue a text. Each character is printed as soon as it is drawn."""
    from mangosaurus.api.verbs import load
    from mangosaurus.core.table import Table
    from mangosaurus.data.read import read_text

    if prompt is not None and prompt_file is not None:
        raise OptionError.of("{prompt} and {prompt_file} are both given; choose one")
    if n < 1:
        raise OptionError.of("{n} is {}; ask for 1 or more", n)
    output.check(model, prompt_file)
    loaded = load(model or "sonnets")
    if prompt_file is not None:
        prompt = read_text(prompt_file)
    elif prompt is None and sys.stdin.isatty():
        prompt = ask()
    prompt = prompt or ""
    stop = None if until is None else until.replace("\\n", "\n")
    texts = (loaded.continuation(prompt, parameters, length, index, stop, fold) for index in range(n))
    if output.out is not None or output.manner != "text":
        written = ["".join(text) for text in texts]
        output.show(
            lambda: BETWEEN.join(f"{prompt}{text}".removesuffix("\n") + "\n" for text in written).split("\n")[:-1],
            lambda: Table(("prompt", "text"), [(prompt, text) for text in written]),
            lambda: {"prompt": prompt, "texts": written, "seed": parameters.seed},
        )
        return
    for place, text in enumerate(texts):
        sys.stdout.write(BETWEEN if place else "")
        for part in chain([prompt], text):
            print(part, end="", flush=True)
        print(end="" if part.endswith("\n") else "\n", flush=True)


def ask() -> str:
    print("Write the beginning of your poem, and the model continues it: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().rstrip("\n")
