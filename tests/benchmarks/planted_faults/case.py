"""One investigation to be spoiled: starts as the healthy model with its own data, is changed by plants, is written out.

Letters: N validation pictures, C classes, D dimensions.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image

from analysis.arrays import AnyArray, BoolArray, IntArray
from tests.benchmarks.planted_faults.base import Base
from tests.benchmarks.planted_faults.training import State


@dataclass(slots=True, kw_only=True, eq=False)
class Case:
    """What one run gets to see. Plants change it in place.

    Attributes:
        base: where it comes from; stays as it is.
        rng: of everything random.
        folder: where it is written.
        state: weights of the model in question. names: its class list. old: the old list, or None.
        pixels: (N, …) uint8. rows: (N,) which of the base's samples they are.
        true: (N,) index into the base's names. label: (N,) text, as the manifest says.
        preprocessing: of the investigation. inference: likewise.
        baseline: weights of the old model, or None to leave it out.
        weight_sets: what the checkpoint holds besides `state`, by name. weights: which one is asked for.
        metadata: columns of the manifest. train: rows of the training manifest, or None. log: rows of the log, or None.
        architecture: as in [model]. factory_text: instead of the base's factory file.
        finish: called with the folder when everything is written.
        pointed_at: (N,) samples that a detector should list, or None.
        truth: accuracy with the fault undone; None = the healthy model's on the same samples.
        also_right: ids that are as right as the plant's own, because this very case can be undone that way as well.
    """

    base: Base
    rng: np.random.Generator
    folder: Path
    state: State
    names: list[str]
    old: list[str] | None
    pixels: AnyArray
    rows: IntArray
    true: IntArray
    label: list[str]
    preprocessing: dict[str, Any]
    inference: dict[str, Any] = field(default_factory=dict)
    baseline: State | None = None
    weight_sets: dict[str, State] = field(default_factory=dict)
    weights: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    train: pd.DataFrame | None = None
    log: pd.DataFrame | None = None
    architecture: str = ""
    factory_text: str | None = None
    finish: list[Callable[[Path], None]] = field(default_factory=list)
    pointed_at: BoolArray | None = None
    truth: float | None = None
    has_truth: bool = True
    also_right: tuple[str, ...] = ()

    @classmethod
    def healthy(cls, base: Base, seed: int, folder: Path) -> "Case":
        """The model as it should be."""
        return cls(
            base=base,
            rng=np.random.default_rng([seed, 77]),
            folder=folder,
            state={name: tensor.clone() for name, tensor in base.state.items()},
            names=list(base.names),
            old=list(base.old),
            pixels=base.val_pixels,
            rows=np.arange(len(base.val_label)),
            true=base.val_label,
            label=[base.names[index] for index in base.val_label],
            preprocessing=dict(base.preprocessing),
            architecture=base.architecture,
        )

    @property
    def weight(self) -> torch.Tensor:
        """(C, D) head rows."""
        return self.state[self.base.head[0]]

    @weight.setter
    def weight(self, value: torch.Tensor) -> None:
        self.state[self.base.head[0]] = value.float()

    @property
    def bias(self) -> torch.Tensor:
        """(C,)."""
        return self.state[self.base.head[1]]

    @bias.setter
    def bias(self, value: torch.Tensor) -> None:
        self.state[self.base.head[1]] = value.float()

    @property
    def is_new(self) -> torch.Tensor:
        """(C,) True for classes that were added."""
        return torch.from_numpy(~self.base.is_old)

    def reorder(self, order: AnyArray) -> None:
        """Put row order[j] at place j."""
        self.weight, self.bias = self.weight[torch.as_tensor(order)], self.bias[torch.as_tensor(order)]

    def keep(self, rows: IntArray) -> None:
        """Leave only some of the samples."""
        self.pixels, self.rows, self.true = self.pixels[rows], self.rows[rows], self.true[rows]
        self.label = [self.label[row] for row in rows]
        self.metadata = {name: np.asarray(values)[rows] for name, values in self.metadata.items()}

    def some(self, share: float) -> BoolArray:
        """(N,) True for a random share of the samples."""
        chosen = np.zeros(len(self.label), dtype=np.bool_)
        chosen[self.rng.permutation(len(chosen))[: round(share * len(chosen))]] = True
        return chosen

    def write(self) -> Path:
        """Write pictures, manifests, checkpoints, lists and the investigation; return the investigation's path."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._write_pictures()
        self._write_model()
        self._write_lists()
        path = self.folder / "investigation.toml"
        path.write_text(self._toml(), "utf-8")
        for step in self.finish:
            step(self.folder)
        return path

    def _write_pictures(self) -> None:
        (self.folder / "images").mkdir()
        files = [f"images/{number:05d}.png" for number in range(len(self.pixels))]
        for file, picture in zip(files, self.pixels, strict=True):
            Image.fromarray(picture).save(self.folder / file, compress_level=1)
        table = pd.DataFrame({"filepath": files, "label": self.label, **self.metadata})
        table.to_csv(self.folder / "val.csv", index=False)

    def _write_model(self) -> None:
        content: dict[str, Any] = {"epoch": 12, "state_dict": self.state}
        if self.weight_sets:
            content = {"model": self.state, **self.weight_sets}
        torch.save(content, self.folder / "model.pth")
        if self.baseline is not None:
            torch.save({"state_dict": self.baseline}, self.folder / "old.pth")
        if self.factory_text is not None:
            (self.folder / "network.py").write_text(self.factory_text, "utf-8")
        elif self.base.factory is not None:
            shutil.copyfile(self.base.factory, self.folder / "network.py")

    def _write_lists(self) -> None:
        (self.folder / "classes.json").write_text(json.dumps(self.names), "utf-8")
        if self.old is not None:
            (self.folder / "old.json").write_text(json.dumps(self.old), "utf-8")
        (self.folder / "before.json").write_text(json.dumps(list(self.base.old)), "utf-8")
        if self.train is not None:
            self.train.to_csv(self.folder / "train.csv", index=False)
        if self.log is not None:
            self.log.to_csv(self.folder / "log.csv", index=False)

    def _toml(self) -> str:
        sections: dict[str, dict[str, Any]] = {
            "model": {"checkpoint": "model.pth", "architecture": self.architecture, "weights": self.weights},
            "classes": {"names": "classes.json", "old": None if self.old is None else "old.json"},
            "data": {"validation": "val.csv", "train": None if self.train is None else "train.csv"},
            "preprocessing": self.preprocessing,
            "baseline": {} if self.baseline is None else {"checkpoint": "old.pth", "classes": "before.json"},
            "training": {} if self.log is None else {"log": "log.csv"},
            "inference": self.inference,
        }
        lines = []
        for name, content in sections.items():
            given = {key: value for key, value in content.items() if value is not None}
            if given:
                lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in given.items())]
        return "\n".join(lines) + "\n"
