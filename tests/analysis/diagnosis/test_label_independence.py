"""What speaks against labels dealt at random; that they are found, `test_rows_misaligned` holds."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.indexing.rows_misaligned import HYPOTHESIS
from tests.planting import make_run


@pytest.mark.parametrize(("noise", "why_not"), [(0.8, "would be by chance"), (60.0, "the model itself is at fault")])
def test_what_speaks_against_stands_beside_what_chance_would_give(tmp_path, noise, why_not):
    run = make_run(tmp_path, noise=noise, scale=6.0 if noise < 1 else 0.05).run
    finding = diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]
    assert finding.verdict is Verdict.REFUTED
    assert why_not in finding.summary
    label, predicted = (np.bincount(run.column(f"{name}_index"), minlength=10) for name in ("label", "prediction"))
    assert finding.evidence[0].threshold == pytest.approx((label * predicted).sum() / len(run) ** 2)
