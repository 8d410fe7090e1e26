"""The models that come with the package. `tools/bundle.py` makes them from their corpora."""

from functools import cache
from importlib.resources import as_file, files

from mangosaurus.model import Model


@cache
def bundled_model() -> Model:
    """The model of the bundled list of dinosaurs."""
    with as_file(files(__name__) / "dinosaurs.safetensors") as path:
        return Model.load(path)
