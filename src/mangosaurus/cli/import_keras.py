"""`mangosaurus import-keras`: a model from a file that Keras wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mangosaurus.cli.options import AsJson, Force
from mangosaurus.cli.streams import print_json, say
from mangosaurus.core.typed import argument, option


def import_keras(
    file: Annotated[Path, argument("FILE", "An .h5 or .keras file of Keras 1 to 3, or sonnets-keras.")],
    corpus: Annotated[
        str,
        option(metavar="FILE", help="The text that it was trained on, a file or a name. It defines the characters."),
    ],
    out: Annotated[Path, option(metavar="FILE", help="Save the model here, such as poems.safetensors.")],
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Import a network that Keras trained: recurrent layers and a softmax over the characters of a text."""
    from mangosaurus.api import verbs
    from mangosaurus.core.files import check_writable

    check_writable(out, force, [file, corpus])
    model = verbs.import_keras(file, corpus)
    model.save(out, overwrite=force)
    described = model.info()
    if as_json:
        print_json({"out": str(out)} | described)
    else:
        print(f"{described['model']}, written by {model.training['imported']}")
        print(f"knows {model.vocabulary.summary()}")
    say(f"read {model.training['corpus']}")
    say(f"the model is in {out}")
    say(f"more: mangosaurus write {out}")
