"""A run stays the same one wherever its folder lies."""

from analysis.runs.identity import run_identity

META = {
    "title": "Leaves",
    "created": "2026-01-01",
    "digests": {"checkpoint": "a", "data": "b", "classes": "c", "preprocessing": "d"},
}


def test_identity_is_what_the_run_was_made_of() -> None:
    found = run_identity(META)
    assert len(found) == 16
    assert int(found, 16) >= 0
    assert run_identity({**META, "title": "Renamed", "created": "2027-01-01", "timings": {}}) == found
    for name in META["digests"]:
        assert run_identity({**META, "digests": {**META["digests"], name: "other"}}) != found


def test_a_run_without_digests_is_known_by_what_it_says_of_itself() -> None:
    old = {"title": "Leaves", "created": "2026-01-01", "counts": {"samples": 3}}
    assert run_identity(old) == run_identity({**old, "timings": {"inference": 1}})
    assert run_identity(old) != run_identity({**old, "created": "2026-01-02"})
