"""A view of all samples of a run, as `measure` gets it."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import predictions_of
from analysis.diagnosis.view import View


@pytest.fixture
def whole_view():
    def view(run):
        n = len(run)
        return View(run=run, predictions=predictions_of(run), rows=np.arange(n), second=np.arange(n) % 2 == 1)

    return view
