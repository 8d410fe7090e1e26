"""Learn the spelling of a list of names or of a book, character by character, and write new ones.

    >>> import mangosaurus
    >>> model = mangosaurus.fit(["Anna", "Hannah", "Johanna"], budget=0)
    >>> len(model.sample(2, seed=1, allow_known=True))
    2

The names below are read from their modules when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mangosaurus.version import __version__ as __version__

if TYPE_CHECKING:
    from mangosaurus.api import (
        blend,
        classify,
        evaluate,
        export,
        fit,
        import_keras,
        info,
        load,
        report,
        sample,
        top,
        train_further,
        write,
    )
    from mangosaurus.api import fit as train
    from mangosaurus.classification import Agreement, Classification, agreement
    from mangosaurus.corpus import Corpus
    from mangosaurus.errors import (
        CheckpointError,
        CorpusError,
        MangosaurusError,
        MissingExtraError,
        ModelFileError,
        OptionError,
        OutputError,
        OutputExistsError,
        ProcessLostError,
        UnknownCharacterError,
        VocabularyError,
    )
    from mangosaurus.evaluation import Evaluation, Novelty, novelty
    from mangosaurus.generation.collect import Samples
    from mangosaurus.generation.nearest import Ranked
    from mangosaurus.generation.search import Top
    from mangosaurus.model import Model
    from mangosaurus.models.interface import CharModel
    from mangosaurus.read import read_corpus
    from mangosaurus.surprise import Scored, Surprise
    from mangosaurus.vocabulary import END, Vocabulary

_PLACES = {
    "mangosaurus.api": (
        "blend",
        "classify",
        "evaluate",
        "export",
        "fit",
        "import_keras",
        "info",
        "load",
        "report",
        "sample",
        "top",
        "train_further",
        "write",
    ),
    "mangosaurus.classification": ("Agreement", "Classification", "agreement"),
    "mangosaurus.corpus": ("Corpus",),
    "mangosaurus.read": ("read_corpus",),
    "mangosaurus.errors": (
        "CheckpointError",
        "CorpusError",
        "MangosaurusError",
        "MissingExtraError",
        "ModelFileError",
        "OptionError",
        "OutputError",
        "OutputExistsError",
        "ProcessLostError",
        "UnknownCharacterError",
        "VocabularyError",
    ),
    "mangosaurus.evaluation": ("Evaluation", "Novelty", "novelty"),
    "mangosaurus.generation.collect": ("Samples",),
    "mangosaurus.generation.nearest": ("Ranked",),
    "mangosaurus.generation.search": ("Top",),
    "mangosaurus.model": ("Model",),
    "mangosaurus.models.interface": ("CharModel",),
    "mangosaurus.surprise": ("Scored", "Surprise"),
    "mangosaurus.vocabulary": ("END", "Vocabulary"),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "END",
    "Agreement",
    "CharModel",
    "CheckpointError",
    "Classification",
    "Corpus",
    "CorpusError",
    "Evaluation",
    "MangosaurusError",
    "MissingExtraError",
    "Model",
    "ModelFileError",
    "Novelty",
    "OptionError",
    "OutputError",
    "OutputExistsError",
    "ProcessLostError",
    "Ranked",
    "Samples",
    "Scored",
    "Surprise",
    "Top",
    "UnknownCharacterError",
    "Vocabulary",
    "VocabularyError",
    "agreement",
    "blend",
    "classify",
    "evaluate",
    "export",
    "fit",
    "import_keras",
    "info",
    "load",
    "novelty",
    "read_corpus",
    "report",
    "sample",
    "top",
    "train",
    "train_further",
    "write",
]


def __getattr__(name: str) -> Any:
    if name == "train":  # the command's word for it
        name = "fit"
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'mangosaurus' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
