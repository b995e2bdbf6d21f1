"""Every hypothesis that needs no picture, judged on weights and class lists alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from analysis.arrays import BoolArray, FloatArray
from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.finding import Finding
from analysis.diagnosis.inputs import is_data_free
from analysis.hypotheses import all_hypotheses
from analysis.models.baseline import Baseline
from analysis.models.loading import LoadedModel
from analysis.models.tensor_facts import tensor_facts
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.bare_run import bare_meta, write_bare_run
from analysis.runs.run import Run
from analysis.spec.class_groups import ClassGroups
from analysis.spec.investigation import Investigation, dump_investigation

SHOWN = ("id", "title", "chapter", "verdict", "summary", "fix", "snippet", "evidence", "needs", "how_to_add")


def checklist(
    spec: Investigation,
    model: LoadedModel,
    groups: ClassGroups,
    baseline: Baseline | None,
    old_names: Sequence[str] | None,
) -> tuple[dict[str, Any], ...]:
    """Judge what can be judged before a run.

    Args:
        spec: the investigation, for the names of its files.
        model: the loaded model.
        groups: its class list.
        baseline: the model before the expansion, or None.
        old_names: its class names by output, or None where they are not known.

    Returns:
        Findings in rank order as plain values, with the keys of `SHOWN`.
    """
    hypotheses = [hypothesis for hypothesis in all_hypotheses() if is_data_free(hypothesis.needs)]
    with TemporaryDirectory(prefix="faultline-inspect-") as folder:
        path = Path(folder)
        _write(path, spec, model, groups)
        write_table(path / layout.WEIGHTS, tensor_facts(model, baseline.state if baseline else None))
        if baseline is not None and old_names is not None:
            _write_baseline(path / layout.BASELINE, model, baseline, old_names)
        found = diagnose(Run.open(path), hypotheses=hypotheses).findings
    return tuple(_plain(finding) for finding in found)


def _plain(finding: Finding) -> dict[str, Any]:
    whole = finding.to_json()
    return {key: whole[key] for key in SHOWN}


def _write(path: Path, spec: Investigation, model: LoadedModel, groups: ClassGroups) -> None:
    head = model.head
    names = [*groups.names, *(layout.unnamed_output(index) for index in range(len(groups.names), model.outputs))]
    meta = bare_meta(
        names,
        model.outputs,
        classes_in_list=len(groups.names),
        is_old=_padded(groups.is_old, len(names)),
        model={
            "architecture": model.architecture,
            "load_report": model.load_report.to_json(),
            "head": None if head is None else {"name": head.name, "kind": head.kind},
        },
    )
    meta["spec"] = dump_investigation(spec)
    write_bare_run(path, meta, None if head is None else (head.weight, head.bias))


def _padded(is_old: BoolArray | None, size: int) -> BoolArray | None:
    return None if is_old is None else np.concatenate([is_old, np.zeros(size - len(is_old), dtype=np.bool_)])


def _write_baseline(path: Path, model: LoadedModel, baseline: Baseline, old_names: Sequence[str]) -> None:
    """Its head beside its class list; nothing where they do not belong together."""
    weight = baseline.head_weight
    if weight is None or len(weight) != len(old_names) or model.head is None:
        return
    bias = _vector(baseline.state, model.head.place.bias_name)
    write_bare_run(path, bare_meta(old_names, len(weight), classes_in_list=len(old_names)), (weight, bias))


def _vector(state: Mapping[str, torch.Tensor], name: str | None) -> FloatArray | None:
    tensor = state.get(name) if name else None
    if tensor is None:
        return None
    values: FloatArray = tensor.detach().to(torch.float32).numpy()
    return values
