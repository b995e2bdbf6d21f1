"""Names of a run's own files and tensors, for the code that undoes a fault."""

from pathlib import PurePath

from analysis.runs.run import Run


def head_name(run: Run) -> str:
    """The head's name in the network, such as `fc`; `head` where it is not known."""
    head = (run.meta.get("model") or {}).get("head") or {}
    return str(head.get("name") or "head")


def checkpoint_name(run: Run, section: str = "model") -> str:
    """File name of the checkpoint in [model] or [baseline], without its folder."""
    spec = (run.meta.get("spec") or {}).get(section) or {}
    return PurePath(str(spec.get("checkpoint") or f"{section}.pth")).name
