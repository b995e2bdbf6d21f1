"""The files an investigation names: are they there, and are they files or folders as they should be?"""

from collections.abc import Iterator
from pathlib import Path

from analysis.spec.investigation import Investigation


def named_files(spec: Investigation) -> dict[str, Path]:
    """Return every file and folder the investigation names, by its key; unset keys are left out."""
    baseline, training = spec.baseline, spec.training
    named = {
        "model.checkpoint": spec.model.checkpoint,
        "classes.names": spec.classes.names,
        "classes.old": spec.classes.old,
        "data.validation": spec.data.validation,
        "data.root": spec.data.root,
        "data.train": spec.data.train,
        "data.unlabeled": spec.data.unlabeled,
        "baseline.checkpoint": baseline.checkpoint if baseline else None,
        "baseline.classes": baseline.classes if baseline else None,
        "training.log": training.log if training else None,
    }
    return {key: path for key, path in named.items() if path is not None}


def file_problems(spec: Investigation) -> Iterator[str]:
    """Yield one sentence for each file that is missing, or a folder where a file is due or the other way round."""
    for key, path in named_files(spec).items():
        if not path.exists():
            yield f"{key}: {path} does not exist."
        elif key == "data.root" and not path.is_dir():
            yield f"{key}: {path} is a file; expected the folder that relative file paths start from."
        elif not key.startswith("data.") and path.is_dir():
            yield f"{key}: {path} is a directory; expected a file."
