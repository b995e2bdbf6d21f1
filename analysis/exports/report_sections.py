"""The parts of the report; every text of a run goes through `escape`."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import BoolArray, IntArray
from analysis.exports.pictures import data_url
from analysis.exports.report_tables import html_table
from analysis.reports.confusions import confused_pairs
from analysis.reports.high_loss import worst_samples
from analysis.runs.run import Run

CLUSTERS = 8
PICTURES = 10
CLASSES = 50
PAIRS = 20


def verdict(findings: Mapping[str, Any]) -> str:
    """The first sentence a person reads, in plain text."""
    leading = next((f for f in findings["findings"] if f["id"] == findings["leading"]), None)
    if leading is None or leading["id"] == "no_fault":
        return "No fault found: no cause that was tested would give accuracy back if it were undone."
    sentence = f"Main cause: {leading['title']}."
    overall, fixed = findings["accuracy"].get("overall"), leading.get("accuracy_if_fixed")
    if overall is None or fixed is None:
        return sentence
    would = "at most" if leading["lane"] == "bound" else ""
    sentence += f" {100 * overall:.1f} % right now, {would}{' ' * bool(would)}{100 * fixed:.1f} % if this were undone"
    low, high = leading.get("gain_low"), leading.get("gain_high")
    if would or low is None or high is None:
        return f"{sentence}."
    return f"{sentence} (gain {100 * low:+.1f} to {100 * high:+.1f} points, 95 % interval)."


def made(run: Run) -> str:
    """When the run was made, to the minute."""
    return f"{escape(str(run.meta.get('created') or '')[:16].replace('T', ' '))} UTC"


def origin(run: Run) -> str:
    """What was looked at, so that a printed page can be told from another."""
    spec, counts = run.meta.get("spec") or {}, run.meta.get("counts") or {}
    facts = {
        "Checkpoint": _name((spec.get("model") or {}).get("checkpoint")),
        "Architecture": _name((spec.get("model") or {}).get("architecture")),
        "Validation set": _name((spec.get("data") or {}).get("validation")),
        "Samples": f"{counts['samples']:,}" if counts.get("samples") else None,
        "Could not be used": f"{counts['problems']:,}" if counts.get("problems") else None,
    }
    said = [f"{name}: {escape(str(value))}" for name, value in facts.items() if value]
    return "<br>".join([*said, "Made by Faultline. Pictures stand in this file; nothing is loaded from a network."])


def _name(text: object) -> str:
    """A file without the folders of this machine: who gets the report has others. What is no path stays as it is."""
    return PurePath(str(text)).name if str(text or "").startswith("/") else str(text or "")


def accuracy(block: Mapping[str, Any]) -> str:
    """Tiles: overall, old and new classes, chance."""
    tiles = []
    for key, words, count in (
        ("overall", "accuracy", "n"), ("old", "on old classes", "n_old"), ("new", "on new classes", "n_new"),
        ("baseline_old", "on old classes, before", None), ("chance", "by chance", None),
    ):  # fmt: skip
        if block.get(key) is None:
            continue
        n = block.get(count) if count else None
        below = f'<span class="soft">{n:,} samples</span>' if n is not None else ""
        figure = f"{100 * block[key]:.3g} %" if key == "chance" else f"{100 * block[key]:.1f} %"
        tiles.append(f'<div class="tile {key}">{words}<b>{figure}</b>{below}</div>')
    return f'<div class="tiles">{"".join(tiles)}</div>'


def clusters(run: Run) -> str:
    """The clusters that fail more than their classes explain, the most errors in excess first, with pictures."""
    if run.clusters.empty:
        return '<p class="soft">This run has no clusters.</p>'
    correct, prediction = judged(run)
    failing = run.clusters[run.clusters["excess_low"] > 0].sort_values("excess_low", ascending=False, kind="stable")
    if failing.empty:
        return '<p class="soft">No group fails more often than its classes do elsewhere.</p>'
    return "".join(_cluster(run, row, correct, prediction) for row in failing.head(CLUSTERS).to_dict("records"))


def _cluster(run: Run, row: Mapping[Any, Any], correct: BoolArray, prediction: IntArray) -> str:
    inside = run.column("cluster") == row["cluster"]
    shown = worst_samples(run.column("loss"), correct, PICTURES, inside)
    return (
        f"<h3>{escape(str(row['name']))}</h3>"
        f'<p class="soft">Cluster {int(row["cluster"])}: {int(row["errors"]):,} of {int(row["size"]):,} wrong, '
        f"{row['expected_errors']:.1f} expected.</p>{strip(run, shown, prediction)}"
    )


def judged(run: Run) -> tuple[BoolArray, IntArray]:
    """Correctness (N,) and predicted class (N,) after the supported repairs where the diagnosis made them."""
    repaired = run.column("prediction_repaired_index")
    if len(repaired) and (repaired >= 0).all():
        return run.column("correct_repaired"), repaired
    return run.column("correct"), run.column("prediction_index")


def strip(run: Run, sample_ids: Iterable[int], prediction: IntArray) -> str:
    """Pictures with label and prediction below."""
    return f'<div class="strip">{"".join(_picture(run, int(i), int(prediction[i])) for i in sample_ids)}</div>'


def _picture(run: Run, sample_id: int, predicted: int) -> str:
    url = data_url(run, sample_id)
    image = f'<img alt="sample {sample_id}" src="{url}">' if url else '<div class="blank">no picture</div>'
    label = escape(str(run.column("label")[sample_id]))
    taken = escape(run.class_names[predicted]) if 0 <= predicted < len(run.class_names) else "none"
    return f'<figure>{image}<figcaption>{label}<br><span class="wrong">→ {taken}</span></figcaption></figure>'


def classes(table: pd.DataFrame) -> str:
    """The classes that are most surely bad: lowest upper bound of the recall first."""
    if table.empty:
        return '<p class="soft">The table of classes has not been made yet.</p>'
    known = table[table["support"] > 0].sort_values(["recall_high", "class_index"], kind="stable").head(CLASSES)
    rows = [
        (
            escape(str(row["name"])), _group(row["group"]), f"{row['support']:,}", _percent(row["recall"]),
            f"{_percent(row['recall_low'])} – {_percent(row['recall_high'])}", _percent(row["precision"]),
        )
        for row in known.to_dict("records")
    ]  # fmt: skip
    return html_table(("class", "group", "samples", "recall", "95 % interval", "precision"), rows, numbers=2)


def _group(group: object) -> str:
    return f'<span class="{group}">{group}</span>' if group in ("old", "new") else ""


def pairs(run: Run) -> str:
    """The most frequent confusions."""
    if run.confusions.empty:
        return '<p class="soft">There are no confusions.</p>'
    names = run.class_names
    worst = confused_pairs(run.confusions, PAIRS)
    rows = [
        (escape(names[int(label)]), escape(names[int(prediction)]), f"{int(count):,}", _percent(share))
        for label, prediction, count, share in worst.to_numpy().tolist()
    ]
    return html_table(("label", "prediction", "samples", "of this label"), rows, numbers=2)


def _percent(value: Any) -> str:
    return f"{100 * value:.1f} %" if value is not None and np.isfinite(value) else "–"
