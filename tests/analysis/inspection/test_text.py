"""What a look found, as text: problems first, then facts, nothing empty."""

from analysis.inspection.text import as_text

FOUND = {
    "title": "Plants", "source": "x.toml", "errors": ["first\nsecond line"], "warnings": ["careful"], "notices": [],
    "files": {"model.checkpoint": 1234567, "data.root": None},
    "head": {"name": "fc", "has_bias": True, "norms": {"all": {"count": 3, "mean": 0.123456}}, "names": []},
    "lineage": None,
}  # fmt: skip


def test_problems_come_first_and_empty_facts_are_left_out() -> None:
    lines = as_text(FOUND).splitlines()
    assert lines[:4] == ["Plants  (x.toml)", "error: first", "  second line", "warning: careful"]
    assert [line.split() for line in lines[5:]] == [
        ["Files"], ["model.checkpoint", "1.2", "MB"], [],
        ["Head"], ["name", "fc"], ["has", "bias", "yes"], ["norms", "all", "count", "3,", "mean", "0.1235"], [],
        ["1", "error:", "a", "run", "cannot", "start."],
    ]  # fmt: skip


def test_long_lists_are_cut_and_counted() -> None:
    text = as_text({**FOUND, "errors": [], "head": {"missing": [f"layer{index}" for index in range(12)]}})
    assert "layer9, … (12)" in text
    assert "layer10" not in text
    assert text.endswith("Ready to run.")
