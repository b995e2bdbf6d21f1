"""What the rows of the head tell before a single picture is seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, FloatArray
from analysis.models.head import Head

DEAD_SHARE = 1e-3
"""A row shorter than this share of the median row gives its class no say."""
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Numbers summed up: how many, their mean, median, least and largest; only finite ones count."""

    count: int
    mean: float
    median: float
    least: float
    largest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFaults:
    """Rows that cannot be right, by number and by the first names.

    Attributes:
        dead: Rows shorter than 1/1,000 of the median row.
        duplicate: Rows, with their bias, that an earlier row has exactly.
        not_finite: Rows with NaN or infinite values.
    """

    dead: int
    dead_names: tuple[str, ...]
    duplicate: int
    duplicate_names: tuple[str, ...]
    not_finite: int
    not_finite_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFacts:
    """The head in numbers.

    Attributes:
        name: The layer's name.
        kind: linear, conv1x1 or cosine.
        outputs: Number of rows C.
        dims: Length D of a row, which is that of the embedding.
        has_bias: Whether there is a bias.
        scale: What a cosine head multiplies with, or None.
        gives_embeddings: Whether embeddings can be had.
        is_final_linear: Whether logits = weight · embedding + bias.
        norms: Lengths of the rows, by group: all, old, new.
        biases: Biases by group; empty without a bias.
        faults: Rows that cannot be right.
    """

    name: str
    kind: str
    outputs: int
    dims: int
    has_bias: bool
    scale: float | None
    gives_embeddings: bool
    is_final_linear: bool
    norms: dict[str, Spread]
    biases: dict[str, Spread]
    faults: RowFaults


def head_facts(head: Head, names: Sequence[str], is_old: BoolArray | None) -> HeadFacts:
    """Sum the head up.

    Args:
        head: The head, C rows.
        names: Class names by row; may be shorter or longer than the head.
        is_old: True by row for old classes, or None; as long as `names`.
    """
    norms = np.linalg.norm(head.weight.astype(np.float64), axis=1)
    return HeadFacts(
        name=head.name,
        kind=head.kind,
        outputs=len(head.weight),
        dims=head.weight.shape[1],
        has_bias=head.bias is not None,
        scale=head.place.scale,
        gives_embeddings=head.can_tap,
        is_final_linear=head.is_final_linear,
        norms=_by_group(norms, is_old),
        biases={} if head.bias is None else _by_group(head.bias, is_old),
        faults=_faults(head, norms, names),
    )


def head_warnings(facts: HeadFacts, listed: int | None) -> Iterator[str]:
    """Yield a sentence for each thing about the head that may spoil results.

    Args:
        facts: The head.
        listed: Number of names in the class list, or None where it could not be read.
    """
    if listed is not None and listed != facts.outputs:
        left = "outputs have no name" if facts.outputs > listed else "names have no output"
        yield (
            f"The head has {facts.outputs:,} outputs, the class list {listed:,} names: "
            f"{abs(facts.outputs - listed):,} {left}."
        )
    faults = facts.faults
    for count, found, names in (
        (faults.not_finite, "hold NaN or infinite values", faults.not_finite_names),
        (faults.dead, "are (nearly) zero", faults.dead_names),
        (faults.duplicate, "repeat an earlier row exactly", faults.duplicate_names),
    ):
        if count:
            yield f"Head rows that {found}: {count:,} ({', '.join(names)}{', …' if count > len(names) else ''})."


def _by_group(values: FloatArray, is_old: BoolArray | None) -> dict[str, Spread]:
    groups = {"all": np.ones(len(values), dtype=np.bool_)}
    if is_old is not None:
        old = np.zeros(len(values), dtype=np.bool_)
        old[: len(is_old)] = is_old[: len(values)]
        groups |= {"old": old, "new": ~old}
    finite = np.isfinite(values)
    return {name: _spread(values[mask & finite]) for name, mask in groups.items() if (mask & finite).any()}


def _spread(values: FloatArray) -> Spread:
    return Spread(
        count=len(values),
        mean=float(values.mean()),
        median=float(np.median(values)),
        least=float(values.min()),
        largest=float(values.max()),
    )


def _faults(head: Head, norms: FloatArray, names: Sequence[str]) -> RowFaults:
    rows = head.weight if head.bias is None else np.column_stack([head.weight, head.bias])
    finite: BoolArray = np.logical_and.reduce(np.isfinite(rows), axis=1)
    shortest = DEAD_SHARE * float(np.median(norms[finite])) if finite.any() else 0.0
    dead: BoolArray = np.asarray(finite & (norms <= shortest))
    duplicate = _repeats(rows, finite & ~dead)
    first = [_first(mask, names) for mask in (dead, duplicate, ~finite)]
    return RowFaults(
        dead=int(dead.sum()),
        dead_names=first[0],
        duplicate=int(duplicate.sum()),
        duplicate_names=first[1],
        not_finite=int((~finite).sum()),
        not_finite_names=first[2],
    )


def _repeats(rows: FloatArray, where: BoolArray) -> BoolArray:
    """Mark the rows, of those asked about, that an earlier one of them equals to the last bit."""
    seen: set[bytes] = set()
    repeats = np.zeros(len(rows), dtype=np.bool_)
    for row in np.flatnonzero(where).tolist():
        content = np.ascontiguousarray(rows[row]).tobytes()
        repeats[row] = content in seen
        seen.add(content)
    return repeats


def _first(mask: BoolArray, names: Sequence[str]) -> tuple[str, ...]:
    rows = np.flatnonzero(mask)[:SHOWN].tolist()
    return tuple(names[row] if row < len(names) else f"output {row}" for row in rows)
