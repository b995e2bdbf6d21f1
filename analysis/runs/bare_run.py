"""The least a run directory needs: what a head and its weights tell, before or without any picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.arrays import BoolArray, FloatArray
from analysis.runs import layout
from analysis.runs.atomic import write_arrays, write_json


def bare_meta(
    class_names: Sequence[str],
    outputs: int,
    *,
    classes_in_list: int,
    is_old: BoolArray | None = None,
    samples: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """The content of ``run.json`` that every reader counts on.

    Args:
        class_names: (C,) of the list, then of outputs it does not reach.
        outputs: of the head.
        classes_in_list: names in the class list.
        is_old: (C,) or None without a split.
        samples: N.
        more: further keys.
    """
    return {
        "schema_version": layout.SCHEMA_VERSION,
        "class_names": list(class_names),
        "classes_in_list": classes_in_list,
        "outputs": outputs,
        "is_old": None if is_old is None else [bool(value) for value in is_old],
        "metadata_columns": [],
        "counts": {"samples": samples},
        "notices": [],
        "spec": {},
        "timings": {},
        **more,
    }


def write_bare_run(path: Path, meta: Mapping[str, Any], head: tuple[FloatArray, FloatArray | None] | None) -> None:
    """Write ``head.npz`` and ``run.json`` into a folder.

    Args:
        path: the run directory; made where it is missing.
        meta: of `bare_meta`.
        head: weight (C, D) and bias (C,), zeros where it has none; None where the head is hidden.
    """
    path.mkdir(parents=True, exist_ok=True)
    if head is not None:
        weight, bias = head
        bias = np.zeros(len(weight), dtype=np.float32) if bias is None else bias
        write_arrays(path / layout.HEAD, {"weight": weight, "bias": bias})
    write_json(path / layout.META, meta)
