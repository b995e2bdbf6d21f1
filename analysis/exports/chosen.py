"""Which samples leave a run: those of a cluster or a finding, a list of ids, or every one."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.errors import RunError
from analysis.exports.told_by_people import TRIAGE, in_cluster, triage_column
from analysis.expressions.columns import Column
from analysis.expressions.parser import parse
from analysis.runs.run import Run
from analysis.runs.sample_columns import SampleColumns

_PART = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """Conditions that hold together; without any, every sample is chosen.

    Attributes:
        cluster: Only this cluster's samples, −1 for those in none.
        finding: Only the samples this hypothesis points at.
        ids: Only these sample ids, in any order; an id twice counts once.
        where: Only the samples that pass this filter expression.
    """

    cluster: int | None = None
    finding: str | None = None
    ids: IntArray | None = None
    where: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no condition was given."""
        return self.cluster is None and self.finding is None and self.ids is None and self.where is None

    def samples(self, run: Run) -> IntArray | None:
        """The ids that fulfil every condition, ascending; None for all samples.

        Raises:
            RunError: If the run has no such cluster, finding or sample.
            ExpressionError: If the expression cannot be read, or names a column that the run does not have.
        """
        if self.is_everything:
            return None
        chosen = np.ones(len(run), dtype=np.bool_)
        if self.cluster is not None:
            chosen &= _of_cluster(run, self.cluster)
        if self.finding is not None:
            chosen &= _marked(_of_finding(run, self.finding), len(run))
        if self.ids is not None:
            chosen &= _marked(_known(run, self.ids), len(run))
        if self.where is not None:
            chosen &= _passing(run, self.where)
        return np.flatnonzero(chosen)


EVERYTHING = Chosen()


def parse_ids(text: str) -> IntArray:
    """Read a list of sample ids: ``3,7,10-12`` is 3, 7, 10, 11, 12; ascending, each once.

    Raises:
        RunError: If a part is neither a number nor a range; says which.
    """
    parts = [part.strip() for part in re.split(r"[,\s]+", text.strip()) if part.strip()]
    ranges = []
    for part in parts:
        found = _PART.fullmatch(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if last < first or last - first > 10_000_000:
            raise RunError(f"{part[:40]!r} is no sample id; give numbers and ranges such as 3,7,10-12.")
        ranges.append(np.arange(first, last + 1))
    return np.unique(np.concatenate(ranges)) if ranges else np.zeros(0, dtype=np.int64)


def given_ids(text: str) -> IntArray:
    """The same from what a person types: a list, or ``@FILE`` for a file that holds one.

    Raises:
        RunError: If the file cannot be read, or holds something else.
    """
    if not text.startswith("@"):
        return parse_ids(text)
    try:
        return parse_ids(Path(text[1:]).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(
            f"--ids {text}: the file cannot be read as text ({error}). Give ids and ranges in it."
        ) from error


def ids_text(ids: IntArray) -> str:
    """The shortest text that `parse_ids` reads back: neighbours become ranges."""
    ordered = np.unique(ids)
    if not len(ordered):
        return ""
    starts = np.r_[0, np.flatnonzero(np.diff(ordered) != 1) + 1]
    ends = np.r_[starts[1:] - 1, len(ordered) - 1]
    pairs = zip(ordered[starts].tolist(), ordered[ends].tolist(), strict=True)
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in pairs)


def _marked(ids: IntArray, samples: int) -> BoolArray:
    """(N,) True for these ids."""
    marked = np.zeros(samples, dtype=np.bool_)
    marked[ids] = True
    return marked


def _of_cluster(run: Run, cluster: int) -> BoolArray:
    assigned = run.column("cluster")  # null before clusters are computed: −1, every sample
    last = int(assigned.max(initial=-1))
    if not -1 <= cluster <= last:
        there = f"it has clusters 0 to {last}, and −1 for samples in none" if last >= 0 else "it has no clusters"
        raise RunError(f"There is no cluster {cluster} in this run; {there}.")
    return np.asarray(assigned == cluster)


def _of_finding(run: Run, finding: str) -> IntArray:
    evidence = run.evidence(finding)
    if evidence is None:
        raise RunError(
            f"No samples stand behind {finding[:60]!r} in this run: it is no finding, or it points at no samples."
        )
    return evidence["sample_id"].to_numpy()


def _passing(run: Run, where: str) -> BoolArray:
    columns = SampleColumns(run)
    names = columns.names if TRIAGE in columns.names else (*columns.names, TRIAGE)

    def column(name: str) -> Column:
        return triage_column(run) if name == TRIAGE and name not in columns.names else columns.column(name)

    functions = {**columns.functions, "in_cluster": in_cluster}
    return parse(where).mask(column, len(run), names=names, functions=functions)


def _known(run: Run, ids: IntArray) -> IntArray:
    unknown = ids[(ids < 0) | (ids >= len(run))]
    if len(unknown):
        raise RunError(f"There is no sample {unknown[0]} in this run; it has samples 0 to {len(run) - 1}.")
    return ids
