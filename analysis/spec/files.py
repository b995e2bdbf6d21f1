"""The files an investigation names: are they there, and are they files or folders as they should be?"""

from pathlib import Path

from analysis.spec.investigation import Investigation


def named_files(spec: Investigation) -> dict[str, Path]:
    """Return every file and folder the investigation names, by its key; unset keys are left out."""
    baseline, training = spec.baseline, spec.training
    named = {
        "model.checkpoint": spec.model.checkpoint,
        "classes.names": spec.classes.names,
        "classes.old": spec.classes.old,
        "classes.hierarchy": spec.classes.hierarchy,
        "data.validation": spec.data.validation,
        "data.root": spec.data.root,
        "data.train": spec.data.train,
        "data.unlabeled": spec.data.unlabeled,
        "baseline.checkpoint": baseline.checkpoint if baseline else None,
        "baseline.classes": baseline.classes if baseline else None,
        "training.log": training.log if training else None,
    }
    return {key: path for key, path in named.items() if path is not None}


def file_problems(spec: Investigation) -> dict[str, str]:
    """Return, by key, one sentence for each file that is missing, or is a folder where a file is due or the reverse."""
    problems = {key: _problem(key, path) for key, path in named_files(spec).items()}
    return {key: f"{key}: {problem}" for key, problem in problems.items() if problem}


def _problem(key: str, path: Path) -> str | None:
    if not path.exists():
        return f"{path} does not exist."
    if key == "data.root" and not path.is_dir():
        return f"{path} is a file; expected the folder that relative file paths start from."
    if not key.startswith("data.") and path.is_dir():
        return f"{path} is a directory; expected a file."
    return None
