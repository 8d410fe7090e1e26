"""The file that a training ends in: its own while it runs, and if it cannot be written in the end, another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mangosaurus.core.errors import OutputError

if TYPE_CHECKING:
    from mangosaurus.api.model import Model


@contextmanager
def reserved(out: Path | None, force: bool, reads: Iterable[str | None]) -> Iterator[None]:
    """Bars other trainings from `out`, which must be none of the files that this one `reads`.

    Raises OutputError if it is taken and not to be replaced, cannot be written, or another training will write it.
    """
    from mangosaurus.core.files import alone, beside, check_writable

    if out is None:
        yield
        return
    check_writable(out, force, reads)
    with alone(beside(out), f"another training will write {out}; wait for it, or choose another name"):
        yield


def keep(model: Model, out: Path, force: bool) -> None:
    """Writes the model to `out`, or if that has become impossible elsewhere.

    Raises OutputError in both cases but the first: it says where the model is, or that it is lost.
    """
    from mangosaurus.core.files import elsewhere

    def save(folder: Path) -> Path:
        model.save(folder / out.name)
        return folder / out.name

    try:
        model.save(out, overwrite=force)
    except OutputError as error:
        kept = elsewhere(error, save)
        raise OutputError(*error.parts, f"; the model is in {kept} instead") from error
