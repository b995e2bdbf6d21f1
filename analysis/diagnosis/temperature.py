"""One number that all logits are divided by, so that confidence tells the share of right answers.

Letters: n samples, K stored candidates, C columns, m = the columns that are not stored.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from analysis.arrays import FloatArray, IntArray
from analysis.diagnosis.predictions import Predictions
from analysis.runs.run import Run

_RANGE = (0.05, 20.0)
_STEPS = 24
_FITTED_ON = 4000
_GOLDEN = (np.sqrt(5) - 1) / 2
_NEGLIGIBLE = 1e-5
_POINT = 1e-3  # spread where none is known
_BISECTIONS = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Softened:
    """Candidates of n samples, and what is known of the columns that are not stored.

    Their logits are taken as normally distributed below the smallest one stored, with one spread for all samples, which
    says how their share grows as the logits are divided by T; where all C columns are stored nothing is left over.

    Attributes:
        logit: (n, K) float64 after the repairs, −inf = padding. label_logit: (n,) logit of the label.
        columns: m. mean: (n,) of their logits, −inf where they have no share. spread: of their logits.
        smallest: (n,) the smallest logit stored.
    """

    logit: FloatArray
    label_logit: FloatArray
    columns: int
    mean: FloatArray
    spread: float
    smallest: FloatArray

    def total(self, temperature: float) -> FloatArray:
        """(n,) logsumexp over all columns of logits / T."""
        stored = _logsumexp(self.logit / temperature)
        if not self.columns:
            return stored
        rest = np.log(self.columns) + _log_mean_exp(self.mean, self.spread, self.smallest, temperature)
        return np.asarray(np.logaddexp(stored, np.where(np.isfinite(self.mean), rest, -np.inf)))

    def loss(self, temperature: float) -> float:
        """Mean cross-entropy of logits / T, in nats."""
        return float((self.total(temperature) - self.label_logit / temperature).mean())

    def confidence(self, temperature: float) -> FloatArray:
        """(n,) probability of the answer given."""
        return np.asarray(np.exp(self.logit.max(axis=1) / temperature - self.total(temperature)))


def softened(run: Run, predictions: Predictions, rows: IntArray) -> Softened:
    """The samples of some rows, ready to be divided by any T.

    Args:
        run: its histogram of logits tells the spread; without one the columns not stored count as one.
        predictions: N samples, repaired as far as is known.
        rows: (n,) which.
    """
    logit = predictions.logits(rows)
    stored, total = _logsumexp(predictions.logit[rows]), predictions.logsumexp[rows]
    with np.errstate(all="ignore"):
        rest = total + np.log1p(-np.exp(np.minimum(stored - total, 0)))
    rest = np.where(total - stored > _NEGLIGIBLE, rest, -np.inf)
    is_label = predictions.classes(rows) == predictions.label[rows][:, None]
    label = np.where(is_label, logit, -np.inf).max(axis=1)
    recorded = np.asarray(run.column("label_logit"), dtype=np.float64)[rows]
    held = np.where(np.isfinite(logit), logit, np.inf).min(axis=1)
    outside = np.minimum(np.where(np.isfinite(recorded), recorded, held), held)
    spread = logit_spread(run)
    left = max(0, predictions.columns - logit.shape[1]) if spread is not None else int(np.isfinite(rest).any())
    smallest = np.where(np.isfinite(held), held, 0.0)
    return Softened(
        logit=logit,
        label_logit=np.where(np.isfinite(label), label, outside),
        columns=left,
        mean=_mean_of_rest(rest - np.log(max(1, left)), spread or _POINT, smallest),
        spread=spread or _POINT,
        smallest=smallest,
    )


def _log_mean_exp(mean: FloatArray, spread: float, below: FloatArray, temperature: float) -> FloatArray:
    """Logarithm of the mean of e^(z/T) for normal z cut off at `below`."""
    shifted = mean + spread**2 / temperature
    cut = log_ndtr((below - shifted) / spread) - log_ndtr((below - mean) / spread)
    return np.asarray(mean / temperature + (spread / temperature) ** 2 / 2 + cut)


def _mean_of_rest(log_mean_exp: FloatArray, spread: float, below: FloatArray) -> FloatArray:
    """(n,) mean of the normal distribution whose mean of e^z, cut off at `below`, is known; bisection."""
    known = np.isfinite(log_mean_exp)
    target = np.where(known, log_mean_exp, 0.0)
    low, high = target - spread**2 - 1, np.maximum(target, below) + 6 * spread
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        too_low = _log_mean_exp(middle, spread, below, 1.0) < target
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return np.where(known, (low + high) / 2, -np.inf)


def logit_spread(run: Run) -> float | None:
    """Standard deviation of all logits of a run, from the histogram; None without one."""
    histogram = run.logit_histograms
    if histogram is None:
        return None
    count = histogram["counts"].sum(axis=(0, 1)).astype(np.float64)
    edges = histogram["edges"].astype(np.float64)
    middle = (edges[1:] + edges[:-1]) / 2
    if count.sum() == 0:
        return None
    mean = (count * middle).sum() / count.sum()
    return float(np.sqrt((count * (middle - mean) ** 2).sum() / count.sum()))


def best_temperature(samples: Softened) -> float:
    """T with the least cross-entropy between 0.05 and 20, by golden section on its logarithm (the loss has one valley).

    Source:
        Guo et al. 2017, arXiv 1706.04599.
    """
    step = max(1, len(samples.logit) // _FITTED_ON)
    some = Softened(
        logit=samples.logit[::step],
        label_logit=samples.label_logit[::step],
        columns=samples.columns,
        mean=samples.mean[::step],
        spread=samples.spread,
        smallest=samples.smallest[::step],
    )
    low, high = np.log(_RANGE[0]), np.log(_RANGE[1])
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = some.loss(float(np.exp(a))), some.loss(float(np.exp(b)))
    for _ in range(_STEPS):
        if at_a <= at_b:
            high, b, at_b = b, a, at_a
            a = high - _GOLDEN * (high - low)
            at_a = some.loss(float(np.exp(a)))
        else:
            low, a, at_a = a, b, at_b
            b = low + _GOLDEN * (high - low)
            at_b = some.loss(float(np.exp(b)))
    return float(np.exp((low + high) / 2))


def _logsumexp(logit: FloatArray) -> FloatArray:
    top = logit.max(axis=1, initial=-np.inf)
    safe = np.where(np.isfinite(top), top, 0)
    with np.errstate(all="ignore"):
        return np.asarray(safe + np.log(np.exp(logit - safe[:, None], dtype=np.float64).sum(axis=1)))
