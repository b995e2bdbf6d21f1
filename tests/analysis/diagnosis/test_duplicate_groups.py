"""Groups of copies: exact ones by their hash, near ones by the pairs that were found, chains included."""

import numpy as np
import pandas as pd

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.duplicate_groups import conflicting_samples, duplicate_groups
from analysis.hypotheses.head.logit_group_bias import HYPOTHESIS
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.run import Run
from tests.planting import make_run


def _with_pairs(path, pairs):
    made = make_run(path, thumbnails=False, per_class=40)
    frame = pd.DataFrame(pairs, columns=["sample_id", "other"])
    write_table(path / layout.DUPLICATES, frame.assign(kind="near", similarity=0.99))
    return made, Run.open(path)


def test_chains_are_one_group_and_the_rest_stands_alone(tmp_path):
    _, run = _with_pairs(tmp_path, [(5, 3), (9, 5), (20, 11)])
    group = duplicate_groups(run)
    assert group[3] == group[5] == group[9] != group[11] == group[20]
    assert len(np.unique(group)) == len(run) - 3
    assert set(group) <= set(run.column("content_hash").tolist())


def test_without_a_search_equal_hashes_are_a_group(tmp_path):
    run = make_run(tmp_path, thumbnails=False, per_class=40).run
    assert np.array_equal(duplicate_groups(run), run.column("content_hash"))


def test_near_copies_never_straddle_the_halves(tmp_path):
    pairs = [(i + 200, i) for i in range(200)]
    _, run = _with_pairs(tmp_path, pairs)
    seen = []

    def watch(view, outcome):
        seen.append(view.second.copy())
        return HYPOTHESIS.measure(view, outcome)

    from dataclasses import replace

    diagnose(run, hypotheses=[replace(HYPOTHESIS, measure=watch)])
    assert np.array_equal(seen[0][:200], seen[0][200:])
    assert 50 < seen[0][:200].sum() < 150


def test_copies_under_several_labels_conflict_and_no_others(tmp_path):
    run = make_run(tmp_path, thumbnails=False, per_class=40).run
    label = run.column("label_index")
    same, other = np.flatnonzero(label == 0), np.flatnonzero(label == 1)
    _, run = _with_pairs(tmp_path / "pairs", [(same[0], same[1]), (same[2], other[0]), (same[2], same[3])])
    assert np.flatnonzero(conflicting_samples(run)).tolist() == sorted([same[2], same[3], other[0]])
