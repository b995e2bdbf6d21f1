"""The streaming pass: pictures → logits → reducers → run directory. It can be stopped and resumed at any time."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from analysis.arrays import IntArray
from analysis.datasets.dataset import Dataset, Problem
from analysis.datasets.labels import NOT_IN_LIST, label_indices, not_in_list
from analysis.datasets.preprocessing import Preprocessing
from analysis.errors import DatasetError, InterruptedRunError
from analysis.inference.batch_size import automatic_batch_size
from analysis.inference.batches import choose_workers
from analysis.inference.devices import choose_device
from analysis.inference.merging import Merged, decoding_problems, merge_shards, write_problems
from analysis.inference.network import opened
from analysis.inference.plan import SHARD_BATCHES, Plan, agreeing, classes_digest, data_digest
from analysis.inference.precision import choose_precision
from analysis.inference.progress import Throttle
from analysis.inference.sample_table import SampleTable
from analysis.inference.streaming import Source, Streaming
from analysis.inference.summary import InferenceSummary, read_memory, write_memory
from analysis.models.loading import LoadedModel
from analysis.progress import ProgressCallback, silent
from analysis.reducers.column_groups import ColumnGroups
from analysis.runs import layout
from analysis.runs.atomic import write_arrays
from analysis.runs.writer import RunWriter
from analysis.spec.class_groups import ClassGroups
from analysis.spec.sections import InferenceSpec

SHOWN_REASONS = 3


def predict(  # noqa: PLR0917  # the signature other parts build on
    model: LoadedModel,
    dataset: Dataset,
    groups: ClassGroups,
    preprocessing: Preprocessing,
    out: RunWriter,
    spec: InferenceSpec,
    *,
    resume: bool = False,
    progress: ProgressCallback = silent,
    thumbnails: bool = True,
) -> InferenceSummary:
    """Send every usable sample through the network once and write what the reports need.

    Finished blocks of samples are committed as they come. Where they are all there they become ``samples.parquet``,
    ``problems.parquet``, ``embeddings.npy``, ``logit_histograms.npz``, ``confusions.parquet``, ``thumbnails/`` and
    ``head.npz``. The N × C logits are never held.

    Args:
        model: Network, head, digest.
        dataset: Pictures and label texts.
        groups: Class names in index order, and which are old.
        preprocessing: From a picture to the network's input.
        out: The claimed run directory.
        spec: Device, batch size, precision, workers.
        resume: Go on from the blocks that are committed already.
        progress: Called with ("inference", done, total).
        thumbnails: False leaves ``thumbnails/`` out.

    Returns:
        Counts and settings for ``run.json``.

    Raises:
        DatasetError: No sample can be used.
        RunError: `resume`, but the checkpoint, data, classes or settings have changed.
        OutputError: The disk is full; committed blocks stay.
        InterruptedRunError: Ctrl-C; committed blocks stay.
    """
    source, problems, notices = _source(dataset, groups, preprocessing, spec, thumbnails=thumbnails)
    plan = _plan(model, groups, source, spec)
    kept = read_memory(out) if resume else None
    if kept is not None:
        plan = agreeing(kept[0], plan)
        if kept[1] is not None:
            return kept[1]
    write_memory(out, plan, None)
    with _interruptible(plan, out):
        plan = _stream(model, groups, source, plan, out=out, tell=Throttle(progress))
        _refuse_none_usable(out, dataset, problems)
        merged = merge_shards(out, dataset, SampleTable.of(dataset, class_names(groups, model.outputs), model.outputs))
        write_problems(out, [*problems, *merged.problems])
        _write_head(model, out)
        summary = _summary(model, source, plan, merged, problems=len(problems), notices=(*dataset.notices, *notices))
        write_memory(out, plan, summary)
        out.drop_shards()
    return summary


def class_names(groups: ClassGroups, outputs: int) -> tuple[str, ...]:
    """Names of all classes and outputs: the list, then a made-up name for every output it does not reach."""
    return (*groups.names, *(layout.unnamed_output(index) for index in range(len(groups.names), outputs)))


def _source(
    dataset: Dataset, groups: ClassGroups, preprocessing: Preprocessing, spec: InferenceSpec, *, thumbnails: bool
) -> tuple[Source, list[Problem], tuple[str, ...]]:
    """Keep the samples whose label is a class name."""
    found = label_indices(dataset.labels, groups.names)
    unmatched = np.flatnonzero(found.index == NOT_IN_LIST)
    problems = [*dataset.problems, *(dataset.problem(at, not_in_list(dataset.labels[at])) for at in unmatched.tolist())]
    positions: IntArray = np.flatnonzero(found.index != NOT_IN_LIST).astype(np.int64)
    if not len(positions):
        raise DatasetError(_no_label_known(dataset, groups))
    device = choose_device(spec.device)
    source = Source(
        dataset=dataset,
        positions=positions,
        label_index=found.index,
        preprocessing=preprocessing,
        workers=choose_workers(spec.workers, device),
        device=device,
        seed=spec.seed,
        thumbnails=thumbnails,
    )
    return source, problems, found.notices


def _plan(model: LoadedModel, groups: ClassGroups, source: Source, spec: InferenceSpec) -> Plan:
    batch_size = automatic_batch_size(source.preprocessing.input_size, model.outputs, source.device)
    batch_size = model.batch_size or (batch_size if spec.batch_size == "auto" else spec.batch_size)
    return Plan(
        checkpoint=f"{model.digest}/{model.weights}",
        data=data_digest(source.dataset),
        classes=classes_digest(groups.names, groups.is_old),
        preprocessing=source.preprocessing.digest(),
        precision=choose_precision(spec.precision, source.device),
        device=source.device.type,
        samples=len(source.positions),
        shard_size=batch_size * SHARD_BATCHES,
        batch_size=batch_size,
    )


def _stream(
    model: LoadedModel, groups: ClassGroups, source: Source, plan: Plan, *, out: RunWriter, tell: Throttle
) -> Plan:
    columns = ColumnGroups.of(groups.is_old, model.outputs, source.device)
    with opened(
        model.module,
        model.head,
        columns=columns,
        preprocessing=source.preprocessing,
        precision=plan.precision,
        device=source.device,
        fixed=model.batch_size,
    ) as network:
        return Streaming(network=network, columns=columns, source=source, plan=plan, out=out, tell=tell).run()


def _summary(
    model: LoadedModel, source: Source, plan: Plan, merged: Merged, *, problems: int, notices: tuple[str, ...]
) -> InferenceSummary:
    return InferenceSummary(
        samples=merged.samples,
        problems=problems + len(merged.problems),
        labels_not_in_list=int((source.label_index == NOT_IN_LIST).sum()),
        labels_beyond_head=merged.labels_beyond_head,
        nonfinite_samples=merged.nonfinite_samples,
        outputs=model.outputs,
        embedding_dims=merged.embedding_dims,
        seconds=merged.seconds,
        batch_size=plan.batch_size,
        precision=plan.precision,
        device=str(source.device),
        workers=source.workers,
        metadata_columns=merged.metadata_columns,
        digests={name: getattr(plan, name) for name in ("checkpoint", "data", "classes", "preprocessing")},
        notices=notices,
    )


@contextmanager
def _interruptible(plan: Plan, out: RunWriter) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        done = sum(stop - start for start, stop in map(plan.bounds, out.finished_shards()))
        raise InterruptedRunError(
            f"Interrupted: {done:,} of {plan.samples:,} samples are finished and kept. "
            "The same command with --resume goes on from there."
        ) from error


def _refuse_none_usable(out: RunWriter, dataset: Dataset, problems: list[Problem]) -> None:
    found = [*decoding_problems(out, dataset), *problems]
    if len(found) < len(dataset) + len(dataset.problems):
        return
    shown = "; ".join(f"{problem.filepath}: {problem.reason}" for problem in found[:SHOWN_REASONS])
    raise DatasetError(
        f"None of the {len(dataset) + len(dataset.problems):,} samples can be used. The first reasons: {shown}. "
        "Check [data]: validation, root."
    )


def _no_label_known(dataset: Dataset, groups: ClassGroups) -> str:
    labels = ", ".join(repr(label) for label in list(dict.fromkeys(dataset.labels))[:SHOWN_REASONS])
    names = ", ".join(repr(name) for name in groups.names[:SHOWN_REASONS])
    return (
        f"None of the {len(dataset):,} labels is a class name. Labels are like {labels}; classes are like {names}. "
        "Check [classes] names against the validation set."
    )


def _write_head(model: LoadedModel, out: RunWriter) -> None:
    if model.head is None:
        return
    weight = model.head.weight
    bias = np.zeros(len(weight), dtype=np.float32) if model.head.bias is None else model.head.bias
    write_arrays(out.path / layout.HEAD, {"weight": weight, "bias": bias})
