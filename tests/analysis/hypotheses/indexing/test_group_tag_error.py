"""Old and new classes against the old model's own list."""

import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.indexing.group_tag_error import HYPOTHESIS
from tests.planting import make_run


class _Baseline:
    """The part of a baseline that tags are compared with."""

    def __init__(self, names):
        self.class_names = tuple(names)


def _finding(path, change=lambda names: names, *, baseline=True, **planted):
    made = make_run(path, thumbnails=False, **planted)
    run = made.run
    if baseline and run.is_old is not None:
        old = [name for name, is_old in zip(run.class_names, run.is_old, strict=True) if is_old]
        run.__dict__["baseline"] = _Baseline(change(old))
    return diagnose(run, hypotheses=[HYPOTHESIS]).findings[0]


def test_planted_fault_of_spelling_is_supported(tmp_path):
    names = ["Rosa canina" if i == 0 else f"kind {chr(97 + i)}" for i in range(10)]
    made = make_run(tmp_path / "plain", thumbnails=False, class_names=names)
    listed = [name.upper().replace(" ", "_") for name in names]
    made.run.__dict__["baseline"] = _Baseline(listed)
    finding = diagnose(made.run, hypotheses=[HYPOTHESIS]).findings[0]
    assert finding.verdict is Verdict.SUPPORTED
    assert "3 classes are called new" in finding.summary
    assert "30.0 % of the samples" in finding.summary


def test_classes_the_old_model_does_not_know(tmp_path):
    finding = _finding(tmp_path, lambda old: old[:-2])
    assert finding.verdict is Verdict.SUPPORTED
    assert "2 classes are called old, but the old model does not know them" in finding.summary


@pytest.mark.parametrize("change", [lambda old: old, lambda old: [*old, "gone since"], lambda old: old[::-1]])
def test_healthy_run_is_refuted(tmp_path, change):
    assert _finding(tmp_path, change).verdict is Verdict.REFUTED


def test_lists_without_a_common_name_are_inconclusive(tmp_path):
    assert _finding(tmp_path, lambda old: [f"[output {i}]" for i in range(len(old))]).verdict is Verdict.INCONCLUSIVE


def test_too_few_samples_do_not_matter_to_an_exact_count(tmp_path):
    assert _finding(tmp_path, lambda old: old[:-2], per_class=1).verdict is not Verdict.REFUTED


def test_missing_inputs_are_not_testable(tmp_path):
    assert _finding(tmp_path / "a", baseline=False).verdict is Verdict.NOT_TESTABLE
    assert _finding(tmp_path / "b", old=None).verdict is Verdict.NOT_TESTABLE
