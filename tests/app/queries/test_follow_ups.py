"""Follow-up runs: whoever deletes one is told which findings name it."""

from pathlib import Path

import pytest

from app.queries import catalog, follow_ups, runs
from app.queries.run_list import list_runs
from tests.planting import make_run


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_run(tmp_path / "before", per_class=10, thumbnails=False)
    make_run(tmp_path / "after", per_class=12, thumbnails=False)
    monkeypatch.setenv("FAULTLINE_RUNS", str(tmp_path))
    return tmp_path


def test_a_run_that_findings_of_others_name_says_so_before_it_is_deleted(two: Path) -> None:
    before = runs.run_key("before")
    after = next(entry for entry in follow_ups.others(before) if entry.id == "after")
    assert catalog.referrers("after") == []
    follow_ups.name(before, "label_errors", after, expected=0)
    title = next(entry.title for entry in list_runs() if entry.id == "before")
    assert catalog.referrers("after") == [f"1 finding of “{title}” names it as the follow-up run."]
    assert catalog.referrers("before") == [
        "It has 1 link to a follow-up run; they are kept, and show again when it comes back."
    ]
    follow_ups.name(before, "logit_group_bias", after, expected=0)
    assert catalog.referrers("after") == [f"2 findings of “{title}” name it as the follow-up run."]
