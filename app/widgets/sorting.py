"""A table's order as a control that stands in the link: a click on a header sorts in one browser, one page, only."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

WORDS = "Other way round"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a table can be sorted by; `name` None is the order that it comes in."""

    name: str | None
    largest_first: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person chose: one of the names of `sort_by`, and whether turned round."""

    by: str
    reverse: bool
    is_usual: bool

    def key(self, widget: str) -> str:
        """Key of the table in this order: rows are chosen by position, so another order is another table."""
        return widget if self.is_usual else f"{widget}_{self.by}_{self.reverse}".replace(" ", "_")


def sort_by(names: Iterable[str], prefix: str, *, on_change: Callable[[], None] | None = None) -> Order:
    """Draw the choice, bound to the link as `PREFIXsort` and `PREFIXreverse`; the first name is the usual order."""
    offered = list(names)
    by = st.selectbox("Sort by", offered, key=f"{prefix}sort", bind="query-params", on_change=on_change, width=160)
    by = by or offered[0]  # a link that says `PREFIXsort=` chooses none
    reverse = st.toggle(WORDS, key=f"{prefix}reverse", bind="query-params", on_change=on_change)
    return Order(by=by, reverse=reverse, is_usual=by == offered[0] and not reverse)


def in_order(frame: pd.DataFrame, column: Column, *, reverse: bool) -> pd.DataFrame:
    """The rows in an order; ties stay as they come, and what has no value comes last either way.

    They are numbered anew, except where they stay in the order that they come in: that table may be large.
    """
    if column.name is None or column.name not in frame:
        return frame[::-1].reset_index(drop=True) if reverse else frame
    ascending = column.largest_first == reverse
    return frame.sort_values(column.name, ascending=ascending, kind="stable", na_position="last", ignore_index=True)
