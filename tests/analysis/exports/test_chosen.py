"""Which samples an export takes: lists of ids, clusters, findings, together."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import RunError
from analysis.exports.chosen import Chosen, given_ids, ids_text, parse_ids
from analysis.expressions.error import ExpressionError
from analysis.investigations.store import InvestigationStore
from analysis.runs import layout
from analysis.runs.atomic import write_table
from analysis.runs.identity import run_identity
from tests.planting import Planted


@given(st.sets(st.integers(0, 10_000), max_size=60))
def test_a_list_survives_its_text(ids: set[int]) -> None:
    assert parse_ids(ids_text(np.array(sorted(ids), dtype=np.int64))).tolist() == sorted(ids)


@given(st.text(max_size=30))
def test_any_text_is_a_list_or_a_sentence(text: str) -> None:
    found, said = np.zeros(0), "give numbers and ranges"
    try:
        found = parse_ids(text)
    except RunError as error:
        said = str(error)
    assert "give numbers and ranges" in said
    assert (np.diff(found) > 0).all()


def test_ranges_blanks_and_repetitions() -> None:
    assert parse_ids(" 7, 3\n10-12,11,3 ").tolist() == [3, 7, 10, 11, 12]
    assert ids_text(np.array([12, 3, 10, 11])) == "3,10-12"


@pytest.mark.parametrize("text", ["x", "5-2", "-1", "1..3", "0-999999999999", "3;7", "1e3"])
def test_what_is_no_list_is_named(text: str) -> None:
    with pytest.raises(RunError, match="is no sample id; give numbers and ranges"):
        parse_ids(text)


def test_a_list_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("5\n9\n6-7\n")
    assert given_ids(f"@{tmp_path / 'ids.txt'}").tolist() == [5, 6, 7, 9]
    with pytest.raises(RunError, match="the file cannot be read"):
        given_ids(f"@{tmp_path / 'nothing.txt'}")


def test_conditions_hold_together(planted: Planted) -> None:
    run = planted.run
    evidence = pd.DataFrame({"sample_id": [1, 3, 6, 9], "score": [1.0, 1.0, 0.5, 0.2]})
    write_table(run.path / layout.EVIDENCE / "label_errors.parquet", evidence)
    cluster = run.column("cluster")
    assert Chosen().samples(run) is None
    found = Chosen(cluster=0, finding="label_errors", ids=np.array([9, 3, 1])).samples(run)
    assert found is not None
    assert found.tolist() == [sample for sample in (1, 3, 9) if cluster[sample] == 0]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (Chosen(ids=np.array([800])), "no sample 800 in this run; it has samples 0 to 799"),
        (Chosen(finding="nothing"), "No samples stand behind 'nothing'"),
        (Chosen(finding="../../run"), "No samples stand behind"),
    ],
)
def test_what_the_run_does_not_have_is_said(planted: Planted, chosen: Chosen, message: str) -> None:
    with pytest.raises(RunError, match=message):
        chosen.samples(planted.run)


def test_an_expression_over_stored_columns_and_groups(planted: Planted) -> None:
    run = planted.run
    assert run.is_old is not None
    new = ~run.is_old[run.column("label_index")]
    expected = np.flatnonzero(new & ~run.column("correct") & (run.column("loss") > 1))
    found = Chosen(where='group = "new" and correct = false and loss > 1').samples(run)
    assert found is not None
    assert found.tolist() == expected.tolist()
    assert len(found)
    metadata = Chosen(where='`+site` = "@a"').samples(run)
    assert metadata is not None
    assert metadata.tolist() == list(range(0, 800, 2))


@pytest.mark.parametrize("where", ["loss >", "los > 1", 'label = "; DROP TABLE'])
def test_a_wrong_expression_is_a_sentence(planted: Planted, where: str) -> None:
    with pytest.raises(ExpressionError):
        Chosen(where=where).samples(planted.run)


def test_triage_comes_from_the_database_or_says_where_it_was_looked_for(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = planted.run
    monkeypatch.delenv("FAULTLINE_DATABASE", raising=False)
    with pytest.raises(RunError, match="nobody has said anything"):
        Chosen(where='triage = "wrong label"').samples(run)
    address = f"sqlite:///{tmp_path / 'store.sqlite'}"
    monkeypatch.setenv("FAULTLINE_DATABASE", address)
    with InvestigationStore(address) as store:
        said = {
            "3": {"tag": "wrong label"},
            "5": {"tag": "duplicate"},
            "999999": {"tag": "duplicate"},
            "x": {"tag": "x"},
        }
        store.put_many(run_identity(run.meta), "triage", said, author="ada")
    found = Chosen(where='triage = "wrong label" or triage = "duplicate"').samples(run)
    assert found is not None
    assert found.tolist() == [3, 5]
    found = Chosen(where="triage is missing").samples(run)
    assert found is not None
    assert len(found) == len(run) - 2
    with pytest.raises(ExpressionError, match="known to the app"):
        Chosen(where='in_cluster("run/0")').samples(run)
