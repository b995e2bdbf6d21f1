"""Re-runs beside a planted run: other answers for the same samples, as the re-run stage would have kept them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import IntArray
from analysis.runs import layout
from analysis.runs.atomic import write_arrays, write_table
from analysis.runs.run import Run
from tests.planting import make_run


def pair_of_runs(tmp_path: Path, *, per_class: int = 80, noise: float = 2.0, **planted: Any) -> tuple[Run, Run]:
    """A run whose pictures say little, and the same samples when they are prepared as in training."""
    good = make_run(tmp_path / "good", per_class=per_class, thumbnails=False, **planted).run
    bad = make_run(tmp_path / "bad", per_class=per_class, noise=noise, thumbnails=False, **planted).run
    return bad, good


def plant_rerun(
    run: Run,
    answers: Run,
    *,
    axis: str,
    variant: str = "another",
    label: str = "another way",
    rows: IntArray | None = None,
    only: IntArray | None = None,
    settings: dict[str, Any] | None = None,
    embeddings: bool = False,
    **facts: Any,
) -> Run:
    """Write a variant whose answers are those of another run over the same samples.

    Args:
        run: Gets the variant, beside those it has.
        answers: Where they come from.
        axis, variant, label, settings: As in ``variants.parquet``.
        rows: The samples that were asked; None = all, so that the variant is confirmed.
        only: The samples whose answers differ from the run's own; None = all.
        embeddings: Keep those beside the answers, too.
        facts: Other columns.

    Returns:
        The run, opened again.
    """
    index, logit = (values.copy() for values in run.topk())
    logsumexp, correct = run.column("logsumexp").copy(), run.column("correct").copy()
    other = np.arange(len(run)) if only is None else only
    index[other], logit[other] = (values[other] for values in answers.topk())
    logsumexp[other], correct[other] = answers.column("logsumexp")[other], answers.column("correct")[other]
    held = np.arange(len(run)) if rows is None else rows
    arrays = {"rows": held, "index": index[held], "logit": logit[held], "logsumexp": logsumexp[held]}
    if embeddings:
        seen = np.asarray(run.embeddings).copy()
        seen[other] = np.asarray(answers.embeddings)[other]
        arrays["embeddings"] = seen[held]
    write_arrays(run.path / layout.RERUNS / f"{variant}.npz", arrays)
    row = {
        "variant": variant, "axis": axis, "base": "", "label": label, "settings": json.dumps(settings or {}),
        "file": f"{variant}.npz", "images": len(held), "is_full": rows is None, "seconds": 0.1,
        "accuracy": float(correct[held].mean()), "accuracy_base": float(run.column("correct")[held].mean()),
        "score": 0.0, "promises": False, "worth": 0.02, **facts,
    }  # fmt: skip
    file = run.path / layout.RERUN_VARIANTS
    before = pd.read_parquet(file) if file.is_file() else pd.DataFrame()
    write_table(file, pd.concat([before, pd.DataFrame([row])], ignore_index=True))
    return Run.open(run.path)


def plant_orientations(run: Run, tagged: IntArray) -> Run:
    """Say which files carry a tag "turn by 90°"."""
    table = pd.DataFrame({"sample_id": tagged, "orientation": np.full(len(tagged), 6, dtype=np.int32)})
    write_table(run.path / layout.RERUN_ORIENTATIONS, table)
    return Run.open(run.path)
