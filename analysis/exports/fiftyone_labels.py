"""Labels or predictions as FiftyOne reads them: the ``labels.json`` of a FiftyOneImageClassificationDataset."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from analysis.arrays import IntArray
from analysis.exports.sample_rows import sample_batches
from analysis.runs.run import Run

_TARGETS = {"labels": ("label_index", None), "predictions": ("prediction_index", "confidence")}
_ATTRIBUTES = (
    "sample_id", "correct", "loss", "margin", "entropy", "label_rank", "label_issue",
    "label_quality", "cluster",
)  # fmt: skip
_TAKEN = frozenset({"label", "confidence", "logits", "id", "tags", "attributes"})  # fields of a Classification
_NO_FIELD_NAME = re.compile(r"\W|^_+")  # FiftyOne keeps fields in a database that gives dots and dollars a meaning


def fiftyone_chunks(run: Run, field: str, ids: IntArray | None, *, relative: bool = False) -> Iterator[bytes]:
    """The JSON in pieces; one picture a key, its first sample where a manifest lists a file twice.

    A picture is named by its absolute path where the run knows where relative ones start, else by the relative path
    without its extension, as FiftyOne looks it up below ``data_path``. Targets are numbers in `classes`. What the run
    knows besides, metadata included, stands under `attributes`.

    Args:
        run: The run.
        field: labels | predictions.
        ids: Ascending sample ids, None for all.
        relative: Name pictures by their relative path in any case, for another machine.

    Source: docs.voxel51.com, dataset importing, FiftyOneImageClassificationDataset.
    """
    index, confidence = _TARGETS[field]
    attributes = _attribute_names(run, field)
    needed = {"filepath", index, *attributes, *([confidence] if confidence else [])}
    batches = sample_batches(run, ids, [name for name in run.columns if name in needed])
    root, seen = None if relative else picture_root(run), set[str]()

    def pieces() -> Iterator[bytes]:
        yield f'{{"classes": {_json(list(run.class_names))},\n"labels": {{'.encode()
        for batch in batches:
            lines = []
            for row in batch.to_pylist():
                name = _uuid(row["filepath"], root)
                if name not in seen:
                    lines.append(
                        f"{',' if seen else ''}\n{_json(name)}: {_json(_target(row, index, confidence, attributes))}"
                    )
                    seen.add(name)
            yield "".join(lines).encode()
        yield b"\n}}\n"

    return pieces()


def picture_root(run: Run) -> Path | None:
    """Where relative file paths of the run start, as its investigation says; None where that is not known."""
    data = (run.meta.get("spec") or {}).get("data") or {}
    if data.get("root"):
        return Path(data["root"])
    if not data.get("validation"):
        return None
    validation = Path(data["validation"])
    is_manifest = validation.is_file() or (not validation.is_dir() and bool(validation.suffix))
    return validation.parent if is_manifest else validation


def _attribute_names(run: Run, field: str) -> dict[str, str]:
    """Column → attribute; the target itself is none, and names that FiftyOne has a use for get a prefix."""
    shown_as = {"label": "ground_truth"} if field == "predictions" else {"prediction": "prediction"}
    known = [name for name in _ATTRIBUTES if name in run.columns]
    names = shown_as | {name: name for name in known}
    for column in run.metadata_columns:
        name = _NO_FIELD_NAME.sub("_", column).lstrip("_") or "column"
        while name in _TAKEN or name in names.values():
            name = f"meta_{name}"
        names[column] = name
    return names


def _uuid(filepath: str, root: Path | None) -> str:
    if root is not None or PurePath(filepath).is_absolute():
        return str((root or Path()) / filepath)
    return str(PurePath(filepath).with_suffix("")) if PurePath(filepath).name else filepath


def _target(row: Mapping[str, Any], index: str, confidence: str | None, names: Mapping[str, str]) -> dict[str, Any]:
    target: dict[str, Any] = {"label": row[index]}
    if confidence is not None and _is_known(row[confidence]):
        target["confidence"] = row[confidence]
    return target | {"attributes": {shown: row[name] for name, shown in names.items() if _is_known(row[name])}}


def _is_known(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
