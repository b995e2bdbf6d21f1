"""Are the old classes' rows where their names are? What a comparison with the baseline's rows says, without a picture.

Letters: S classes that both models have, C columns.
"""

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.diagnosis.baseline_rows import OldRows, old_rows_of
from analysis.diagnosis.head_snippets import checkpoint_name, head_name
from analysis.diagnosis.hypothesis import Evidence, Lane, Measurement
from analysis.diagnosis.matching import completed
from analysis.diagnosis.row_matching import RowMatch, by_position, row_match
from analysis.diagnosis.significance import Interval, wilson
from analysis.diagnosis.view import View

_SHARE = 0.01  # of the rows, misplaced
_CERTAIN = 0.002
_FEWEST = 3  # rows
_MOSTLY = 0.9
_SHOWN = 1_000


def map_of_rows(view: View) -> IntArray | None:
    """Class of every column, (C,), with the old rows named as in the baseline; None where all are in place."""
    rows, match = old_rows_of(view), row_match(view)
    if rows is None or match is None or int(match.misplaced.sum()) < _FEWEST or len(view.predictions) == 0:
        return None
    found = np.flatnonzero(match.source >= 0)
    column_of_class = np.full(view.classes, -1, dtype=np.int64)
    column_of_class[rows.here[match.source[found]]] = rows.here[found]
    return completed(view.predictions.column_class, column_of_class, view.classes)


def rows_evidence(view: View) -> tuple[Evidence, ...]:
    """How many old rows stand under another name, for a test that has other evidence as well."""
    match = row_match(view)
    if match is None:
        return ()
    size = len(match.source)
    return (
        Evidence(
            name="old rows that stand under another name than in the baseline",
            value=float(match.misplaced.sum()) / size,
            threshold=_SHARE,
            unit="fraction",
            n=size,
        ),
        Evidence(
            name="old rows that are like the baseline's row of the same name",
            value=float(match.in_place.sum()) / size,
            unit="fraction",
            n=size,
        ),
    )


def measured_by_rows(view: View) -> Measurement | None:
    """The verdict of the rows alone, for when there are no pictures, or too few; None without the baseline's rows."""
    rows, match = old_rows_of(view), row_match(view)
    if rows is None or match is None:
        return None
    size, misplaced = len(match.source), int(match.misplaced.sum())
    low, high = wilson(misplaced, size)
    is_found = misplaced >= _FEWEST and misplaced >= _SHARE * size and low > _CERTAIN
    effect = Interval(value=misplaced / size, low=low, high=high) if is_found else Interval.exactly(0.0)
    decided = is_found or match.is_in_order
    wrong = None if not len(view) else 1.0 - float(view.predictions.correct.mean())
    return Measurement(
        summary=_summary(view, rows, match),
        denial=(
            f"The old classes' rows stand where their names are: {int(match.in_place.sum()):,} of {size:,} are like "
            "the baseline's row of the same name."
        ),
        n=rows.values,
        effect=effect,
        abstain=None if decided else _undecided(match),
        lane=Lane.BOUND if wrong else Lane.NOTE,
        gain=Interval(value=wrong, low=0.0, high=wrong) if wrong else None,
        evidence=rows_evidence(view),
        tables={"moves": _moves(view, rows, match)} if is_found else {},
        snippet=_snippet(view) if is_found else None,
    )


def _undecided(match: RowMatch) -> str:
    finite = match.cosine[np.isfinite(match.cosine)]
    usual = f"{np.median(finite):.2f}" if len(finite) else "unknown"
    return (
        f"too many old rows are like none of the baseline's (median cosine with the same name {usual}); labelled "
        "pictures are needed to tell the order of the outputs"
    )


def _summary(view: View, rows: OldRows, match: RowMatch) -> str:
    misplaced, names = np.flatnonzero(match.misplaced), view.run.class_names
    text = f"{len(misplaced):,} of {len(match.source):,} old classes' rows stand under another class' name"
    if len(misplaced):
        first = int(misplaced[0])
        text += f" (the row of “{names[rows.here[first]]}” is the baseline's row of “"
        text += f"{names[rows.here[match.source[first]]]}”)"
    if by_position(rows, match) >= _MOSTLY:
        text += ": rows were copied by position into a list of another order"
    return text + ". Either the new class list is in another order than the head, or the baseline's list is."


def _moves(view: View, rows: OldRows, match: RowMatch) -> pd.DataFrame:
    """The first misplaced rows: `column`, `listed`, `is`, `cosine` with the listed name's row."""
    some, names = np.flatnonzero(match.misplaced)[:_SHOWN], view.run.class_names
    return pd.DataFrame(
        {
            "column": rows.here[some],
            "listed": [names[index] for index in rows.here[some]],
            "is": [names[index] for index in rows.here[match.source[some]]],
            "cosine": match.cosine[some],
        }
    )


def _snippet(view: View) -> str:
    head, old = head_name(view.run), checkpoint_name(view.run, "baseline")
    return (
        f"# copy the rows of {old} by name, never by position\n"
        "for name, row in old_index.items():  # {class name: row in the old head}\n"
        f'    new["{head}.weight"][new_index[name]] = old["{head}.weight"][row]\n'
        f'    new["{head}.bias"][new_index[name]] = old["{head}.bias"][row]\n'
    )
