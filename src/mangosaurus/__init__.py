"""Learn the spelling of a list of names or of a book, character by character, and write new ones.

    >>> import mangosaurus
    >>> model = mangosaurus.fit(["Anna", "Hannah", "Johanna"], budget=0)
    >>> len(model.sample(2, seed=1, allow_known=True))
    2

Names are imported from their modules when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mangosaurus.core.version import __version__ as __version__

_NAMES = {
    "api": "blend classify evaluate export fit import_keras info load report sample top train train_further write",
    "classification": "Agreement Classification agreement",
    "corpus": "Corpus",
    "errors": "CheckpointError CorpusError MangosaurusError MissingExtraError ModelFileError OptionError OutputError "
    "OutputExistsError ProcessLostError UnknownCharacterError VocabularyError",
    "evaluation": "Evaluation Novelty novelty",
    "generation.collect": "Samples",
    "generation.nearest": "Ranked",
    "generation.search": "Top",
    "model": "Model",
    "models.interface": "CharModel",
    "read": "read_corpus",
    "surprise": "Scored Surprise",
    "vocabulary": "END Vocabulary",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

if TYPE_CHECKING:  # the same for type checkers and editors, which read no dict
    from mangosaurus.api.fit import blend as blend
    from mangosaurus.api.fit import classify as classify
    from mangosaurus.api.fit import evaluate as evaluate
    from mangosaurus.api.fit import export as export
    from mangosaurus.api.fit import fit as fit
    from mangosaurus.api.fit import import_keras as import_keras
    from mangosaurus.api.fit import info as info
    from mangosaurus.api.fit import load as load
    from mangosaurus.api.fit import report as report
    from mangosaurus.api.fit import sample as sample
    from mangosaurus.api.fit import top as top
    from mangosaurus.api.fit import train as train
    from mangosaurus.api.fit import train_further as train_further
    from mangosaurus.api.fit import write as write
    from mangosaurus.api.model import Model as Model
    from mangosaurus.core.errors import CheckpointError as CheckpointError
    from mangosaurus.core.errors import CorpusError as CorpusError
    from mangosaurus.core.errors import MangosaurusError as MangosaurusError
    from mangosaurus.core.errors import MissingExtraError as MissingExtraError
    from mangosaurus.core.errors import ModelFileError as ModelFileError
    from mangosaurus.core.errors import OptionError as OptionError
    from mangosaurus.core.errors import OutputError as OutputError
    from mangosaurus.core.errors import OutputExistsError as OutputExistsError
    from mangosaurus.core.errors import ProcessLostError as ProcessLostError
    from mangosaurus.core.errors import UnknownCharacterError as UnknownCharacterError
    from mangosaurus.core.errors import VocabularyError as VocabularyError
    from mangosaurus.core.vocabulary import END as END
    from mangosaurus.core.vocabulary import Vocabulary as Vocabulary
    from mangosaurus.data.corpus import Corpus as Corpus
    from mangosaurus.data.read import read_corpus as read_corpus
    from mangosaurus.evaluation.classification import Agreement as Agreement
    from mangosaurus.evaluation.classification import Classification as Classification
    from mangosaurus.evaluation.classification import agreement as agreement
    from mangosaurus.evaluation.loss import Evaluation as Evaluation
    from mangosaurus.evaluation.loss import Novelty as Novelty
    from mangosaurus.evaluation.loss import novelty as novelty
    from mangosaurus.evaluation.surprisal import Scored as Scored
    from mangosaurus.evaluation.surprisal import Surprise as Surprise
    from mangosaurus.generation.collect import Samples as Samples
    from mangosaurus.generation.nearest import Ranked as Ranked
    from mangosaurus.generation.search import Top as Top
    from mangosaurus.models.interface import CharModel as CharModel
else:
    __all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'mangosaurus' has no attribute {name!r}")
    return getattr(import_module(f"mangosaurus.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return [*_MODULES, "__version__"]
