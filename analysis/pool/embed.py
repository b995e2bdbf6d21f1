"""Embedding a pool with the run's own network and preprocessing, shard by shard; it can be stopped at any time."""

import hashlib
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from analysis.arrays import AnyArray, IntArray
from analysis.datasets.dataset import Dataset
from analysis.datasets.preprocessing import Preprocessing
from analysis.datasets.reading import read_dataset
from analysis.datasets.unlabeled import read_unlabeled
from analysis.errors import AnalysisError, InterruptedRunError, RunError
from analysis.inference.batch_size import automatic_batch_size, is_out_of_memory
from analysis.inference.batches import Batch, batches, choose_workers
from analysis.inference.devices import choose_device
from analysis.inference.network import Network, opened
from analysis.inference.precision import choose_precision
from analysis.inference.progress import Throttle
from analysis.models.loading import LoadedModel, load_model
from analysis.pool.pool import FACTS, FILES, TRAINING, UNLABELED, Pool
from analysis.progress import ProgressCallback, silent
from analysis.reducers.column_groups import ColumnGroups
from analysis.runs import layout
from analysis.runs.atomic import replacing, write_arrays, write_json, write_table
from analysis.runs.run import Run
from analysis.spec.investigation import Investigation, recalled_investigation

SHARD = 1024  # pictures
STAGE = "embedding pictures"
_VERSION = 1  # raised when what a shard holds changes


def embed_pool(
    run: Run,
    kind: str = UNLABELED,
    *,
    source: Path | None = None,
    device: str | None = None,
    batch_size: str | None = None,
    progress: ProgressCallback = silent,
) -> Pool:
    """Send a pool through the network; finished shards of the same pool are not computed again.

    Args:
        run: A finished run; it says which checkpoint and preprocessing.
        kind: unlabeled | training.
        source: Folder or manifest; None: what the investigation names.
        device: Instead of the investigation's.
        batch_size: Instead of the investigation's; a number or ``auto``.
        progress: Called with stage, done, total.

    Raises:
        RunError: The run has no embeddings, names no such pool, or its checkpoint has changed since.
        AnalysisError: The pool or the network cannot be read.
        InterruptedRunError: Ctrl-C; finished shards stay.
    """
    if run.embeddings is None:
        raise RunError(f"{run.path} has no embeddings to compare with: the network hides its head's input.")
    spec = recalled_investigation(run.meta["spec"]).with_inference(device=device, batch_size=batch_size)
    progress("preparing", 0, 0)
    dataset = _dataset(spec, kind, source)
    preprocessing = Preprocessing.from_dict(run.meta["preprocessing"])
    pool = _begun(run, kind, dataset, preprocessing)
    model = load_model(spec.model, int(run.meta["classes_in_list"]), input_size=spec.preprocessing.input_size)
    _refuse_another(run, model)
    work = _Work(pool=pool, dataset=dataset, preprocessing=preprocessing, model=model, spec=spec)
    try:
        work.run(run, Throttle(progress))
    except KeyboardInterrupt as error:
        state = pool.state
        raise InterruptedRunError(
            f"Interrupted: {state.done:,} of {state.total:,} pictures are finished and kept. The same command goes on "
            "from there."
        ) from error
    return pool


def _dataset(spec: Investigation, kind: str, source: Path | None) -> Dataset:
    if kind == TRAINING:
        path = source or spec.data.train
        if path is None:
            raise RunError("The investigation names no training set; set data.train, or give --source.")
        return read_dataset(path, spec.data.root if source is None else None, subset="training")
    path = source or spec.data.unlabeled
    if path is None:
        raise RunError("The investigation names no pool; set data.unlabeled, or give --source FOLDER.")
    return read_unlabeled(path, spec.data.root if source is None else None)


def _begun(run: Run, kind: str, dataset: Dataset, preprocessing: Preprocessing) -> Pool:
    """The pool's folder with its listing; shards of another listing, network or preprocessing are thrown away."""
    folder = run.path / layout.POOLS / kind
    key = _key(run, dataset, preprocessing)
    known = Pool.open(run.path, kind)
    if known is not None and known.facts.get("key") == key:
        return known
    shutil.rmtree(folder, ignore_errors=True)
    write_table(folder / FILES, pd.DataFrame({"filepath": list(dataset.filepaths), "label": list(dataset.labels)}))
    facts = {"key": key, "kind": kind, "total": len(dataset), "shard_size": SHARD, "root": str(dataset.root)}
    write_json(folder / FACTS, facts)
    return Pool(folder, facts)


def _key(run: Run, dataset: Dataset, preprocessing: Preprocessing) -> str:
    digest = hashlib.blake2b(f"{_VERSION}/{SHARD}/{preprocessing.digest()}".encode(), digest_size=16)
    digest.update(str(run.meta["digests"]["checkpoint"]).encode())
    for filepath, label in zip(dataset.filepaths, dataset.labels, strict=True):
        digest.update(f"{len(filepath)}:{filepath}{label}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _refuse_another(run: Run, model: LoadedModel) -> None:
    if f"{model.digest}/{model.weights}" != run.meta["digests"]["checkpoint"]:
        raise RunError(
            "The checkpoint has changed since the run was made, so its embeddings would mean something else. Put the "
            "old file back, or run the investigation again."
        )


@dataclass(slots=True, kw_only=True)
class _Work:
    """What is needed to fill the shards of a pool; `batch_size` shrinks where memory does not suffice."""

    pool: Pool
    dataset: Dataset
    preprocessing: Preprocessing
    model: LoadedModel
    spec: Investigation
    batch_size: int = 0

    def run(self, run: Run, tell: Throttle) -> None:
        total = len(self.dataset)
        tell(STAGE, total - sum(len(_rows(n, total)) for n in self._missing()), total)
        if not self._missing():
            return
        device = choose_device(self.spec.inference.device)
        columns = ColumnGroups.of(run.is_old, self.model.outputs, device)
        self.batch_size = self._first_batch_size(device)
        with opened(
            self.model.module,
            self.model.head,
            columns=columns,
            preprocessing=self.preprocessing,
            precision=choose_precision(self.spec.inference.precision, device),
            device=device,
            fixed=self.model.batch_size,
        ) as network:
            while missing := self._missing():
                try:
                    self._work_through(missing, network, columns, device, tell=tell)
                except (RuntimeError, MemoryError) as error:
                    self._shrink(error)

    def _missing(self) -> list[int]:
        """Shards that are not written yet."""
        shards = range(-(-len(self.dataset) // SHARD))
        return [number for number in shards if not (self.pool.path / f"{number:06d}.npz").is_file()]

    def _first_batch_size(self, device: torch.device) -> int:
        asked = self.spec.inference.batch_size
        fitting = automatic_batch_size(self.preprocessing.input_size, self.model.outputs, device)
        return self.model.batch_size or (fitting if asked == "auto" else asked)

    def _work_through(
        self, missing: list[int], network: Network, columns: ColumnGroups, device: torch.device, *, tell: Throttle
    ) -> None:
        """Write shards one after the other; pictures of the next are decoded meanwhile."""
        total = len(self.dataset)
        done = total - sum(len(_rows(number, total)) for number in missing)
        blocks = [self._blocks(number) for number in missing]
        loaded = batches(
            self.dataset,
            [block for of_shard in blocks for block in of_shard],
            self.preprocessing,
            workers=choose_workers(self.spec.inference.workers, device),
            pin=device.type == "cuda",
        )
        with closing(loaded):
            for number, of_shard in zip(missing, blocks, strict=True):
                parts = []
                for block in of_shard:
                    parts.append(_part(next(loaded), network, columns))
                    done += len(block)
                    tell(STAGE, done, total)
                self._write(number, parts)

    def _blocks(self, number: int) -> list[IntArray]:
        """Rows of each batch of a shard."""
        rows = _rows(number, len(self.dataset))
        return [rows[start : start + self.batch_size] for start in range(0, len(rows), self.batch_size)]

    def _shrink(self, error: RuntimeError | MemoryError) -> None:
        """Take smaller batches where memory did not suffice."""
        if not is_out_of_memory(error):
            raise error
        if self.batch_size == 1:
            raise AnalysisError(
                "The network does not fit into memory, not even with one picture at a time. Use another device."
            ) from error
        self.batch_size = max(1, self.batch_size // 2)

    def _write(self, number: int, parts: "list[_Part]") -> None:
        """The pictures first: what has a shard is complete."""
        shard = self.pool.path / f"{number:06d}.npz"
        pictures = [picture for part in parts for picture in part.batch.thumbnails]
        with replacing(shard.with_suffix(".bin")) as pack:
            pack.write(b"".join(pictures))
        failures = [failure for part in parts for failure in part.batch.failures]
        arrays: dict[str, AnyArray] = {
            "row": np.concatenate([part.batch.positions for part in parts]),
            "content_hash": np.concatenate([part.batch.content_hash for part in parts]),
            **{name: _joined([getattr(part, name) for part in parts]) for name in _COMPUTED},
            "picture_end": np.cumsum([len(picture) for picture in pictures], dtype=np.int64),
            "problem_row": np.array([row for row, _ in failures], dtype=np.int64),
            "problem_reason": np.array([reason for _, reason in failures], dtype=np.str_),
        }
        write_arrays(shard, arrays)


def _joined(arrays: list[AnyArray]) -> AnyArray:
    """One after the other; those of batches without a readable picture have no width."""
    return np.concatenate([array for array in arrays if len(array)] or arrays[:1])


_COMPUTED = ("embedding", "prediction_index", "confidence")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """One batch of n pictures: embedding (n, D) float16, predicted class (n,) and its softmax (n,)."""

    batch: Batch
    embedding: AnyArray
    prediction_index: AnyArray
    confidence: AnyArray


def _part(batch: Batch, network: Network, columns: ColumnGroups) -> _Part:
    if not len(batch):
        nothing = np.zeros(0)
        return _Part(
            batch=batch.without_pixels(),
            embedding=np.zeros((0, 0), dtype=np.float16),
            prediction_index=nothing.astype(np.int32),
            confidence=nothing.astype(np.float32),
        )
    logits, embedding = network(batch.tensor())
    if embedding is None:
        raise RunError("The network hides its head's input, so there are no embeddings to compare.")
    with torch.inference_mode():
        confidence, column = torch.softmax(logits, dim=1).max(dim=1)
        index = columns.class_index(column)
    return _Part(
        batch=batch.without_pixels(),
        embedding=embedding.cpu().numpy(),
        prediction_index=index.cpu().numpy().astype(np.int32),
        confidence=confidence.cpu().numpy().astype(np.float32),
    )


def _rows(number: int, total: int) -> IntArray:
    return np.arange(number * SHARD, min(total, (number + 1) * SHARD))
