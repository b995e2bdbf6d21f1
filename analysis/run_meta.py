"""What ``run.json`` says of a run: what was asked, what was used, and what it took."""

import platform
import resource
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from analysis.inference.summary import InferenceSummary
from analysis.preparation import Prepared
from analysis.runs import layout
from analysis.spec.investigation import dump_investigation

_PACKAGES = ("faultline", "torch", "torchvision", "timm", "numpy", "scikit-learn", "numba", "hdbscan", "pillow")


def run_meta(prepared: Prepared, summary: InferenceSummary) -> dict[str, Any]:
    """The content of ``run.json`` once inference has ended; the later stages add their timings."""
    return {
        "schema_version": layout.SCHEMA_VERSION,
        "title": prepared.spec.title,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "spec": dump_investigation(prepared.spec),
        "preprocessing": prepared.preprocessing.as_dict(),
        "digests": dict(summary.digests),
        "environment": _environment(summary),
        "counts": _counts(prepared, summary),
        "timings": {"inference": {"seconds": round(summary.seconds, 3), "samples": summary.samples}},
        "model": _model(prepared),
        "class_names": list(prepared.names),
        "classes_in_list": len(prepared.groups.names),
        "outputs": prepared.model.outputs,
        "is_old": None if prepared.is_old is None else prepared.is_old.tolist(),
        "metadata_columns": list(summary.metadata_columns),
    }


def peak_rss_mb() -> float:
    """Most memory this process has held so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def _environment(summary: InferenceSummary) -> Mapping[str, Any]:
    return {
        "python": platform.python_version(),
        "platform": platform.system(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "device": summary.device,
        "precision": summary.precision,
        "batch_size": summary.batch_size,
        "workers": summary.workers,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None  # run from a copied folder, say: no reason to lose what inference has computed


def _counts(prepared: Prepared, summary: InferenceSummary) -> Mapping[str, Any]:
    return {
        "samples": summary.samples,
        "problems": summary.problems,
        "unknown_labels": summary.labels_not_in_list,
        "labels_beyond_head": summary.labels_beyond_head,
        "nonfinite_samples": summary.nonfinite_samples,
        "classes": len(prepared.groups.names),
        "old_classes": None if prepared.groups.is_old is None else int(prepared.groups.is_old.sum()),
        "embedding_dims": summary.embedding_dims,
    }


def _model(prepared: Prepared) -> Mapping[str, Any]:
    model, head = prepared.model, prepared.model.head
    return {
        "kind": model.kind,
        "architecture": model.architecture,
        "weights": model.weights,
        "weight_sets": list(model.weight_sets),
        "nonfinite_weights": dict(model.nonfinite),
        "load_report": model.load_report.to_json(),
        "head": None if head is None else {"name": head.name, "kind": head.kind, "dims": int(head.weight.shape[1])},
    }
