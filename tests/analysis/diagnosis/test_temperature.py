"""The temperature of a full softmax is found again from the stored candidates, all of them or the top alone."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import predictions_of
from analysis.diagnosis.temperature import best_temperature, softened
from analysis.runs import layout
from analysis.runs.atomic import write_arrays
from tests.planting import make_run


def _full(run):
    weight, bias = run.head
    return np.asarray(run.embeddings, dtype=np.float64) @ weight.T + bias


def _total(logits):
    top = logits.max(axis=1)
    return top + np.log(np.exp(logits - top[:, None]).sum(axis=1))


def _with_histogram(run):
    logits = _full(run)
    edges = np.linspace(logits.min() - 1, logits.max() + 1, 513)
    counts = np.histogram(logits, edges)[0][None, None]
    write_arrays(run.path / layout.LOGIT_HISTOGRAMS, {"edges": edges, "counts": counts})


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_all_columns_stored_is_exact(tmp_path, temperature):
    run = make_run(tmp_path, thumbnails=False).run
    rows = np.arange(len(run))
    samples = softened(run, predictions_of(run), rows)
    logits = _full(run) / temperature
    expected = (_total(logits) - logits[rows, run.column("label_index")]).mean()
    assert samples.loss(temperature) == pytest.approx(expected, rel=1e-4)
    assert samples.confidence(temperature) == pytest.approx(np.exp(logits.max(1) - _total(logits)), abs=1e-4)


@pytest.mark.parametrize("scale", [4.0, 12.0, 40.0])
def test_columns_beyond_the_stored_ones_are_nearly_right(tmp_path, scale):
    run = make_run(tmp_path, classes=600, per_class=3, dims=64, scale=scale, noise=0.8, thumbnails=False).run
    _with_histogram(run)
    rows = np.arange(len(run))
    samples = softened(run, predictions_of(run), rows)
    logits, label = _full(run), run.column("label_index")
    grid = np.geomspace(0.05, 20, 400)
    losses = [(_total(logits / t) - logits[rows, label] / t).mean() for t in grid]
    assert best_temperature(samples) == pytest.approx(grid[int(np.argmin(losses))], rel=0.06)
