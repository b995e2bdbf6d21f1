"""Tables as people read them."""

import numpy as np
import pandas as pd

from analysis.exports.readable_table import readable_table, words


def test_numbers_have_few_digits_and_shares_are_per_cent() -> None:
    table = pd.DataFrame(
        {
            "held_out_size": [12345, 7],
            "error_rate": [0.12345, np.nan],
            "odds": [2.34567, 3.0],
            "failing": [True, False],
            "slice": ["<b>x</b>", None],
        }
    )
    assert readable_table(table, 5).to_dict("list") == {
        "Held out size": ["12,345", "7"],
        "Error rate": ["12.3 %", "–"],
        "Odds": ["2.35", "3"],
        "Failing": ["yes", "no"],
        "Slice": ["<b>x</b>", "–"],
    }


def test_only_the_first_rows_are_kept() -> None:
    assert len(readable_table(pd.DataFrame({"n": range(10)}), 3)) == 3


def test_terms_of_the_field_keep_their_spelling() -> None:
    assert [words(name) for name in ("mmd2", "auc", "p", "gap_low")] == ["MMD²", "AUC", "p", "Gap low"]


def test_lists_in_a_cell_are_told_one_after_the_other() -> None:
    table = pd.DataFrame({"share": [np.array([0.5, 1.0])]})
    assert readable_table(table, 1).iloc[0, 0] == "50.0 %, 100.0 %"
