"""What people said of the samples they looked at: counts, shares with intervals, and how right a finding was."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from analysis.expressions.columns import Texts
from analysis.reports.per_class import wilson

TAGS = ("wrong label", "bad picture", "model error", "ambiguous", "duplicate")
CONFIRMS = {  # finding that points at samples → the tag that says it is right about one
    "label_errors": "wrong label",
    "conflicting_duplicates": "duplicate",
    "train_val_leakage": "duplicate",
    "corrupt_images": "bad picture",
}


def tag_column(tags: Mapping[int, str], n: int) -> Texts:
    """The tags of some of n samples as filter expressions compare them: ``triage = "wrong label"``."""
    words = [*TAGS, *sorted(set(tags.values()) - set(TAGS))]
    place = {word: code for code, word in enumerate(words)}
    code = np.full(n, -1, dtype=np.int32)
    for sample, tag in tags.items():
        code[sample] = place[tag]
    return Texts(code, pa.array(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of the samples that were looked at got one tag.

    Attributes:
        tag: One of `TAGS`.
        count: Samples with it. looked_at: Samples with any tag.
        share, low, high: 0..1, with the 95 % Wilson interval; NaN where nothing was looked at.
    """

    tag: str
    count: int
    looked_at: int
    share: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of the interval's width, 0..0.5."""
        return (self.high - self.low) / 2


def shares(tags: Collection[str]) -> tuple[Share, ...]:
    """One share a tag, in the order of `TAGS`.

    Args:
        tags: The tag of every sample that was looked at; others than `TAGS` count as looked at.

    Source:
        Wilson 1927, doi 10.1080/01621459.1927.10502953.
    """
    listed = list(tags)
    return tuple(_share(tag, listed.count(tag), len(listed)) for tag in TAGS)


def audit(flagged: Collection[int], tags: Mapping[int, str], confirms: str) -> Share:
    """How often a finding was right about the samples it points at, judged by those people looked at.

    The worst are usually looked at first, so this is the precision of what was looked at, not of all that is flagged.

    Args:
        flagged: sample_ids that the finding points at.
        tags: The tag of each sample_id that was looked at.
        confirms: The tag that says that the finding is right.
    """
    found = [tags[sample] for sample in set(flagged) & tags.keys()]
    return _share(confirms, found.count(confirms), len(found))


def _share(tag: str, count: int, looked_at: int) -> Share:
    low, high = wilson(np.array([count]), np.array([looked_at]))
    share = count / looked_at if looked_at else float("nan")
    return Share(tag=tag, count=count, looked_at=looked_at, share=share, low=float(low[0]), high=float(high[0]))
