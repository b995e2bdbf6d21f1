"""Shares and audits against numbers worked out by hand, and against a second implementation of the interval."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from analysis.reports.triage import TAGS, audit, shares


def test_by_hand() -> None:
    # 48 of 60, z = 1.96: centre (0.8 + 3.8415/120) / (1 + 3.8415/60) = 0.7819, half 0.0998
    found = audit(range(100, 170), {sample: "wrong label" if sample < 148 else "ambiguous" for sample in range(160)},
                  "wrong label")  # fmt: skip
    assert (found.count, found.looked_at) == (48, 60)
    assert found.share == pytest.approx(0.8)
    assert found.low == pytest.approx(0.682, abs=5e-4)
    assert found.high == pytest.approx(0.882, abs=5e-4)
    assert found.half_width == pytest.approx(0.0998, abs=5e-4)


def test_every_tag_has_its_share() -> None:
    found = {share.tag: share for share in shares(["wrong label"] * 49 + ["duplicate"] * 11 + ["ambiguous"] * 60)}
    assert tuple(found) == TAGS
    assert found["wrong label"].share == pytest.approx(49 / 120)
    assert found["wrong label"].half_width == pytest.approx(0.087, abs=1e-3)
    assert found["bad picture"].count == 0
    assert found["bad picture"].low == 0
    assert sum(share.count for share in found.values()) == 120


def test_a_tag_of_another_version_counts_as_looked_at() -> None:
    assert shares(["blurred", "wrong label"])[0].share == pytest.approx(0.5)


def test_nothing_looked_at() -> None:
    assert all(share.looked_at == 0 and math.isnan(share.share) for share in shares([]))
    assert audit([1, 2], {3: "wrong label"}, "wrong label").looked_at == 0


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(1, 300))
def test_intervals_agree_with_scipy(count: int, more: int) -> None:
    found = audit(
        range(count + more), dict.fromkeys(range(count), "x") | dict.fromkeys(range(count, count + more), "y"), "x"
    )
    expected = binomtest(count, count + more).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
