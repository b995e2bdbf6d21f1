"""Errors that a cause with a finding of its own explains are not looked at again."""

import numpy as np

from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.unexplained_errors import unexplained_errors, wrongly_prepared
from analysis.hypotheses import all_hypotheses
from tests.planted_reruns import plant_rerun
from tests.planting import make_run


def prepared_wrongly(tmp_path, metadata=None):
    """The new classes' pictures, and a variant under which they, and only they, are answered well."""
    healthy = make_run(tmp_path / "healthy", old=0.6, thumbnails=False).run
    old = np.asarray(healthy.is_old)[healthy.column("label_index")]
    run = make_run(tmp_path / "run", old=0.6, degraded=~old, clusters=True, metadata=metadata, thumbnails=False).run
    other = make_run(tmp_path / "other", old=0.6, degraded=old, thumbnails=False).run
    return plant_rerun(run, other, axis="normalization"), ~old


def test_errors_of_the_group_that_is_prepared_wrongly_are_explained(tmp_path, whole_view):
    run, new = prepared_wrongly(tmp_path)
    view = whole_view(run)
    np.testing.assert_array_equal(wrongly_prepared(view), new)
    np.testing.assert_array_equal(unexplained_errors(view), ~run.column("correct") & ~new)
    assert (~run.column("correct"))[new].mean() > 0.2


def test_it_is_told_alone_though_the_group_is_a_source_and_clusters(tmp_path):
    healthy = make_run(tmp_path / "names", old=0.6, thumbnails=False).run
    old = np.asarray(healthy.is_old)[healthy.column("label_index")]
    run, _ = prepared_wrongly(tmp_path, {"camera": ["A" if is_old else "B" for is_old in old]})
    told = [f.id for f in diagnose(run, hypotheses=all_hypotheses()).findings if f.verdict == "supported"]
    assert told[0] == "group_preproc_divergence"
    assert not {"failure_cluster", "metadata_slice", "source_domain_shift", "spurious_metadata"} & set(told)


def test_without_re_runs_or_groups_every_error_is_unexplained(tmp_path, whole_view):
    run = make_run(tmp_path, old=None, thumbnails=False).run
    np.testing.assert_array_equal(unexplained_errors(whole_view(run)), ~run.column("correct"))
