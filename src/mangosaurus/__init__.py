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
    "api.fit": "fit like train train_further",
    "api.model": "Model",
    "api.report": "report",
    "api.verbs": "blend classify evaluate export export_workshop import_counts import_keras info load sample top write",
    "core.errors": "CheckpointError CorpusError MangosaurusError MissingExtraError ModelFileError OptionError "
    "OutputError OutputExistsError ProcessLostError UnknownCharacterError VocabularyError",
    "core.vocabulary": "END Vocabulary",
    "data.corpus": "Corpus",
    "data.read": "read_corpus",
    "evaluation.classification": "Agreement Classification agreement",
    "evaluation.comparison": "Comparison Difference compare",
    "evaluation.loss": "DocumentLosses Evaluation Novelty novelty",
    "evaluation.surprisal": "Scored Surprisal",
    "generation.ranking": "Enough Ranked Ranking",
    "generation.samples": "Samples",
    "generation.search": "Top",
    "models.interface": "CharModel",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

if TYPE_CHECKING:  # the same for type checkers and editors, which read no dict
    from mangosaurus.api.fit import fit as fit
    from mangosaurus.api.fit import like as like
    from mangosaurus.api.fit import train as train
    from mangosaurus.api.fit import train_further as train_further
    from mangosaurus.api.model import Model as Model
    from mangosaurus.api.report import report as report
    from mangosaurus.api.verbs import blend as blend
    from mangosaurus.api.verbs import classify as classify
    from mangosaurus.api.verbs import evaluate as evaluate
    from mangosaurus.api.verbs import export as export
    from mangosaurus.api.verbs import export_workshop as export_workshop
    from mangosaurus.api.verbs import import_counts as import_counts
    from mangosaurus.api.verbs import import_keras as import_keras
    from mangosaurus.api.verbs import info as info
    from mangosaurus.api.verbs import load as load
    from mangosaurus.api.verbs import sample as sample
    from mangosaurus.api.verbs import top as top
    from mangosaurus.api.verbs import write as write
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
    from mangosaurus.evaluation.comparison import Comparison as Comparison
    from mangosaurus.evaluation.comparison import Difference as Difference
    from mangosaurus.evaluation.comparison import compare as compare
    from mangosaurus.evaluation.loss import DocumentLosses as DocumentLosses
    from mangosaurus.evaluation.loss import Evaluation as Evaluation
    from mangosaurus.evaluation.loss import Novelty as Novelty
    from mangosaurus.evaluation.loss import novelty as novelty
    from mangosaurus.evaluation.surprisal import Scored as Scored
    from mangosaurus.evaluation.surprisal import Surprisal as Surprisal
    from mangosaurus.generation.ranking import Enough as Enough
    from mangosaurus.generation.ranking import Ranked as Ranked
    from mangosaurus.generation.ranking import Ranking as Ranking
    from mangosaurus.generation.samples import Samples as Samples
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
