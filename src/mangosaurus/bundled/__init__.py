"""The models that come with the package. `tools/bundle.py` makes them from their corpora."""

from functools import cache
from importlib.resources import as_file, files

from mangosaurus.api.model import Model

NAMES = ("dinosaurs", "sonnets")
"""The bundled list of dinosaurs, and Shakespeare's sonnets."""


@cache
def bundled_model(name: str) -> Model:
    """The bundled model of one of NAMES."""
    with as_file(files(__name__) / f"{name}.safetensors") as path:
        return Model.load(path)
