"""The engine's streaming pass against the barest loop over the same pictures and network.

By hand: ``python -m tests.benchmarks.engine_speed heavy`` (or light, large; ``--device cuda``). The bare loop decodes
with Pillow as directly as can be (on CUDA in as many processes as the engine), keeps the argmax only, in the precision
that the engine takes there, and gets its best batch size. The engine keeps every record, embedding and picture. Both
run in turns, and medians are compared. Beside the clock on the wall it prints the processors' time, which other work on
the same machine disturbs less.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from PIL import Image
from torch import nn

from analysis.datasets.dataset import Dataset
from analysis.datasets.preprocessing import Preprocessing, resolve_preprocessing
from analysis.datasets.reading import read_dataset
from analysis.datasets.resizing import fit
from analysis.inference.batches import choose_workers
from analysis.inference.devices import choose_device
from analysis.inference.precision import autocast, choose_precision
from analysis.inference.predict import predict
from analysis.runs.writer import RunWriter
from analysis.spec.class_groups import class_groups
from analysis.spec.sections import InferenceSpec
from tests.benchmarks.workloads import WORKLOADS, Workload, loaded_model, write_pictures


@dataclass(frozen=True, kw_only=True)
class Seconds:
    """Time on the wall's clock and on all processors together."""

    wall: float
    processors: float

    @classmethod
    def now(cls) -> Self:
        """Both clocks."""
        return cls(wall=time.perf_counter(), processors=time.process_time())

    def __sub__(self, began: Self) -> Self:
        return type(self)(wall=self.wall - began.wall, processors=self.processors - began.processors)

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.processors:.2f} s of processors)"


def median(times: list[Seconds]) -> Seconds:
    """The middle of each clock."""
    middle = statistics.median
    return Seconds(wall=middle(each.wall for each in times), processors=middle(each.processors for each in times))


@dataclass(frozen=True)
class Decoded(torch.utils.data.Dataset[torch.Tensor]):
    """Pictures of a data set as (3 or 1, H, W) uint8."""

    dataset: Dataset
    preprocessing: Preprocessing

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> torch.Tensor:
        mode = "L" if self.preprocessing.channels == "gray" else "RGB"
        picture = np.array(fit(Image.open(self.dataset.path_of(index)).convert(mode), self.preprocessing))
        return torch.from_numpy(picture.reshape(*self.preprocessing.input_size, -1)).permute(2, 0, 1)


def bare_loop(
    module: nn.Module, dataset: Dataset, preprocessing: Preprocessing, batch_size: int, device: torch.device
) -> Seconds:
    """Decode, forward and argmax of every picture."""
    mean = torch.tensor(preprocessing.mean, device=device)[:, None, None]
    std = torch.tensor(preprocessing.std, device=device)[:, None, None]
    predictions = []
    began = Seconds.now()
    loader = torch.utils.data.DataLoader(
        Decoded(dataset, preprocessing),
        batch_size=batch_size,
        num_workers=choose_workers("auto", device),
        pin_memory=device.type == "cuda",
    )
    with torch.inference_mode(), autocast(choose_precision("auto", device), device):
        for pixels in loader:
            inputs = pixels.to(device, non_blocking=True).float().div_(255).sub_(mean).div_(std)
            predictions.append(module(inputs).argmax(1))
    assert len(torch.cat(predictions).cpu()) == len(dataset)
    return Seconds.now() - began


def engine(
    workload: Workload, model: object, dataset: Dataset, preprocessing: Preprocessing, out: Path, device: torch.device
) -> Seconds:
    """The whole pass, with all its files."""
    names = tuple(f"class {index}" for index in range(workload.classes))
    groups = class_groups(names, names[: int(workload.old_share * workload.classes)])
    began = Seconds.now()
    with RunWriter(out) as writer:
        summary = predict(model, dataset, groups, preprocessing, writer, InferenceSpec(device=str(device)))  # type: ignore[arg-type]
    assert summary.samples == len(dataset)
    return Seconds.now() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=sorted(WORKLOADS))
    parser.add_argument("--pictures", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    workload = WORKLOADS[arguments.workload]
    pictures = arguments.pictures or workload.pictures
    with tempfile.TemporaryDirectory() as folder:
        dataset = read_dataset(write_pictures(Path(folder) / "data", workload, pictures))
        preprocessing = resolve_preprocessing(workload.preprocessing, None)
        model = loaded_model(workload)
        bare_module = loaded_model(workload).module.to(device, memory_format=torch.channels_last)
        trials = {size: bare_loop(bare_module, dataset, preprocessing, size, device) for size in workload.batch_sizes}
        best = min(trials, key=lambda size: trials[size].processors)
        print("bare loop by batch size:", ", ".join(f"{size}: {seconds}" for size, seconds in trials.items()))
        bare, ours = [], []
        for number in range(arguments.rounds):
            bare.append(bare_loop(bare_module, dataset, preprocessing, best, device))
            ours.append(engine(workload, model, dataset, preprocessing, Path(folder) / f"run-{number}", device))
            print(f"round {number + 1}: bare {bare[-1]}, engine {ours[-1]}", flush=True)
    floor, found = median(bare), median(ours)
    print(f"images/s: bare {pictures / floor.wall:,.0f} (batch {best}), engine {pictures / found.wall:,.0f}")
    print(
        f"ratio {floor.wall / found.wall:.3f} by the wall, {floor.processors / found.processors:.3f} by the processors"
    )
    print(f"target {workload.target}")


if __name__ == "__main__":
    main()
