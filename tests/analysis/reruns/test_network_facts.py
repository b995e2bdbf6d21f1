"""What a look at the network decides before anything is searched."""

import numpy as np
import pandas as pd
import pytest

from analysis.reruns.network_facts import NetworkFacts, chosen, within
from analysis.reruns.probes import Probes
from analysis.reruns.sources import Sources
from analysis.reruns.variants_network import network_axes
from analysis.spec.sections import ModelSpec
from tests.planted_network import HEALTHY


def facts(layers=None, **probes):
    fits = {"mean_distance": 0.003, "var_distance": 0.1, "untouched": False, "nonfinite": 0, "uses_batch": False}
    table = pd.DataFrame({"layer": ["a", "b", "c", "d"]}).assign(**(fits | (layers or {})))
    return NetworkFacts(probes=Probes(**(HEALTHY | probes)), profile=table)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ({}, False),
        ({"mean_distance": [2e4, 0.003, 0.003, 0.003], "var_distance": [7.0, 0.2, 0.2, 0.2]}, False),
        ({"mean_distance": [0.003, 2.0, 0.003, 0.003]}, True),
        ({"var_distance": [0.1, 0.6, 0.6, 0.6]}, True),
        ({"untouched": True}, True),
        ({"nonfinite": [3, 0, 0, 0]}, True),
    ],
)
def test_statistics_are_far_only_beyond_the_first_layer(layers, expected):
    assert facts(layers).statistics_are_far == expected


def test_one_flip_among_few_pictures_is_no_coarse_format():
    assert not facts().is_coarse
    assert not facts(fp32_flips=1 / 64, precision="bf16 body").is_coarse
    assert facts(fp32_flips=2 / 64, precision="bf16").is_coarse
    assert facts(bf16_exact=1.0).is_coarse
    assert not facts(bf16_exact=1.0, repeat_difference=0.4).is_coarse


def order(found):
    first, last = network_axes(found, Sources(model=ModelSpec.model_construct()))
    return [axis.name for axis in first], [axis.name for axis in last]


def test_batchnorm_goes_before_the_preprocessing_only_where_it_is_far():
    assert "batch_norm" in order(facts())[1]
    assert "batch_norm" in order(facts({"untouched": True}))[0]


def test_pictures_are_chosen_at_random_and_always_the_same():
    assert np.array_equal(chosen(1000, 64, 3), chosen(1000, 64, 3))
    assert len(set(chosen(1000, 64, 3).tolist())) == 64
    assert (within(100, (64, 256)), within(1_000, (64, 256)), within(9_000, (64, 256))) == (64, 100, 256)
