"""The model before the expansion, asked about the same pictures through the same loader.

Only so can a fault of the loader be told from a fault of the new model: both models would suffer from the first.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.datasets.dataset import Dataset
from analysis.datasets.preprocessing import Preprocessing
from analysis.errors import AnalysisError, InterruptedRunError, OutputError, RunError
from analysis.inference.predict import class_names, predict
from analysis.inference.summary import InferenceSummary
from analysis.models.loading import LoadedModel, load_model
from analysis.progress import ProgressCallback
from analysis.runs import layout
from analysis.runs.atomic import write_array
from analysis.runs.bare_run import bare_meta, write_bare_run
from analysis.runs.run import Run
from analysis.runs.writer import RunWriter
from analysis.spec.class_groups import class_groups
from analysis.spec.class_list import read_class_list
from analysis.spec.investigation import Investigation

STAGE = "baseline"
_FATAL = (InterruptedRunError, OutputError, RunError)  # of this run, not of the baseline


def ask_baseline(
    spec: Investigation, run: Run, dataset: Dataset, preprocessing: Preprocessing, *, progress: ProgressCallback
) -> tuple[str, ...]:
    """Write ``baseline/``: the old model's answers to those samples of a run whose label it knows.

    It goes on where an interrupted pass stopped. A baseline that cannot be used does not end the run.

    Args:
        spec: Its [baseline]; nothing happens without a checkpoint there.
        run: Inference is complete.
        dataset: What the run was made of.
        preprocessing: The run's.
        progress: Called with ("baseline", done, total).

    Returns:
        What a person should know.

    Raises:
        InterruptedRunError: Ctrl-C; finished blocks stay.
        OutputError: The disk is full; finished blocks stay.
        RunError: A resumed run's baseline is not the one it was begun with.
    """
    if spec.baseline is None or spec.baseline.checkpoint is None:
        return ()
    try:
        model, names = load_baseline(spec)
        return _asked(model, names, run, dataset, preprocessing, spec, progress)
    except _FATAL:
        raise
    except AnalysisError as error:
        return (f"The baseline was left out, and what needs it is not tested: {error}",)


def load_baseline(spec: Investigation) -> tuple[LoadedModel, tuple[str, ...]]:
    """The old network and its class names by output.

    Raises:
        AnalysisError: Its checkpoint or list cannot be read, or they do not belong together.
    """
    assert spec.baseline is not None
    assert spec.baseline.checkpoint is not None
    listed = spec.baseline.classes or spec.classes.old
    if listed is None:
        raise AnalysisError("Its class list is not known. Give `classes` in [baseline], one name an output, in order.")
    names = read_class_list(listed)
    old = spec.model.model_copy(
        update={
            "checkpoint": spec.baseline.checkpoint,
            "architecture": spec.baseline.architecture or spec.model.architecture,
            "weights": "auto",
        }
    )
    model = load_model(old, len(names), input_size=spec.preprocessing.input_size)
    if not model.load_report.head_loaded:
        raise AnalysisError(f"{spec.baseline.checkpoint} holds no head, so it has no answers. Give a whole checkpoint.")
    if model.outputs != len(names):
        raise AnalysisError(
            f"{spec.baseline.checkpoint} has {model.outputs:,} outputs, but its class list {listed} has {len(names):,} "
            "names. Give the list it was trained with as `classes` in [baseline]."
        )
    return model, names


def _asked(  # noqa: PLR0917
    model: LoadedModel,
    names: tuple[str, ...],
    run: Run,
    dataset: Dataset,
    preprocessing: Preprocessing,
    spec: Investigation,
    progress: ProgressCallback,
) -> tuple[str, ...]:
    known = set(names)
    is_known = np.array([name in known for name in run.class_names])
    rows = np.flatnonzero(is_known[run.column("label_index")])
    folder = run.path / layout.BASELINE
    if not len(rows):
        _write_without_samples(model, names, run)
        return ("No sample's label is one of the baseline's classes: only its weights are compared.",)
    part = _part(dataset, run, rows)
    with RunWriter(folder, resume=True) as writer:
        summary = predict(
            model,
            part,
            class_groups(names, None),
            preprocessing,
            writer,
            spec.inference,
            resume=True,
            progress=lambda _, done, total: progress(STAGE, done, total),
            thumbnails=False,
        )
        meta = _meta(model, names, summary)
        if not (folder / layout.META).is_file():
            writer.write_meta(meta)
        write_array(folder / layout.BASELINE_ROWS.partition("/")[2], rows[_kept(part, Run(folder, meta))])
    return tuple(f"Baseline: {notice}" for notice in (*model.notices, *summary.notices))


def _part(dataset: Dataset, run: Run, rows: IntArray) -> Dataset:
    """The dataset of some samples of a run, in their order."""
    return replace(
        dataset,
        filepaths=[str(path) for path in run.column("filepath")[rows]],
        labels=[str(label) for label in run.column("label")[rows]],
        metadata=pd.DataFrame(index=range(len(rows))),
        notices=(),
        problems=(),
    )


def _kept(part: Dataset, baseline: Run) -> IntArray:
    """Places in `part` of the baseline's samples: all of them, unless a picture has become unreadable meanwhile."""
    if len(baseline) == len(part):
        return np.arange(len(part))
    wanted = zip(baseline.column("filepath"), baseline.column("label"), strict=True)
    every = enumerate(zip(part.filepaths, part.labels, strict=True))
    return np.array([next(place for place, sample in every if sample == one) for one in wanted], dtype=np.int64)


def _meta(model: LoadedModel, names: tuple[str, ...], summary: InferenceSummary | None) -> dict[str, object]:
    return bare_meta(
        class_names(class_groups(names, None), model.outputs),
        model.outputs,
        classes_in_list=len(names),
        samples=summary.samples if summary else 0,
        title="The model before the expansion",
        digests=dict(summary.digests) if summary else {"checkpoint": model.digest},
        model={"kind": model.kind, "architecture": model.architecture, "weights": model.weights},
        state="done",
    )


def _write_without_samples(model: LoadedModel, names: tuple[str, ...], run: Run) -> None:
    head = None if model.head is None else (model.head.weight, model.head.bias)
    write_bare_run(run.path / layout.BASELINE, _meta(model, names, None), head)
