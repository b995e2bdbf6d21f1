"""A factor on one group's logits: larger, smaller, beside a constant; silent where a constant is enough."""

import numpy as np
import pytest

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.hypothesis import Verdict
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS as CONSTANT
from analysis.hypotheses.head.logit_scale_mismatch import HYPOTHESIS
from tests.planting import make_run


def _run(path, **planted):
    made = make_run(path, thumbnails=False, **{"per_class": 200, "noise": 1.2, **planted})
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS, CONSTANT])
    return made, diagnosis, {finding.id: finding for finding in diagnosis.findings}


def _evidence(finding):
    return {item.name: item.value for item in finding.evidence}


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("factor", [3.0, 1 / 3])
def test_planted_fault_is_ranked_before_a_constant(tmp_path, factor, head):
    made, diagnosis, found = _run(tmp_path, new_scale=factor, head=head)
    finding = found["logit_scale_mismatch"]
    assert diagnosis.leading == "logit_scale_mismatch"
    assert finding.accuracy_if_fixed == pytest.approx(made.accuracy_healthy, abs=0.02)
    assert finding.gain.value == pytest.approx(finding.accuracy_if_fixed - diagnosis.accuracy.overall)
    assert _evidence(finding)["factor for the new classes that scores best"] == pytest.approx(1 / factor, rel=0.25)
    assert ("too large" in finding.summary) == (factor > 1)
    assert found["logit_group_bias"].verdict is not Verdict.SUPPORTED


def test_lengths_of_the_rows_are_shown(tmp_path):
    seen = _evidence(_run(tmp_path, new_scale=3.0)[2]["logit_scale_mismatch"])
    assert seen["length of new rows over old rows"] == pytest.approx(3.0, rel=0.01)
    assert seen["Cliff's delta of the lengths (1 = every new row is longer)"] == 1.0


def test_the_snippet_undoes_it(tmp_path):
    import torch

    made, _, found = _run(tmp_path, new_scale=3.0)
    weight, bias = made.run.head
    model = torch.nn.Sequential(torch.nn.Linear(weight.shape[1], len(weight)))
    model[0].weight.data, model[0].bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
    snippet = found["logit_scale_mismatch"].snippet.replace('"head"', '"0"')
    names = made.run.class_names
    old = {name for name, is_old in zip(names, made.run.is_old, strict=True) if is_old}
    exec(snippet, {"torch": torch, "model": model, "class_names": names, "old_classes": old})  # our own text
    with torch.inference_mode():
        logits = model(torch.from_numpy(np.asarray(made.run.embeddings, dtype=np.float32)))
    right = (logits.argmax(1).numpy() == made.run.column("label_index")).mean()
    assert right == pytest.approx(made.accuracy_healthy, abs=0.02)


@pytest.mark.parametrize("bias", [8.0, -8.0])
def test_a_constant_is_not_called_a_factor(tmp_path, bias):
    _, diagnosis, found = _run(tmp_path, new_bias=bias)
    assert diagnosis.leading == "logit_group_bias"
    assert found["logit_scale_mismatch"].verdict is Verdict.REFUTED


def test_after_a_permutation_the_factor_is_still_found(tmp_path):
    from analysis.hypotheses.indexing.index_map_scrambled import HYPOTHESIS as SCRAMBLED

    made = make_run(tmp_path, per_class=200, noise=1.2, new_scale=3.0, permute=1.0, thumbnails=False)
    diagnosis = diagnose(made.run, hypotheses=[HYPOTHESIS, CONSTANT, SCRAMBLED])
    supported = {finding.id for finding in diagnosis.findings if finding.verdict is Verdict.SUPPORTED}
    assert supported == {"index_map_scrambled", "logit_scale_mismatch"}
    assert diagnosis.repaired_correct.mean() == pytest.approx(made.accuracy_healthy, abs=0.02)


@pytest.mark.parametrize("noise", [0.6, 1.2, 2.5])
@pytest.mark.parametrize("scale", [6.0, 30.0])
def test_healthy_run_is_refuted_however_confident(tmp_path, noise, scale):
    finding = _run(tmp_path, noise=noise, scale=scale)[2]["logit_scale_mismatch"]
    assert finding.verdict is Verdict.REFUTED


@pytest.mark.parametrize("planted", [{"per_class": 10}, {"old": 0.95, "classes": 20, "per_class": 30}])
def test_too_few_samples_are_inconclusive(tmp_path, planted):
    finding = _run(tmp_path, new_scale=3.0, **planted)[2]["logit_scale_mismatch"]
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "needed" in finding.summary


def test_without_an_old_list_it_is_not_testable(tmp_path):
    assert _run(tmp_path, old=None)[2]["logit_scale_mismatch"].verdict is Verdict.NOT_TESTABLE
