"""Filling in columns after inference."""

import numpy as np
import pytest

from analysis.runs.run import Run
from analysis.runs.samples import replace_columns
from tests.planting import make_run


def test_only_the_named_columns_change(tmp_path):
    before = make_run(tmp_path / "run", classes=4, per_class=5).run
    x = np.linspace(-1, 1, 20)
    x[3] = np.nan

    replace_columns(before.path, {"projection_x": x, "cluster": np.arange(20)})
    after = Run.open(before.path)

    assert np.allclose(after.column("projection_x"), x, equal_nan=True)
    assert np.array_equal(after.column("cluster"), np.arange(20))
    assert np.array_equal(after.column("loss"), before.column("loss"))
    assert after.columns == before.columns


@pytest.mark.parametrize("columns", [{"cluster": np.arange(3)}, {"mood": np.arange(20)}])
def test_what_does_not_fit_is_a_programmers_error(tmp_path, columns):
    run = make_run(tmp_path / "run", classes=4, per_class=5).run

    with pytest.raises(ValueError, match="does not fit"):
        replace_columns(run.path, columns)
