"""`mangosaurus import-keras`: a model from a file that Keras wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mangosaurus.cli.streams import say


def import_keras(
    file: Annotated[Path, typer.Argument(help="An .h5 file or .keras archive, of Keras 1 to 3; or sonnets-keras.")],
    corpus: Annotated[
        str,
        typer.Option(help="The text that it was trained on, by file or name, which tells its characters."),
    ],
    out: Annotated[Path, typer.Option(help="Where the model goes, such as poems.safetensors.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the --out file if it exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Take over a network that Keras trained: recurrent layers and a softmax over the characters of a text."""
    from mangosaurus.api import verbs
    from mangosaurus.core.files import check_writable

    check_writable(out, force, [file, corpus])
    model = verbs.import_keras(file, corpus)
    model.save(out, overwrite=force)
    described = model.info()
    if as_json:
        print(json.dumps({"out": str(out)} | described, ensure_ascii=False))
    else:
        print(f"{described['model']}, written by {model.training['imported']}")
        print(f"knows {model.vocabulary.summary()}")
    say(f"read {model.training['corpus']}")
    say(f"the model is in {out}")
    say(f"more: mangosaurus write {out}")
