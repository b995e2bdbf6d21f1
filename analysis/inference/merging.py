"""Committed shards become the run's own files, one shard in memory at a time."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import pyarrow as pa

from analysis.arrays import AnyArray
from analysis.datasets.dataset import Dataset, Problem
from analysis.inference.output_streams import EmbeddingStream, SampleStream, ThumbnailStream
from analysis.inference.sample_table import SampleTable
from analysis.inference.shard import HISTOGRAM
from analysis.reducers.confusions import ConfusionReducer
from analysis.runs import layout
from analysis.runs.atomic import write_arrays, write_table
from analysis.runs.writer import RunWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came out of all shards.

    Attributes:
        samples: N, rows of ``samples.parquet``.
        problems: Pictures that could not be decoded, in dataset order.
        labels_beyond_head: Samples whose label has no output.
        nonfinite_samples: Samples with a logit that is NaN or infinite.
        embedding_dims: D, or None without embeddings.
        metadata_columns: The manifest's columns by their names in ``samples.parquet``.
        seconds: Time spent on the shards, those of an interrupted run included.
    """

    samples: int
    problems: tuple[Problem, ...]
    labels_beyond_head: int
    nonfinite_samples: int
    embedding_dims: int | None
    metadata_columns: tuple[str, ...]
    seconds: float


def merge_shards(out: RunWriter, dataset: Dataset, table: SampleTable) -> Merged:
    """Write ``samples.parquet`` and what stands beside it, from all committed shards.

    Each file appears when it is whole, ``samples.parquet`` last.

    Raises:
        OutputError: The disk is full, or the folder may not be written; the shards stay.
    """
    numbers = out.finished_shards()
    total = sum(len(out.read_shard(number, ("position",)).get("position", ())) for number in numbers)
    problems: list[Problem] = []
    seconds, samples, beyond, nonfinite = 0.0, 0, 0, 0
    confusions = ConfusionReducer()
    histograms: dict[str, AnyArray] = {}
    with ExitStack() as stack:
        sample_stream = stack.enter_context(SampleStream(out.path, table))
        embedding_stream = stack.enter_context(EmbeddingStream(out.path, total))
        thumbnail_stream = stack.enter_context(ThumbnailStream(out.path))
        for number in numbers:
            shard = out.read_shard(number)
            seconds += float(shard["seconds"])
            problems += _problems(shard, dataset)
            if "position" not in shard:
                continue
            sample_stream.write(shard, samples)
            embedding_stream.write(shard)
            thumbnail_stream.write(shard)
            confusions.update(shard["label_index"], shard["prediction_index"])
            _add_histograms(histograms, shard)
            samples += len(shard["position"])
            beyond += int((shard["label_rank"] == table.outputs).sum())
            nonfinite += int((shard["nonfinite"] > 0).sum())
        if histograms:
            write_arrays(out.path / layout.LOGIT_HISTOGRAMS, histograms)
        _write_confusions(out, confusions)
    return Merged(
        samples=samples,
        problems=tuple(problems),
        labels_beyond_head=beyond,
        nonfinite_samples=nonfinite,
        embedding_dims=embedding_stream.dims,
        metadata_columns=tuple(table.metadata),
        seconds=seconds,
    )


def write_problems(out: RunWriter, problems: list[Problem]) -> None:
    """Write ``problems.parquet``, one row a sample that could not be used."""
    columns = {name: [getattr(problem, name) for problem in problems] for name in layout.PROBLEM_SCHEMA.names}
    write_table(out.path / layout.PROBLEMS, pa.table(columns, schema=layout.PROBLEM_SCHEMA))


def decoding_problems(out: RunWriter, dataset: Dataset) -> list[Problem]:
    """What could not be decoded in the shards committed so far."""
    names = ("problem_position", "problem_reason")
    return [
        problem for number in out.finished_shards() for problem in _problems(out.read_shard(number, names), dataset)
    ]


def _problems(shard: Mapping[str, AnyArray], dataset: Dataset) -> list[Problem]:
    pairs = zip(shard["problem_position"].tolist(), shard["problem_reason"].tolist(), strict=True)
    return [dataset.problem(position, reason) for position, reason in pairs]


def _add_histograms(sums: dict[str, AnyArray], shard: Mapping[str, AnyArray]) -> None:
    """Add up counts; edges and sampling are the same in every shard."""
    for name, values in shard.items():
        if not name.startswith(HISTOGRAM):
            continue
        plain = name.removeprefix(HISTOGRAM)
        is_count = plain in ("counts", "below", "above")
        sums[plain] = sums[plain] + values if is_count and plain in sums else values


def _write_confusions(out: RunWriter, confusions: ConfusionReducer) -> None:
    schema = layout.CONFUSION_SCHEMA
    arrays = dict(zip(schema.names, confusions.result(), strict=True))
    write_table(out.path / layout.CONFUSIONS, pa.table(arrays, schema=schema))
