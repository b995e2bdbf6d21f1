"""The built-in example: an expansion from seven to ten classes that went wrong, with every planted fault written down.

A model knows seven handwritten digits. Three more are merged in and the class list is sorted again; the old head rows
are copied by *position*, so they now stand at other digits' places; the new rows get biases that are far too high. In
the validation set 4 % of the labels are wrong, and one group of scans, named nowhere, came out inverted.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch

from analysis.arrays import BoolArray, IntArray
from analysis.demo import network
from analysis.demo.pictures import NAMES, SIZE, Digits, flip_labels, handwritten_digits, invert_scans, write_pictures
from analysis.demo.training import expand, train_old

OLD_DIGITS = (0, 1, 2, 3, 4, 5, 6)
INVESTIGATION = "investigation.toml"
DESCRIPTION = "planted.json"

State: TypeAlias = Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is planted: flags and shares of the validation pictures; `new_bias` in logits."""

    rows_by_position: bool = True
    new_bias: float = 14.0
    flipped_labels: float = 0.04
    inverted_scans: float = 0.08


HEALTHY = Faults(rows_by_position=False, new_bias=0.0, flipped_labels=0.0, inverted_scans=0.0)


def build_demo(folder: Path, *, faults: Faults | None = None, seed: int = 0) -> Path:
    """Write pictures, class lists, checkpoints and ``investigation.toml``; deterministic for a seed.

    Args:
        folder: Where to put them; made where it is missing.
        faults: What to plant; default: the whole story.
        seed: Of the split, the training and the planting.

    Returns:
        The path of ``investigation.toml``.
    """
    faults = faults or Faults()
    folder.mkdir(parents=True, exist_ok=True)
    digits = handwritten_digits(seed)
    old = sorted(NAMES[digit] for digit in OLD_DIGITS)
    new = sorted(set(NAMES) - set(old))
    names = sorted(NAMES)
    rows = old + new  # the order in which the rows were trained: old ones first
    before, after = _train(digits, old, rows, seed)
    after = _spoil_head(
        after, len(old), [rows.index(name) for name in (rows if faults.rows_by_position else names)], faults
    )
    torch.save({"epoch": 6, "state_dict": before}, folder / "old.pth")
    torch.save({"epoch": 12, "state_dict": after}, folder / "expanded.pth")
    label, flipped, inverted, files = _write_validation(folder, digits, faults, seed)
    (folder / "classes.json").write_text(json.dumps(names, indent=1), "utf-8")
    (folder / "old_classes.json").write_text(json.dumps(old, indent=1), "utf-8")
    shutil.copyfile(network.__file__, folder / "network.py")
    title = "ten handwritten digits, nothing planted" if faults == HEALTHY else "seven handwritten digits became ten"
    (folder / INVESTIGATION).write_text(f'title = "Demo: {title}"\n{_TOML}', "utf-8")
    described = {
        "planted": asdict(faults),
        "column_to_class": dict(zip(names, rows, strict=True)) if faults.rows_by_position else {},
        "true_names": {files[i]: NAMES[label[i]] for i in np.flatnonzero(flipped)},
        "inverted_scans": [files[i] for i in np.flatnonzero(inverted)],
        "expected": _expected(faults),
    }
    (folder / DESCRIPTION).write_text(json.dumps(described, indent=1), "utf-8")
    return folder / INVESTIGATION


def _expected(faults: Faults) -> list[str]:
    planted = {
        "index_map_scrambled": faults.rows_by_position,
        "logit_group_bias": faults.new_bias != 0,
        "label_errors": faults.flipped_labels > 0,
        "failure_cluster": faults.inverted_scans > 0,
    }
    return [hypothesis for hypothesis, present in planted.items() if present]


def _train(digits: Digits, old: list[str], rows: list[str], seed: int) -> tuple[State, State]:
    """Train the old model, then the expanded one whose head has the order of `rows`; return both state dicts."""
    train = ~digits.is_validation
    column = np.array([rows.index(name) for name in NAMES])[digits.digit]
    known = train & (column < len(old))
    before = train_old(digits.pixels[known], column[known], len(old), epochs=6, seed=seed)
    after = expand(before, digits.pixels[train], column[train], len(rows), epochs=12, seed=seed)
    return before.state_dict(), after.state_dict()


def _spoil_head(state: State, old: int, order: list[int], faults: Faults) -> State:
    """Raise the biases of the rows after the first `old` ones, then put row order[j] at place j."""
    weight, bias = list(state)[-2:]
    raised = state[bias].clone()
    raised[old:] += faults.new_bias
    return {**state, weight: state[weight][order], bias: raised[order]}


def _write_validation(
    folder: Path, digits: Digits, faults: Faults, seed: int
) -> tuple[IntArray, BoolArray, BoolArray, list[str]]:
    """Write pictures and manifest; return true digit (N,), flipped (N,), inverted (N,) and the file names."""
    rng = np.random.default_rng(seed + 1)
    label = digits.digit[digits.is_validation]
    pixels, inverted = invert_scans(digits.pixels[digits.is_validation], faults.inverted_scans, rng)
    written, flipped = flip_labels(label, faults.flipped_labels, rng)
    files = write_pictures(folder / "validation", pixels)
    lines = [f"{name},{NAMES[digit]}" for name, digit in zip(files, written, strict=True)]
    (folder / "validation.csv").write_text("\n".join(["filepath,label", *lines]) + "\n", "utf-8")
    return label, flipped, inverted, files


_TOML = f"""
[model]
checkpoint = "expanded.pth"
architecture = "network.py:digits_cnn"

[classes]
names = "classes.json"
old = "old_classes.json"

[data]
validation = "validation.csv"
root = "validation"

[preprocessing]
input_size = {SIZE}
resize = "none"
mean = [0.0]
std = [1.0]
channels = "gray"

[baseline]
checkpoint = "old.pth"
classes = "old_classes.json"
"""
