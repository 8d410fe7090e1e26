"""What can go wrong, as a tree of exceptions.

    MangosaurusError (a ValueError)
    ├── CorpusError             files that cannot be read as a corpus
    ├── ModelFileError          a model file that is broken, foreign or too new
    ├── CheckpointError         a folder of checkpoints that is damaged, or of another run
    ├── OptionError             an option whose value is not allowed
    ├── UnknownCharacterError   a character that the model has never seen
    ├── VocabularyError         characters that cannot be a vocabulary
    ├── OutputError             a path that cannot be written
    │   └── OutputExistsError   a path where something is already
    ├── ProcessLostError        one of several processes that train together does not answer
    └── MissingExtraError       a part of Mangosaurus that was not installed

Every message is one line that says what was received and what to do about it; the command line prints just that line.
"""

import errno

REFUSALS = ("allocate memory", "out of memory", "not enough memory", "failed to map segment", "can't start new thread")
"""Parts of what a library says, in small letters, when the system refuses memory to it."""


def lacks_memory(error: BaseException) -> bool:
    """Whether the system refused memory: to Python, to a library that is loaded, or to torch."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return any(words in str(error).lower() for words in REFUSALS)


def plain(text: object, most: int = 300) -> str:
    """What a file says, for a message: in one line, without control characters, and at most `most` characters of it."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text)[: most + 1])
    return shown if len(shown) <= most else shown[:most] + "…"


class MangosaurusError(ValueError):
    """The base of every error that Mangosaurus raises on purpose."""


class CorpusError(MangosaurusError):
    """The corpus is missing, empty, or not text."""


class ModelFileError(MangosaurusError):
    """The model file is missing, truncated, of another format or of a newer version."""


class CheckpointError(MangosaurusError):
    """There is no checkpoint to resume, or it is damaged, or of another corpus, configuration or version."""


class OptionError(MangosaurusError):
    """An option has a value that is not allowed."""


class UnknownCharacterError(MangosaurusError):
    """A text has a character outside the model's vocabulary."""


class VocabularyError(MangosaurusError):
    """The characters given cannot form a vocabulary."""


class OutputError(MangosaurusError):
    """The output path cannot be written."""


class OutputExistsError(OutputError):
    """Something is at the output path already, and it is not to be replaced."""


class ProcessLostError(MangosaurusError):
    """One of the processes that train together has ended, or cannot be reached."""


class MissingExtraError(MangosaurusError):
    """An optional part of Mangosaurus is not installed."""
