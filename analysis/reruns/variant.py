"""One change of how pictures or the network are prepared."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.arrays import IntArray
from analysis.datasets.preprocessing import Preprocessing
from analysis.inference.precision import Precision
from analysis.models.loading import LoadedModel
from analysis.reruns.conversions import Conversion

if TYPE_CHECKING:
    from analysis.reruns.subject import Subject

Alteration = Callable[["Subject"], AbstractContextManager[LoadedModel]]
"""Alters the subject's network while its context is open, hands out the model to ask, and puts everything back."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """A way to ask the same pictures again that differs from its base in one axis.

    Attributes:
        id: unique in a run, made of letters, digits, dots and dashes; "" is the run itself.
        axis: normalization | channels | geometry | exif | decoding | batch_norm | evaluation | randomness | precision
            | weight_set | old_buffers | interpolation | one_group.
        base: id of the variant it differs from.
        label: in words, such as "channels in BGR order".
        preprocessing: from file to the network's input, all of it.
        settings: what was changed, plain values; keys of `[preprocessing]` where they are such.
        conversion: from the file's pixel format to 8-bit colour.
        network: what is changed in the network before it is asked; None = nothing. It comes before BatchNorm is folded
            and the head taken off. Variants with equal `network` and `precision` share one opened network.
        precision: instead of the run's own.
        rows: (m,) the only samples whose answers can differ from the base's; None = all. The others are never asked.
        cost: of one picture, in pictures of the main pass.
        opening: what altering the network costs each time, likewise.
        worth: smallest gain of accuracy that would be more than tuning; a larger input helps healthy networks, too.
        sure: other evidence calls for it, so the best of such is asked about every sample whatever few pictures say.
    """

    id: str
    axis: str
    base: str
    label: str
    preprocessing: Preprocessing
    settings: Mapping[str, Any] = field(default_factory=dict)
    conversion: Conversion = "usual"
    network: Alteration | None = None
    precision: Precision | None = None
    rows: IntArray | None = None
    cost: float = 1.0
    opening: float = 0.0
    worth: float = 0.02
    sure: bool = False

    def digest(self, subject_digest: str) -> str:
        """16 hex digits that change when any answer could."""
        values = [subject_digest, self.id, self.axis, self.base, dict(self.settings), self.conversion, self.precision]
        text = json.dumps([*values, self.preprocessing.digest()], sort_keys=True, default=str)
        state = hashlib.blake2b(text.encode(), digest_size=8)
        if self.rows is not None:
            state.update(self.rows.astype("<i8").tobytes())
        return state.hexdigest()


def variant_id(*words: str) -> str:
    """An id made of words, fit for a file's name."""
    return re.sub(r"[^a-z0-9.]+", "-", " ".join(words).lower()).strip("-")
