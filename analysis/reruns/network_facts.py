"""What is known of a network before any search: does it repeat itself, and do its BatchNorm statistics fit?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from analysis.arrays import IntArray
from analysis.errors import AnalysisError
from analysis.inference.moving import move
from analysis.reruns.batch_norm_statistics import distances, estimate
from analysis.reruns.forced_evaluation import without_randomness
from analysis.reruns.probes import NOISE, Probes, probe_network, without_pictures
from analysis.reruns.subject import Subject
from analysis.reruns.variant import Variant
from analysis.runs import layout
from analysis.runs.atomic import write_json, write_table
from analysis.runs.run import Run

BATCH = 64
FEWEST_IN_BATCH = 16
PROFILED, ESTIMATED = (64, 256), (256, 512)  # pictures: at least, at most
MEAN_FAR, VAR_FAR = 1.0, 1.0  # of any layer but the first; healthy ones lie below 0.1 and 0.75
MEAN_FAR_MEDIAN, VAR_FAR_MEDIAN = 0.3, 0.4  # of the median layer; healthy ones lie below 0.01 and 0.25
TIES, FLIPS, FEWEST_FLIPS = 0.01, 0.01, 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkFacts:
    """Probes and the BatchNorm profile of the run as it was.

    Attributes:
        probes: of repeated passes.
        profile: one row a BatchNorm layer; see `distances`. Empty without such layers.
        nonfinite_weights: how many weights are NaN or infinite.
    """

    probes: Probes
    profile: pd.DataFrame
    nonfinite_weights: int = 0

    @property
    def statistics_are_far(self) -> bool:
        """True where BatchNorm's statistics do not fit the pictures beyond the first layer.

        Every layer is looked at with those before it normalised by the batch, so pictures that are prepared otherwise
        than in training show in the first layer alone.
        """
        later = self.profile.iloc[1:] if len(self.profile) > 1 else self.profile
        mean, var = later["mean_distance"], later["var_distance"]
        far = (mean > MEAN_FAR).any() or (var > VAR_FAR).any()
        mostly = mean.median() > MEAN_FAR_MEDIAN or var.median() > VAR_FAR_MEDIAN
        return bool(self.statistics_are_useless or far or mostly)

    @property
    def statistics_are_useless(self) -> bool:
        """True where a layer's statistics were never trained, or are no numbers."""
        return bool((self.profile["untouched"] | (self.profile["nonfinite"] > 0)).any())

    @property
    def is_coarse(self) -> bool:
        """True where the number format may have changed answers."""
        probes = self.probes
        if probes.draws or probes.mixes:
            return False
        seen = probes.tie_rate >= TIES or self.flips or self.was_half
        return seen or (probes.nonfinite > 0 and not self.nonfinite_weights)

    @property
    def flips(self) -> bool:
        """True where float32 gives other answers, to more than a single picture."""
        share = self.probes.fp32_flips or 0.0
        return share >= FLIPS and share * self.probes.pictures >= FEWEST_FLIPS

    @property
    def was_half(self) -> bool:
        """True where nearly all logits are numbers that a half format holds exactly."""
        return max(self.probes.bf16_exact, self.probes.fp16_exact) > 0.99


def look_at_network(run: Run, subject: Subject) -> NetworkFacts:
    """Probe the network and write ``probes.json`` and ``batch_norm.parquet``; a few hundred pictures.

    Args:
        run: Inference is complete.
        subject: Its model and pictures.
    """
    try:
        probes = probe_network(run, subject)
    except (AnalysisError, RuntimeError, ValueError) as error:
        probes = without_pictures(run, subject.precision, " ".join(str(error).split())[:200])
    profile = _profile(subject)
    write_json(run.path / layout.RERUN_PROBES, probes.as_dict() | {"noise": NOISE})
    write_table(run.path / layout.RERUN_BATCH_NORM, profile)
    weights = sum(subject.model.nonfinite.values())
    return NetworkFacts(probes=probes, profile=profile, nonfinite_weights=weights)


def shuffled(subject: Subject, variant: Variant, pictures: int) -> Iterator[torch.Tensor]:
    """Inputs of randomly chosen pictures in batches that are large enough for statistics, labels unseen.

    Args:
        subject: Model and pictures.
        variant: How they are prepared.
        pictures: How many, at most.
    """
    size = subject.model.batch_size or BATCH
    rows = chosen(len(subject), pictures, subject.seed)
    if size < FEWEST_IN_BATCH or len(rows) < FEWEST_IN_BATCH:
        return
    whole = len(rows) - len(rows) % size if len(rows) % size < FEWEST_IN_BATCH and len(rows) > size else len(rows)
    whole = whole - whole % size if subject.model.batch_size else whole
    yield from replace(subject, batch_size=size).inputs(rows[:whole], variant.preprocessing)


def chosen(samples: int, pictures: int, seed: int) -> IntArray:
    """Random sample_ids, the same for the same run."""
    return np.asarray(np.random.default_rng([seed, 5]).permutation(samples)[:pictures], dtype=np.int64)


def within(samples: int, limits: tuple[int, int]) -> int:
    """A tenth of the samples, within limits."""
    return int(np.clip(samples // 10, *limits))


def _profile(subject: Subject) -> pd.DataFrame:
    base = Variant(id="", axis="", base="", label="", preprocessing=subject.preprocessing)
    module = subject.model.module
    move(module, subject.device)
    try:
        with without_randomness(module) as network:
            return distances(estimate(network, shuffled(subject, base, within(len(subject), PROFILED))))
    except (AnalysisError, RuntimeError, ValueError):
        return distances({})
