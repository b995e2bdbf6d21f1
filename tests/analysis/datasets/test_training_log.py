"""Training logs of many programs; broken ones are notices."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.datasets.log_columns import log_column
from analysis.datasets.training_log import read_training_log


def _read(tmp_path, text, name="log.csv"):
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return read_training_log(file)


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("Epoch", "epoch"),
        ("global_step", "step"),
        ("train/loss", "train_loss"),
        ("trainLoss", "train_loss"),
        ("Val Acc@1", "val_accuracy"),
        ("eval_top1", "val_accuracy"),
        ("eval_top5", "val_top5_accuracy"),
        ("val_accuracy_old", "val_accuracy_old"),
        ("valid_balanced_accuracy", "val_macro_accuracy"),
        ("lr", "learning_rate"),
        ("lr-Adam/pg1", "learning_rate_adam_pg1"),
        ("grad_norm", "gradient_norm"),
        ("seconds", "seconds"),
        ("§", "value"),
    ],
)
def test_names_come_to_one_vocabulary(given_name, expected):
    assert log_column(given_name) == expected


def test_csv_with_per_cents(tmp_path):
    log = _read(tmp_path, "epoch,train_loss,val_acc,val_acc_old\n0,2.5,10,0.8\n1,1.5,78.5,90\n")
    assert log.table.columns.tolist() == [
        "line", "epoch", "train_loss", "val_accuracy", "val_accuracy_old", "nonfinite"
    ]  # fmt: skip
    assert log.table.val_accuracy.tolist() == [0.1, 0.785]
    assert log.table.val_accuracy_old.tolist() == [0.008, 0.9]
    assert log.notices == ()


def test_fractions_stay(tmp_path):
    assert _read(tmp_path, "epoch;val_acc\n1;0,785\n").table.val_accuracy.tolist() == [0.785]


def test_json_lines_with_sides_and_nested_values(tmp_path):
    lines = [
        {"phase": "train", "epoch": 0, "loss": 1.0, "accuracy": 0.5},
        {"phase": "val", "epoch": 0, "loss": 2.0, "accuracy": 0.4},
        {"epoch": 1, "train": {"loss": 0.5}, "val": {"loss": float("nan")}},
    ]
    table = _read(tmp_path, "\n".join(json.dumps(line) for line in lines), "log.jsonl").table
    np.testing.assert_array_equal(table.train_loss, [1.0, np.nan, 0.5])
    np.testing.assert_array_equal(table.val_accuracy, [np.nan, 0.4, np.nan])
    assert table.nonfinite.tolist() == [0, 0, 1]


def test_histories_in_one_object(tmp_path):
    history = json.dumps({"loss": [2, 1], "val_loss": [3, 2.5], "val_accuracy": [0.1, 0.2]})
    assert _read(tmp_path, history, "h.json").table.train_loss.tolist() == [2, 1]
    state = json.dumps({"best": 1, "log_history": [{"step": 10, "eval_accuracy": 0.3}]})
    assert _read(tmp_path, state, "s.json").table.val_accuracy.tolist() == [0.3]


def test_broken_lines_are_notices_with_line_and_reason(tmp_path):
    log = _read(tmp_path, "epoch,loss,val_loss\n1,2\n2,oops,1\nepoch,loss,val_loss\n3,1,1\n")
    assert len(log.table) == 2
    assert "line 2: 2 values where the header has 3 columns" in log.notices[0]
    assert "line 3: loss is 'oops', no number" in log.notices[0]
    assert "line 2: no JSON" in _read(tmp_path, '{"epoch": 1}\n{oops\n', "l.jsonl").notices[0]


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n", "[]", "# nothing", "{}", "plain words\nand more"])
def test_logs_without_numbers_are_notices(tmp_path, text):
    log = _read(tmp_path, text)
    assert len(log.table) == 0
    assert "no row of numbers" in log.notices[-1]


def test_what_is_no_file_or_no_text_is_a_notice(tmp_path):
    assert "does not exist" in read_training_log(tmp_path / "none.csv").notices[0]
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in read_training_log(tmp_path / "bytes.csv").notices[0]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_no_text_raises(tmp_path_factory, text):
    file = tmp_path_factory.mktemp("logs") / "log"
    file.write_text(text, "utf-8", errors="ignore")
    log = read_training_log(file)
    assert len(log.table) or log.notices
