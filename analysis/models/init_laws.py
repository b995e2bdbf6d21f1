"""Does a matrix of weights still look as it was drawn? The usual laws of initialisation, and a test that fits any.

Training leaves its mark twice: values leave the law they were drawn from, and rows and columns get lengths of their
own. Both are looked at; a trained tensor passes neither. Letters: R rows (outputs), F columns (inputs of one output).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr

from analysis.arrays import FloatArray

_LOOKED_AT = 100_000  # values whose distribution is compared
LEAST = 1_000  # values below which nothing is said
_STANDARD_ERRORS = 4.0
_KS = 1.95  # Kolmogorov's 0.1 % point
_UNEVEN = 6.0  # standard errors of the spread of lengths


@dataclass(frozen=True, slots=True)
class Law:
    """One way to draw weights: symmetric around 0 with standard deviation `std`."""

    name: str
    shape: Literal["uniform", "normal"]
    std: float

    @property
    def bound(self) -> float:
        """Largest magnitude possible; infinite for normal laws."""
        return self.std * np.sqrt(3) if self.shape == "uniform" else np.inf

    def cdf(self, values: FloatArray) -> FloatArray:
        """Share of the law below each value."""
        if self.shape == "uniform":
            return np.asarray(np.clip((values / self.bound + 1) / 2, 0, 1))
        return np.asarray(ndtr(values / self.std))


def usual_laws(inputs: int, outputs: int) -> tuple[Law, ...]:
    """The laws that libraries draw a layer from.

    Args:
        inputs: fan-in, the values that one output sums.
        outputs: fan-out.

    Source:
        torch.nn.init; Glorot and Bengio 2010; He et al. 2015, arXiv 1502.01852; timm's and torchvision's models.
    """
    i, o = max(1, inputs), max(1, outputs)
    uniform = {
        "uniform ±1/√inputs (torch's default)": (1 / (3 * i)) ** 0.5,
        "uniform ±√(3/inputs)": (1 / i) ** 0.5,
        "uniform ±√(6/inputs) (He)": (2 / i) ** 0.5,
        "uniform ±√(6/(inputs+outputs)) (Glorot)": (2 / (i + o)) ** 0.5,
        "uniform ±1/√outputs": (1 / (3 * o)) ** 0.5,
    }
    normal = {
        "normal √(2/inputs) (He)": (2 / i) ** 0.5,
        "normal √(2/outputs) (He)": (2 / o) ** 0.5,
        "normal √(1/inputs)": (1 / i) ** 0.5,
        "normal √(2/(inputs+outputs)) (Glorot)": (2 / (i + o)) ** 0.5,
        "normal 0.02": 0.02,
        "normal 0.01": 0.01,
        "normal 0.001": 0.001,
    }
    return (
        *(Law(name, "uniform", std) for name, std in uniform.items()),
        *(Law(name, "normal", std) for name, std in normal.items()),
    )


def law_of(matrix: FloatArray, laws: Sequence[Law], *, least: int = LEAST) -> str | None:
    """The law that a whole matrix still follows, by name; None where training has left its marks, or it is small.

    Args:
        matrix: (R, F), finite.
        laws: tried in this order.
        least: values below which nothing is said; for normal laws four times as many, because trained weights are
            closer to normal than to uniform.
    """
    if matrix.size < least or not _is_even(matrix):
        return None
    flat = matrix.ravel()
    for law in laws:
        enough = matrix.size >= (least if law.shape == "uniform" else 4 * least)
        if enough and follows(flat, law):
            return law.name
    return None


def follows(values: FloatArray, law: Law) -> bool:
    """May these values have been drawn from the law? Support, standard deviation, mean, and Kolmogorov's distance.

    Args:
        values: (n,) finite.
        law: where they may come from.
    """
    n = len(values)
    kurtosis = 1.8 if law.shape == "uniform" else 3.0
    allowed = _STANDARD_ERRORS * np.sqrt((kurtosis - 1) / (4 * n))
    std = float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
    if not std or abs(np.log(std / law.std)) > allowed:
        return False
    if float(np.abs(values).max()) > law.bound * (1 + 1e-3):
        return False
    if abs(float(values.mean(dtype=np.float64))) > _STANDARD_ERRORS * law.std / np.sqrt(n):
        return False
    return kolmogorov(values, law) <= _KS


def kolmogorov(values: FloatArray, law: Law) -> float:
    """√n · largest distance between the values' distribution and the law; at most 100,000 values are taken.

    Source:
        Kolmogorov 1933.
    """
    some = np.sort(values[:: max(1, len(values) // _LOOKED_AT)].astype(np.float64))
    n, below = len(some), law.cdf(some)
    steps = np.arange(n + 1) / n
    return float(np.sqrt(n) * max((below - steps[:-1]).max(), (steps[1:] - below).max()))


def _is_even(matrix: FloatArray) -> bool:
    """Are rows as alike in length as independent values make them, and columns likewise?"""
    squares = np.square(matrix, dtype=np.float64)
    usual = float(squares.mean())
    if not usual:
        return False
    spread = float(squares.var()) / usual**2
    return all(_alike(squares.mean(axis=axis), spread, matrix.shape[axis]) for axis in (0, 1))


def _alike(lengths: FloatArray, spread: float, summed: int) -> bool:
    """Is the variance of mean squares what `summed` independent values give?"""
    count = len(lengths)
    if count < 8:
        return True
    expected = spread / summed
    found = float(lengths.var(ddof=1) / lengths.mean() ** 2)
    tail = 2 / (count - 1) + 12 / (count * max(1, summed))
    return found <= expected * (1 + _UNEVEN * float(np.sqrt(tail)))
