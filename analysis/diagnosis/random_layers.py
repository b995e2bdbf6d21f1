"""Layers of the network that hold random numbers, by what is known of their weights."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.runs.run import Run

_DEVIATIONS = 5.0  # a cosine within so many 1/√numel of 0 is an accident
_OF_THE_FAMILY = 0.1  # of the compared tensors: else the baseline is another network


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Weights outside the head that are large enough to say something, in the network's order.

    Attributes:
        table: name, position, numel, status, cosine, change, init_law, and `random`: holds random numbers.
        compared: how many the baseline has in the same shape. kin: how many of them are its own.
        fresh: how many follow a law of initialisation.
    """

    table: pd.DataFrame
    compared: int
    kin: int
    fresh: int

    @property
    def random(self) -> pd.DataFrame:
        """Rows of the layers that hold random numbers."""
        return self.table[self.table["random"]]

    @property
    def is_family(self) -> bool:
        """Does the model come from this baseline?"""
        return self.compared > 0 and self.kin >= max(1, _OF_THE_FAMILY * self.compared)


def layers_of(run: Run) -> Layers:
    """Compare what ``weights.parquet`` says of each layer; auxiliary heads, which nobody asks, are left out."""
    weights = run.weights
    assert weights is not None
    by_hand = weights["name"].str.split(".").map(lambda parts: any(part.lower().startswith("aux") for part in parts))
    table = weights[weights["decisive"] & ~weights["is_head"] & (weights["kind"] == "weight") & ~by_hand]
    compared = table["status"].isin(["identical", "related", "unrelated"])
    kin = table["status"].isin(["identical", "related"])
    is_family = int(kin.sum()) >= max(1, _OF_THE_FAMILY * int(compared.sum()))
    no_accident = table["cosine"].abs() >= _DEVIATIONS / np.sqrt(table["numel"])
    foreign = (table["status"] == "unrelated").fillna(False) & ~no_accident & is_family
    fresh = table["init_law"].notna() & ~kin.fillna(False)
    shown = table[["name", "position", "numel", "status", "cosine", "change", "init_law"]].copy()
    shown["random"] = (foreign | fresh).astype(bool)
    return Layers(table=shown, compared=int(compared.sum()), kin=int(kin.sum()), fresh=int(fresh.sum()))


def has_random_layers(run: Run) -> bool:
    """Is there a layer that was never loaded? Then no verdict on features or head means anything."""
    return run.weights is not None and len(layers_of(run).random) > 0
