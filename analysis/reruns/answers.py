"""What the network answered for some samples under one variant.

Letters: m samples, K stored candidates, D embedding dimensions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.arrays import AnyArray, FloatArray, IntArray
from analysis.runs.atomic import write_arrays
from analysis.runs.run import Run

KEPT = ("correct", "loss", "confidence", "entropy")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Answers for m samples.

    Attributes:
        rows: (m,) int64 sample_id, ascending.
        index: (m, K) int32 columns, −1 = padding. logit: (m, K) float32. logsumexp: (m,).
        embeddings: (m, D) float16 or None.
        facts: (m,) each: correct (bool), loss (nats), confidence (0..1), entropy (nats).
    """

    rows: IntArray
    index: IntArray
    logit: FloatArray
    logsumexp: FloatArray
    embeddings: FloatArray | None
    facts: Mapping[str, AnyArray]

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of_run(cls, run: Run, rows: IntArray) -> "Answers":
        """Answers the main pass got."""
        index, logit = run.topk()
        return cls(
            rows=rows,
            index=index[rows],
            logit=logit[rows],
            logsumexp=run.column("logsumexp")[rows],
            embeddings=None if run.embeddings is None else np.asarray(run.embeddings[rows]),
            facts={name: run.column(name)[rows] for name in KEPT},
        )

    @classmethod
    def of_records(cls, records: Mapping[str, AnyArray], embeddings: FloatArray | None) -> "Answers":
        """Answers from a record reducer whose positions were sample_ids; `embeddings` in ascending order of them."""
        return cls(
            rows=records["position"],
            index=records["topk_index"],
            logit=records["topk_logit"],
            logsumexp=records["logsumexp"],
            embeddings=embeddings,
            facts={name: records[name] for name in KEPT},
        )

    def at(self, rows: IntArray) -> "Answers":
        """Those of some of the samples, (k,) ascending sample_ids."""
        place = np.searchsorted(self.rows, rows)
        return self._mapped(lambda values: values[place])

    def with_more(self, other: "Answers") -> "Answers":
        """These and those of other samples."""
        order = np.argsort(np.concatenate([self.rows, other.rows]), kind="stable")
        width = max(self.index.shape[1], other.index.shape[1])
        first, second = self._padded(width), other._padded(width)
        both = None
        if self.embeddings is not None and other.embeddings is not None:
            both = np.concatenate([self.embeddings, other.embeddings])[order]
        return Answers(
            rows=np.concatenate([self.rows, other.rows])[order],
            index=np.concatenate([first[0], second[0]])[order],
            logit=np.concatenate([first[1], second[1]])[order],
            logsumexp=np.concatenate([self.logsumexp, other.logsumexp])[order],
            embeddings=both,
            facts={name: np.concatenate([self.facts[name], other.facts[name]])[order] for name in KEPT},
        )

    def replaced_by(self, other: "Answers") -> "Answers":
        """These, with the other's answers for the other's samples."""
        rest = self.rows[~np.isin(self.rows, other.rows, assume_unique=True)]
        return self.at(rest).with_more(other)

    def write(self, file: Path) -> None:
        """Keep them in a file, as `runs.reruns` reads it."""
        arrays: dict[str, AnyArray] = {
            "rows": self.rows.astype(np.int64),
            "index": self.index,
            "logit": self.logit,
            "logsumexp": self.logsumexp,
            **self.facts,
        }
        if self.embeddings is not None:
            arrays["embeddings"] = self.embeddings
        write_arrays(file, arrays)

    @classmethod
    def read(cls, file: Path) -> "Answers":
        """What `write` kept."""
        with np.load(file, allow_pickle=False) as kept:
            return cls(
                rows=kept["rows"],
                index=kept["index"],
                logit=kept["logit"],
                logsumexp=kept["logsumexp"],
                embeddings=kept["embeddings"] if "embeddings" in kept.files else None,
                facts={name: kept[name] for name in KEPT},
            )

    def _mapped(self, pick: Callable[[AnyArray], AnyArray]) -> "Answers":
        return Answers(
            rows=pick(self.rows),
            index=pick(self.index),
            logit=pick(self.logit),
            logsumexp=pick(self.logsumexp),
            embeddings=None if self.embeddings is None else pick(self.embeddings),
            facts={name: pick(values) for name, values in self.facts.items()},
        )

    def _padded(self, width: int) -> tuple[IntArray, FloatArray]:
        more = ((0, 0), (0, width - self.index.shape[1]))
        return np.pad(self.index, more, constant_values=-1), np.pad(self.logit, more, constant_values=-np.inf)
