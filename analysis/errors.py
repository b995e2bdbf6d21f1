"""Every error a person can meet; the message says what was found, what was expected and what to do next.

    AnalysisError                   exit status 2, one readable message, no traceback
    ├── SpecError                   investigation.toml: unknown key, wrong type, missing file
    ├── ClassListError              a class list that is empty, has duplicates or empty names
    ├── CheckpointError             unreadable, unsafe or mismatching weights
    │   └── ArchitectureError       a network that cannot be built or does not fit the weights
    ├── DatasetError                manifest or folder without usable samples
    │   └── ImageError              one picture that cannot be used (becomes a row of problems.parquet)
    ├── RunError                    a run directory that is missing, foreign, unfinished or in use
    ├── ExpressionError             a filter expression that cannot be read (in expressions/error.py: it knows where)
    ├── OutputError                 the disk is full or the folder may not be written
    ├── StoreError                  what people add cannot be read or saved
    │   └── ConflictError           somebody else changed it meanwhile (in investigations)
    └── InterruptedRunError         exit status 3: `--resume` goes on

Every class takes one message, so that `args` survives the way back from a worker process.
"""


class AnalysisError(Exception):
    """What a person can put right; shown as one message without a traceback."""

    exit_status = 2


class SpecError(AnalysisError):
    """The investigation file is not what it should be."""


class ClassListError(AnalysisError):
    """A class list cannot be used."""


class CheckpointError(AnalysisError):
    """Weights that cannot be read, are not safe to read, or do not fit."""


class ArchitectureError(CheckpointError):
    """A network that cannot be built, or that the weights do not fit."""


class DatasetError(AnalysisError):
    """A manifest or folder that gives no usable samples."""


class ImageError(DatasetError):
    """One picture that cannot be used."""


class RunError(AnalysisError):
    """A run directory that is missing, foreign, unfinished or in use."""


class OutputError(AnalysisError):
    """Results cannot be written."""


class StoreError(AnalysisError):
    """What people add to runs cannot be read or saved."""


class InterruptedRunError(AnalysisError):
    """Work stopped before its end; what is finished is kept and `--resume` goes on."""

    exit_status = 3
