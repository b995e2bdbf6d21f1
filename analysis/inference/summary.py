"""What the streaming pass did, and the file that remembers it for `--resume`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from analysis.errors import RunError
from analysis.inference.plan import Plan
from analysis.runs import layout
from analysis.runs.atomic import write_json
from analysis.runs.writer import RunWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceSummary:
    """Counts and settings of a finished pass, for ``run.json``.

    Attributes:
        samples: N, rows of ``samples.parquet``.
        problems: Rows of ``problems.parquet``.
        labels_not_in_list: Those of them whose label is no class name.
        labels_beyond_head: Samples whose label is in the class list but has no output.
        nonfinite_samples: Samples with a logit that is NaN or infinite.
        outputs: C, outputs of the network.
        embedding_dims: D, or None without embeddings.
        seconds: Spent on the shards, those of an interrupted run included.
        batch_size: Pictures at once, at the end.
        precision: fp32 | bf16 | fp16.
        device: cpu | cuda:0 | mps | …
        workers: Decoding processes; 0: none.
        metadata_columns: Names of the manifest's other columns in ``samples.parquet``.
        digests: Of checkpoint, data, classes and preprocessing.
        notices: What a person should know.
    """

    samples: int
    problems: int
    labels_not_in_list: int
    labels_beyond_head: int
    nonfinite_samples: int
    outputs: int
    embedding_dims: int | None
    seconds: float
    batch_size: int
    precision: str
    device: str
    workers: int
    metadata_columns: tuple[str, ...]
    digests: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def write_memory(out: RunWriter, plan: Plan, summary: InferenceSummary | None) -> None:
    """Keep the plan, and the summary once everything is written."""
    kept: dict[str, Any] = {"plan": asdict(plan), "summary": None if summary is None else asdict(summary)}
    write_json(out.path / layout.INFERENCE, kept)


def read_memory(out: RunWriter) -> tuple[Plan, InferenceSummary | None] | None:
    """What `write_memory` kept, or None where no pass was begun.

    Raises:
        RunError: The file cannot be understood.
    """
    path = out.path / layout.INFERENCE
    if not path.is_file():
        return None
    try:
        kept = json.loads(path.read_text("utf-8"))
        plan = Plan(**kept["plan"])
        return plan, None if kept["summary"] is None else _summary(kept["summary"])
    except (ValueError, TypeError, KeyError) as error:
        raise RunError(f"{path} is damaged or of another version ({error}). Start anew in an empty folder.") from error


def _summary(kept: dict[str, Any]) -> InferenceSummary:
    lists = {name: tuple(kept[name]) for name in ("metadata_columns", "notices")}
    return InferenceSummary(**{**kept, **lists})
