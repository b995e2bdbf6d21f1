"""What speaks for a variant: not fooled by a scrambled head, silent where nothing changes."""

import numpy as np
import pytest

from analysis.reruns.answers import Answers
from analysis.reruns.comparison import compare

CLASSES, EACH, DIMS = 8, 12, 16


def answers(noise, *, scrambled=False, seed=0, embeddings=True):
    """A linear head on class means plus noise."""
    rng = np.random.default_rng(1)
    means = rng.normal(size=(CLASSES, DIMS))
    label = np.repeat(np.arange(CLASSES), EACH)
    points = means[label] + noise * np.random.default_rng(seed).normal(size=(len(label), DIMS))
    logits = points @ np.roll(means, 3 if scrambled else 0, axis=0).T
    index = np.argsort(-logits, axis=1).astype(np.int32)
    logit = np.take_along_axis(logits, index, axis=1)
    total = np.log(np.exp(logits).sum(axis=1))
    facts = {
        "correct": index[:, 0] == label, "loss": total - logits[np.arange(len(label)), label],
        "confidence": np.exp(logit[:, 0] - total), "entropy": np.ones(len(label)),
    }  # fmt: skip
    kept = points.astype(np.float16) if embeddings else None
    made = Answers(rows=np.arange(len(label)), index=index, logit=logit, logsumexp=total, embeddings=kept, facts=facts)
    return made, label


@pytest.mark.parametrize("embeddings", [True, False])
@pytest.mark.parametrize("scrambled", [False, True])
def test_better_pictures_score_whatever_the_head_does(scrambled, embeddings):
    base, label = answers(2.0, scrambled=scrambled, embeddings=embeddings)
    better, _ = answers(0.5, scrambled=scrambled, seed=1, embeddings=embeddings)
    found = compare(base, better, label)
    assert found.score > 3
    assert found.gain_apart > 0.1
    assert compare(better, base, label).score < 0


def test_nothing_changed_scores_nothing():
    base, label = answers(1.0)
    found = compare(base, base, label)
    assert (found.score, found.gain, found.gain_apart) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_other_noise_alone_does_not_promise(seed):
    base, label = answers(1.5)
    found = compare(base, answers(1.5, seed=seed + 10)[0], label)
    assert abs(found.score) < 3.5


def test_class_means_leave_out_the_sample_itself():
    base, label = answers(50.0)
    found = compare(base, base, label)
    assert found.apart == pytest.approx(1 / CLASSES, abs=0.12)


def test_groups_that_differ_are_seen():
    base, label = answers(1.5)
    better, _ = answers(0.3, seed=1)
    old = label < CLASSES // 2
    rows = np.flatnonzero(old)
    mixed = base.replaced_by(better.at(rows))
    found = compare(base, mixed, label, old)
    assert found.divided[0] > 2
    assert found.divided[1] == 0.0
