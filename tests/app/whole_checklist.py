"""A checklist as long as the real one: about fifty findings with every new field filled, tables and pairs beside it."""

from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from analysis.runs import layout
from analysis.runs.run import Run
from tests.app.checklists import faulty, finding

BASELINE = ("the checkpoint from before the expansion", "Give `checkpoint` in [baseline] of investigation.toml.")
TRAIN = ("the number of training images of each class", "Give `train` in [data] of investigation.toml.")

_UNTESTED = {
    "checkpoint": ("old_rows_decayed", "old_rows_overwritten", "head_init_mismatch"),
    "backbone": ("backbone_forgetting", "frozen_bn_drift", "head_backbone_mismatch"),
    "data": ("tail_classes", "train_val_leakage"),
}
_REFUTED = {
    "checkpoint": ("checkpoint_load_partial", "ema_raw_mismatch", "head_size_mismatch"),
    "indexing": ("index_offset", "index_sort_order", "class_name_variants", "duplicate_class_columns",
                 "rows_misaligned", "group_tag_error", "metric_artifact"),
    "head": ("logit_scale_mismatch", "class_prior_bias", "new_head_untrained", "head_rows_degenerate"),
    "backbone": ("bn_stats_stale", "bn_train_mode_eval", "stochastic_inference", "precision_overflow"),
    "preprocessing": ("preproc_normalization", "preproc_channel_order", "preproc_geometry", "exif_orientation",
                      "color_mode_decode", "corrupt_images", "group_preproc_divergence"),
    "labels": ("conflicting_duplicates",),
    "data": ("val_train_prior_shift", "fine_grained_confusion", "unknown_class_inputs"),
    "shift": ("source_domain_shift", "source_shortcut", "spurious_metadata", "metadata_slice", "miscalibration"),
}  # fmt: skip
_SENTENCE = (
    "None of 12 other ways to prepare the pictures promises a gain: the best gets 59.2 % of 1,024 right, as against "
    "59.0 % of the same pictures as they were."
)


def whole() -> dict[str, Any]:
    """The faulty checklist with everything that is usually ruled out or lacks an input."""
    found = faulty()
    leading, bias = found["findings"][0], found["findings"][1]
    leading |= {"look_alikes": ["index_offset", "label_errors"], "source": "Kuhn 1955", "snippet": "order = [1, 0]\n"}
    bias |= {"look_alikes": ["logit_scale_mismatch", "old_rows_decayed"], "explained_by": None}
    entries = [*found["findings"]]
    for chapter, names in _REFUTED.items():
        entries += [finding(name, chapter=chapter, summary=_SENTENCE) for name in names]
    offset = next(entry for entry in entries if entry["id"] == "index_offset")
    offset |= {"explained_by": "index_map_scrambled", "gain_alone": 0.2}
    for chapter, names in _UNTESTED.items():
        need, how = TRAIN if chapter == "data" else BASELINE
        entries += [
            finding(name, chapter=chapter, verdict="not_testable", needs=[need], how_to_add=[how], evidence=[],
                    summary=f"Not tested: this run lacks {need}.")
            for name in names
        ]  # fmt: skip
    order = ("supported", "inconclusive", "refuted", "not_testable", "errored")
    entries.sort(key=lambda entry: order.index(entry["verdict"]))
    kept = list({entry["id"]: entry for entry in entries}.values())
    found["findings"] = [entry | {"rank": rank} for rank, entry in enumerate(kept, start=1)]
    found["accuracy"]["baseline_old"] = 0.85
    steps = ("Validation pictures are prepared otherwise than in training", "Old rows of the head only shrank",
             "The network is evaluated in training mode")  # fmt: skip
    rungs = [
        {"label": label, "accuracy": 0.72 + 0.05 * step, "id": f"step_{step}", "at_most": False}
        for step, label in enumerate(steps, start=1)
    ]
    ceiling, rest = {**found["ladder"][3], "accuracy": 0.9}, found["ladder"][4]
    found["ladder"] = [*found["ladder"][:3], *rungs, ceiling, rest]
    return found


VARIANT = "channels-rgb-87.5"


def write_proofs(path: Path) -> None:
    """Tables behind findings of a run directory, pairs behind one of them, and pictures of one variant."""
    folder = path / layout.EVIDENCE
    sweep = pd.DataFrame({"offset": [-2.0, -1.0, 0.0, 1.0], "overall": [0.4, 0.72, 0.52, 0.3], "old": 0.5, "new": 0.6})
    _write(folder / "logit_group_bias" / "sweep.parquet", sweep)
    odd = pd.DataFrame({"some_thing": ["<b>x</b>", "*y*"], "share_of_it": [0.25, 0.5]})
    _write(folder / "logit_group_bias" / "never_seen.parquet", odd)
    many = len(Run.open(path))
    pairs = pd.DataFrame({"sample_id": range(5), "other": [many - 1 - i for i in range(5)], "score": 1.0})
    _write(folder / "failure_cluster.parquet", pairs)
    variants = pd.DataFrame(
        {"variant": [VARIANT, "../odd"], "label": ["channels in <i>RGB</i> order", "odd"], "accuracy": [0.8, 0.1],
         "accuracy_base": 0.5, "images": [200, 12], "is_full": [True, False]}
    )  # fmt: skip
    _write(folder / "preproc_channel_order" / "variants.parquet", variants)
    pictures = path / layout.RERUN_PICTURES
    pictures.mkdir(parents=True)
    for name in ("run", VARIANT):
        for sample in (3, 7):
            Image.new("RGB", (8, 8), "teal").save(pictures / f"{name}-{sample}.png")
    (pictures / "not a picture.png").write_text("x", "utf-8")


def _write(file: Path, table: pd.DataFrame) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(file)
