"""Gates: what fails, what passes, what cannot be judged."""

import pytest

from analysis import checks
from analysis.checks import Check, CheckError, Outcome

FINDINGS = {
    "accuracy": {"overall": 0.72, "old": 0.65, "new": None, "chance": 0.1, "n": 800, "n_old": 800, "n_new": 0},
    "findings": [
        {"id": "logit_group_bias", "verdict": "supported", "summary": "New classes win."},
        {"id": "index_map_scrambled", "verdict": "refuted", "summary": "Columns are in order."},
        {"id": "label_errors", "verdict": "not_testable", "summary": "No embeddings."},
    ],
}


@pytest.mark.parametrize(
    ("hypothesis_id", "outcome"),
    [
        ("logit_group_bias", Outcome.FAILED),
        ("index_map_scrambled", Outcome.PASSED),
        ("label_errors", Outcome.UNKNOWN),
    ],
)
def test_fail_on_follows_the_verdict(hypothesis_id, outcome):
    assert checks.fail_on(FINDINGS, hypothesis_id).outcome is outcome


def test_fail_on_an_unknown_id_names_the_known_ones():
    with pytest.raises(CheckError, match="logit_group_bias"):
        checks.fail_on(FINDINGS, "gremlins")


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("old_accuracy < 0.70", Outcome.FAILED),
        ("old_accuracy<70%", Outcome.FAILED),
        ("accuracy >= 0.72", Outcome.FAILED),
        ("overall_accuracy < 0.5", Outcome.PASSED),
        ("new_accuracy < 0.5", Outcome.UNKNOWN),
        ("n < 1e3", Outcome.FAILED),
    ],
)
def test_fail_if_compares_a_metric_with_a_number(condition, outcome):
    assert checks.fail_if(FINDINGS, condition).outcome is outcome


@pytest.mark.parametrize("condition", ["", "old_accuracy", "old_accuracy < x", "speed < 3", "__import__('os') < 1"])
def test_a_condition_that_cannot_be_read_says_what_was_expected(condition):
    with pytest.raises(CheckError, match="expected METRIC"):
        checks.fail_if(FINDINGS, condition)


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([Outcome.PASSED], 0),
        ([Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN], 1),
        ([Outcome.PASSED, Outcome.UNKNOWN], 4),
    ],
)
def test_exit_status(outcomes, status):
    assert checks.exit_status([Check(asked="", outcome=outcome, reason="") for outcome in outcomes]) == status
