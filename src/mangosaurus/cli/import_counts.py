"""`mangosaurus import-counts`: a model from counts of n-grams."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from mangosaurus.cli.options import Force
from mangosaurus.cli.streams import say
from mangosaurus.core.typed import argument, option


def import_counts(
    file: Annotated[
        str,
        argument(
            "FILE",
            "Lines of an n-gram, its characters or tokens parted by spaces, a TAB and its count, as SRILM and "
            "KenLM write. <s> begins a name, </s> ends one, and <U+0020> is a space. - is standard input.",
        ),
    ],
    out: Annotated[Path, option(metavar="FILE", help="Save the model here, such as names.safetensors.")],
    encoding: Annotated[
        str | None,
        option(metavar="NAME", help="The encoding, such as cp1252. Default: UTF-8, or what the bytes look like."),
    ] = None,
    skip_bad_lines: Annotated[
        bool, option("--skip-bad-lines", help="Leave out lines that do not decode, and count them.")
    ] = False,
    force: Force = False,
) -> None:
    """Make a model of names from counts of n-grams of characters, or of phonemes and other tokens.

    The model is an n-gram alone. The counts do not tell the names: none is left out of samples as known, and no loss
    is held out.
    """
    from mangosaurus.api import verbs
    from mangosaurus.core.files import check_writable

    check_writable(out, force, [file])
    model = verbs.import_counts(file, encoding=encoding, skip_bad_lines=skip_bad_lines)
    model.save(out, overwrite=force)
    say(f"read {model.training['corpus']}")
    say(f"note: {model.training['note']}")
    say(f"the model is in {out}")
    say(f"more: mangosaurus sample {out} -n 100")
