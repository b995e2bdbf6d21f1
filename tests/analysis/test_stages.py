"""What single stages keep in a run."""

from pathlib import Path

import pandas as pd

from analysis.runs import layout
from analysis.stages import keep_hierarchy


def test_a_hierarchy_is_kept_and_goes_with_it(tmp_path: Path) -> None:
    keep_hierarchy(tmp_path, (("mammal", None, "bird"), ("animal", None, "animal")))
    kept = pd.read_parquet(tmp_path / layout.HIERARCHY)
    assert kept["class_index"].tolist() == [0, 1, 2]
    assert kept["level_1"].fillna("").tolist() == ["mammal", "", "bird"]
    assert kept["level_2"].fillna("").tolist() == ["animal", "", "animal"]
    keep_hierarchy(tmp_path, ())
    assert not (tmp_path / layout.HIERARCHY).exists()
