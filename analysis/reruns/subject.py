"""What is re-run: the model and the samples of a run, as the main pass saw them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from analysis.arrays import AnyArray, BoolArray, IntArray
from analysis.datasets.dataset import Dataset
from analysis.datasets.labels import label_indices
from analysis.datasets.preprocessing import Preprocessing
from analysis.errors import RunError
from analysis.inference.devices import choose_device
from analysis.inference.network import Normalisation
from analysis.inference.precision import Precision, choose_precision
from analysis.models.loading import LoadedModel
from analysis.reruns.conversions import pixels_of
from analysis.runs.run import Run
from analysis.spec.class_groups import ClassGroups
from analysis.spec.sections import InferenceSpec

_MOSTLY = 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """Model and samples. N: samples; C: classes.

    Attributes:
        model: As loaded, on whichever device; left unchanged by every variant.
        dataset: Where the pictures are.
        positions: (N,) int64, place in the dataset of every sample of the run.
        label: (N,) int64 class index.
        is_old: (C,) or None.
        preprocessing: The run's own.
        device: Where the network runs. precision: of the main pass.
        batch_size: Pictures at once. workers: decoding processes of a whole pass.
        seed: Of everything random.
        digest: Of all of it.
        seconds: What the main pass took for N samples.
        mode: (N,) Pillow's name of each file's pixel format.
        stored_size: (height, width) that nine in ten files have; None where there is none.
        orientation: (N,) EXIF orientation, or None where it was not looked at.
    """

    model: LoadedModel
    dataset: Dataset
    positions: IntArray
    label: IntArray
    is_old: BoolArray | None
    preprocessing: Preprocessing
    device: torch.device
    precision: Precision
    batch_size: int
    workers: int
    seed: int
    digest: str
    seconds: float
    mode: AnyArray
    orientation: IntArray | None = None
    stored_size: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self.positions)

    @classmethod
    def of(
        cls,
        run: Run,
        model: LoadedModel,
        dataset: Dataset,
        groups: ClassGroups,
        *,
        preprocessing: Preprocessing,
        spec: InferenceSpec,
    ) -> "Subject":
        """The subject of a run whose inference is complete.

        Raises:
            RunError: The dataset is not the one the run was made of.
        """
        device = choose_device(spec.device)
        digests = run.meta.get("digests", {})
        environment = run.meta["environment"]
        return cls(
            model=model,
            dataset=dataset,
            positions=_positions(run, dataset, groups.names),
            label=run.column("label_index").astype(np.int64),
            is_old=groups.is_old,
            preprocessing=preprocessing,
            device=device,
            precision=choose_precision(spec.precision, device),
            batch_size=model.batch_size or int(environment["batch_size"]),
            workers=int(environment["workers"]),
            seed=spec.seed,
            digest=hashlib.blake2b(repr(sorted(digests.items())).encode(), digest_size=8).hexdigest(),
            seconds=float(run.meta["timings"]["inference"]["seconds"]),
            mode=run.column("mode").astype(np.str_),
            stored_size=_stored_size(run),
        )

    def inputs(self, rows: IntArray, preprocessing: Preprocessing | None = None) -> Iterator[torch.Tensor]:
        """The network's input for some samples, in batches, for alterations that have to look at pictures.

        Args:
            rows: (m,) sample_id.
            preprocessing: None = the run's own.

        Yields:
            (n, channels, height, width) float32 on the device, normalised.

        Raises:
            ImageError: A picture cannot be decoded in this way.
        """
        chosen = preprocessing or self.preprocessing
        normalise = Normalisation(chosen, self.device)
        for start in range(0, len(rows), self.batch_size):
            some = rows[start : start + self.batch_size]
            pixels = np.stack([pixels_of(self.path(int(row)), chosen, "usual") for row in some])
            yield normalise(torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device))

    def path(self, row: int) -> str:
        """The file of one sample."""
        return self.dataset.path_of(int(self.positions[row]))


def _stored_size(run: Run) -> tuple[int, int] | None:
    sizes = np.column_stack([run.column("height"), run.column("width")])
    found, count = np.unique(sizes, axis=0, return_counts=True)
    if not len(found) or count.max() < _MOSTLY * len(sizes):
        return None
    height, width = (int(side) for side in found[count.argmax()])
    return height, width


def _positions(run: Run, dataset: Dataset, names: tuple[str, ...]) -> IntArray:
    """Walk both lists, which are in the same order; the run lacks the samples that could not be used."""
    found = label_indices(dataset.labels, names).index
    wanted = list(zip(run.column("filepath"), run.column("label_index").tolist(), strict=True))
    places = np.empty(len(wanted), dtype=np.int64)
    at = 0
    for sample, (filepath, label) in enumerate(wanted):
        while at < len(dataset) and (dataset.filepaths[at] != filepath or found[at] != label):
            at += 1
        if at == len(dataset):
            raise RunError(
                f"{filepath} of the run is not in the validation set any more, so its pictures cannot be re-run. "
                "Give back the validation set the run was made of, or add --skip reruns."
            )
        places[sample] = at
        at += 1
    return places
