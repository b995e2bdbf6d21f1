"""What a checkpoint and its network are, and how far they come from the baseline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import FloatArray
from analysis.models.baseline import Baseline
from analysis.models.lineage import HeadRows, compare_head_rows
from analysis.models.loading import LoadedModel

NEAR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFacts:
    """A loaded checkpoint in numbers.

    Attributes:
        kind: state_dict, torchscript or exported.
        architecture: The network's name, or None for a program.
        weights: The weight set that is used.
        weight_sets: All weight sets in the file.
        parameters: Number of weights in the network.
        tensors: Number of tensors the network has.
        loaded: Number of tensors that came from the checkpoint.
        missing: Names the checkpoint lacks.
        unexpected: Names the network does not know.
        wrong_shape: Names with different shapes.
        stripped: Prefixes taken off the names.
        added: Prefix put before the names, or "".
        left_out: Names outside the network.
        not_finite: Number of NaN and infinite weights.
        batch_size: The only batch size a program accepts, or None.
        digest: `sha256:` and the file's digest.
    """

    kind: str
    architecture: str | None
    weights: str
    weight_sets: tuple[str, ...]
    parameters: int
    tensors: int
    loaded: int
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    wrong_shape: tuple[str, ...]
    stripped: tuple[str, ...]
    added: str
    left_out: tuple[str, ...]
    not_finite: int
    batch_size: int | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKinship:
    """Cosines between head rows of the same class, or position: how many, their median, and the share above 0.5."""

    rows: int
    median_cosine: float | None
    share_related: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageFacts:
    """The network compared with its baseline, without the head; then the head, row by row.

    Attributes:
        tensors: Number of tensors by status: identical, related, unrelated, missing, shape differs.
        decisive_tensors: The same for weights of at least 1,000 values.
        same_family: Whether most decisive tensors are identical or related; None where none can be compared.
        largest_changes: The five tensors that moved most, as name and ‖new − old‖ / ‖old‖.
        rows_by_name: Head rows matched by class name; None without both class lists.
        rows_by_position: Head rows matched by position.
    """

    tensors: dict[str, int]
    decisive_tensors: dict[str, int]
    same_family: bool | None
    largest_changes: dict[str, float]
    rows_by_name: RowKinship | None
    rows_by_position: RowKinship | None


def checkpoint_facts(model: LoadedModel) -> CheckpointFacts:
    """Sum a loaded checkpoint up."""
    report = model.load_report
    return CheckpointFacts(
        kind=model.kind,
        architecture=model.architecture,
        weights=model.weights,
        weight_sets=model.weight_sets,
        parameters=sum(parameter.numel() for parameter in model.module.parameters()),
        tensors=report.expected,
        loaded=report.loaded,
        missing=report.missing,
        unexpected=report.unexpected,
        wrong_shape=tuple(each.name for each in report.wrong_shape),
        stripped=report.stripped,
        added=report.added,
        left_out=report.left_out,
        not_finite=sum(model.nonfinite.values()),
        batch_size=model.batch_size,
        digest=model.digest,
    )


def lineage_facts(
    model: LoadedModel, baseline: Baseline, names: Sequence[str] | None, old_names: Sequence[str] | None
) -> LineageFacts:
    """Sum the comparison with the baseline up.

    Args:
        model: The model after the expansion.
        baseline: The model before it.
        names: Class names of the model by row, or None.
        old_names: Class names of the baseline by row, or None.
    """
    tensors = [tensor for tensor in baseline.lineage.tensors if tensor.decisive and np.isfinite(tensor.change)]
    moved = sorted((tensor for tensor in tensors if tensor.change > 0), key=lambda tensor: -tensor.change)[:5]
    rows: HeadRows | None = None
    if model.head is not None and baseline.head_weight is not None and names and old_names:
        rows = compare_head_rows(model.head.weight, names, baseline.head_weight, old_names)
    return LineageFacts(
        tensors={str(status): count for status, count in baseline.lineage.counts().items()},
        decisive_tensors={str(status): count for status, count in baseline.lineage.counts(decisive=True).items()},
        same_family=baseline.lineage.same_family,
        largest_changes={tensor.name: tensor.change for tensor in moved},
        rows_by_name=_kinship(rows.by_name) if rows else None,
        rows_by_position=_kinship(rows.by_position) if rows else None,
    )


def lineage_warnings(facts: LineageFacts) -> Iterator[str]:
    """Yield a sentence for each thing that speaks against the weights coming from the baseline."""
    unrelated = facts.decisive_tensors["unrelated"]
    if facts.same_family is False:
        yield (
            f"{unrelated:,} of {sum(facts.decisive_tensors.values()):,} weight tensors are unrelated to the baseline: "
            "the model does not come from it, so nothing can be said about what training changed."
        )
    elif facts.same_family and unrelated:
        yield f"{unrelated:,} weight tensors are unrelated to the baseline, the others are not: were they loaded?"
    name, position = facts.rows_by_name, facts.rows_by_position
    if name and position and (name.share_related or 0) < NEAR < (position.share_related or 0):
        yield (
            "Head rows are like the baseline's by position, not by class name: the rows may have been copied by "
            "position into a list of another order."
        )


def _kinship(cosines: FloatArray) -> RowKinship:
    finite = cosines[np.isfinite(cosines)]
    if not len(finite):
        return RowKinship(rows=0, median_cosine=None, share_related=None)
    return RowKinship(
        rows=len(finite), median_cosine=float(np.median(finite)), share_related=float((finite > NEAR).mean())
    )
