"""What findings point at: read by id, and by nothing but an id."""

import pandas as pd
import pytest

from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.evidence import evidence_samples, evidence_tables


@pytest.fixture
def run(tmp_path):
    kept = tmp_path / "run" / layout.EVIDENCE
    (kept / "bn_stats_stale").mkdir(parents=True)
    write_table(kept / "label_errors.parquet", pd.DataFrame({"sample_id": [3]}))
    write_table(kept / "bn_stats_stale" / "layers.parquet", pd.DataFrame({"layer": ["bn1"]}))
    write_table(tmp_path / "secret.parquet", pd.DataFrame({"sample_id": [1]}))
    return tmp_path / "run"


def test_samples_and_tables_are_found_by_the_id_of_their_finding(run):
    assert evidence_samples(run, "label_errors")["sample_id"].tolist() == [3]
    assert evidence_tables(run, "bn_stats_stale")["layers"]["layer"].tolist() == ["bn1"]


def test_a_finding_that_points_at_nothing_has_none(run):
    assert evidence_samples(run, "bn_stats_stale") is None
    assert evidence_tables(run, "label_errors") == {}


@pytest.mark.parametrize("text", ["../../secret", "..", "", "/etc/passwd", "a\x00b", "x" * 5000, "*"])
def test_what_is_no_id_names_no_file(run, text):
    assert evidence_samples(run, text) is None
    assert evidence_tables(run, text) == {}
