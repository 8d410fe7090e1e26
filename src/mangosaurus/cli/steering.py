"""The model that a command works with: of MODEL, or of the names of --like alone; a label of it; steered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mangosaurus.cli.command import tell
from mangosaurus.cli.streams import say
from mangosaurus.core.errors import OptionError, plain
from mangosaurus.core.options import is_file
from mangosaurus.generation.parameters import Steering

if TYPE_CHECKING:
    from mangosaurus.api.model import Model
    from mangosaurus.cli.columns import Columns
    from mangosaurus.data.corpus import Corpus


def chosen(
    model: Path | None,
    label: str | None,
    steering: Steering,
    columns: Columns | None = None,
    training: str | None = None,
) -> tuple[Model, Corpus | None]:
    """The model; and the names of `like` if they are what it was made of, for want of a MODEL.

    `training` is refused with these names, which are the training list then.
    """
    given = {name: getattr(steering, name) for name in ("like", "unlike")}
    read = {name: _read(names, name, columns) for name, names in given.items() if names is not None}
    for corpus in read.values():
        tell(corpus)
    both = {*read["like"].documents} & {*read["unlike"].documents} if len(read) == len(given) else set()
    if both:
        raise OptionError.of("{like} and {unlike} both have {!r}; leave it out of one", min(both))
    if read and model is None and "like" not in read:
        say("the model is dinosaurs, since none is named")
    own = read.pop("like", None) if model is None else None
    if own is not None and training is not None:
        raise OptionError.of(
            "{training} has no effect with {like} and no {model}: the names are the training list; leave it out"
        )
    if own is not None and "unlike" not in read and steering.strength is not None:
        raise OptionError.of("{strength} is used with {unlike}, or with {like} and {model}")
    if own is None:
        from mangosaurus.api.verbs import BUNDLED, load

        if read and model is not None and str(model) not in BUNDLED and not model.exists():
            raise OptionError.of(
                "there is no model {}; if it is a name, put all names into one pair of quotes, as in {like} "
                '"Galadriel, Elrond"',
                plain(model),
            )
        loaded = load(model)
    else:
        from mangosaurus.api.fit import like

        loaded = like(own)
    if label is not None:
        loaded = loaded.with_label(label)
    return loaded.steered(replace(steering, like=read.get("like"), unlike=read.get("unlike"))), own


def _read(names: str, option: str, columns: Columns | None) -> Corpus:
    """The names of an option. Those on a line that is typed are in no column."""
    from mangosaurus.api.like import names_of

    if columns is None or not ("\n" in names.strip() or is_file(names)):
        return names_of(names, None, option)
    return columns.read(names, lambda column: names_of(names, column, option))
