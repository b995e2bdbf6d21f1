"""Drawn matrices are recognised, whoever draws them; trained or touched ones are not."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest, uniform

from analysis.models.init_laws import Law, kolmogorov, law_of, usual_laws

INITIALISERS = {
    "torch's default": lambda w: torch.nn.init.kaiming_uniform_(w, a=5**0.5),
    "uniform ±√(6/inputs) (He)": torch.nn.init.kaiming_uniform_,
    "(Glorot)": torch.nn.init.xavier_uniform_,
    "normal √(2/inputs) (He)": torch.nn.init.kaiming_normal_,
    "normal √(2/outputs) (He)": lambda w: torch.nn.init.kaiming_normal_(w, mode="fan_out"),
    "normal 0.02": lambda w: torch.nn.init.trunc_normal_(w, std=0.02),
    "normal 0.01": lambda w: torch.nn.init.normal_(w, std=0.01),
}


def drawn(name: str, seed: int = 0) -> np.ndarray:
    torch.manual_seed(seed)
    weight = torch.empty(96, 128)
    INITIALISERS[name](weight)
    return weight.numpy()


@pytest.mark.parametrize("name", INITIALISERS)
def test_what_a_library_draws_is_recognised(name: str) -> None:
    found = law_of(drawn(name), usual_laws(128, 96))
    assert found is not None
    assert name in found


@pytest.mark.parametrize("name", INITIALISERS)
def test_a_matrix_that_learnt_a_direction_is_not(name: str) -> None:
    weight = drawn(name)
    rng = np.random.default_rng(1)
    learnt = np.outer(rng.normal(size=96), rng.normal(size=128)) * weight.std()
    assert law_of(weight + 0.5 * learnt.astype(np.float32), usual_laws(128, 96)) is None


def test_uneven_rows_zeros_and_small_matrices_are_not() -> None:
    weight = drawn("normal 0.02")
    laws = usual_laws(128, 96)
    assert law_of(weight * np.linspace(0.6, 1.4, 96, dtype=np.float32)[:, None], laws) is None
    assert law_of(np.zeros((96, 128), np.float32), laws) is None
    assert law_of(weight[:4, :16], laws) is None


def test_kolmogorov_is_that_of_a_second_implementation() -> None:
    law = Law("", "uniform", 1.0)
    values = np.random.default_rng(0).uniform(-1.6, 1.8, 500)
    expected = kstest(values, uniform(loc=-law.bound, scale=2 * law.bound).cdf).statistic * 500**0.5
    assert kolmogorov(values, law) == pytest.approx(expected)
