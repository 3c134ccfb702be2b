"""The errors of policyextract, one tree.

PolicyExtractError
├── ReadError                a file could not become a document; becomes a ``Failure`` in a run
│   ├── EmptyFileError       no text at all
│   ├── EncryptedFileError   a password is needed
│   ├── DamagedFileError     the file breaks the rules of its format
│   ├── UnsupportedFileError no reader for this type of file
│   ├── NoTextError          pages without a text layer, such as a scan
│   └── LanguageError        neither English nor Vietnamese
├── DatasetError             a dataset or gold file could not be read or written
├── LexiconError             a table in ``data/`` is missing or malformed
├── ModelError               a model's files are missing, damaged or of another kind
├── ReviewError              a decision, a sheet or the store of reviews cannot be used
└── TrainingError            training text, settings or a checkpoint cannot be used
"""


class PolicyExtractError(Exception):
    """Root of every error this package raises on purpose."""


class ReadError(PolicyExtractError):
    """A file could not become a document; the message says why and what to do."""


class EmptyFileError(ReadError):
    """The file holds no text."""


class EncryptedFileError(ReadError):
    """The file needs a password."""


class DamagedFileError(ReadError):
    """The file breaks the rules of its format."""


class UnsupportedFileError(ReadError):
    """No reader exists for this type of file."""


class NoTextError(ReadError):
    """The pages carry no text layer, as in a scan."""


class LanguageError(ReadError):
    """The text is neither English nor Vietnamese."""


class DatasetError(PolicyExtractError):
    """A dataset or gold file could not be read or written."""


class LexiconError(PolicyExtractError):
    """A table in the package's ``data/`` is missing or malformed."""


class ModelError(PolicyExtractError):
    """A model's files are missing, damaged or of another kind than needed."""


class ReviewError(PolicyExtractError):
    """A decision, a sheet or the store of reviews cannot be used; the message says what was expected."""


class TrainingError(PolicyExtractError):
    """Training text, settings or a checkpoint cannot be used; the message says what was expected."""
