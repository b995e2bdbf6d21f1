"""A healthy model with its data: what faults are planted in.

Letters: N pictures, C classes, D dimensions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from analysis.arrays import AnyArray, FloatArray, IntArray
from tests.benchmarks.planted_faults.training import State


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """A model that knows old and new classes, the model from before, and pictures.

    Attributes:
        name: digits | strings | photographs.
        names: C class names, sorted. old: those known before, sorted.
        val_pixels: (N, H, W) or (N, H, W, 3) uint8. val_label: (N,) index into `names`.
        train_pixels: likewise, as many as the heads are fitted on. train_label: (N',).
        preprocessing: keys of [preprocessing] that are right for it.
        architecture: as in [model]; factory: the file it names, or None.
        build: the network, given the number of outputs.
        state: of the model for all classes, rows in the order of `names`. old_state: of the model for `old`.
        head: names of the head's weight and bias.
        inputs: pixels to the network's input.
        penalty: of heads fitted anew; the more classes, the less.
    """

    name: str
    names: tuple[str, ...]
    old: tuple[str, ...]
    val_pixels: AnyArray
    val_label: IntArray
    train_pixels: AnyArray
    train_label: IntArray
    preprocessing: Mapping[str, Any]
    architecture: str
    factory: Path | None
    build: Callable[[int], nn.Module]
    state: State
    old_state: State
    head: tuple[str, str]
    inputs: Callable[[AnyArray], torch.Tensor]
    penalty: float
    kept: dict[str, AnyArray] = field(default_factory=dict)

    @property
    def is_old(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """(C,) True where the class was known before."""
        return np.isin(self.names, self.old)

    def train_embeddings(self) -> FloatArray:
        """(N', D) input of the head, of the training pictures."""
        if "train" not in self.kept:
            self.kept["train"] = self.embed(self.train_pixels)
        return self.kept["train"]

    def embed(self, pixels: AnyArray) -> FloatArray:
        """(n, D) float32 input of the head."""
        network = self.build(len(self.names))
        network.load_state_dict(self.state)
        network.eval()
        parent = network.get_submodule(self.head[0].rpartition(".")[0].rpartition(".")[0])
        setattr(parent, self.head[0].rpartition(".")[0].rpartition(".")[2], nn.Identity())
        with torch.inference_mode():
            blocks = [network(self.inputs(pixels[at : at + 100])).numpy() for at in range(0, len(pixels), 100)]
        return np.concatenate(blocks)
