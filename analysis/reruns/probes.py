"""The same pictures asked several times: does the answer depend on chance, on the batch, on the number format?

All differences are the largest |Δz| over pictures and outputs, divided by the standard deviation of z.
n: pictures; C: outputs.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from math import isfinite

import numpy as np
import torch
from torch import nn

from analysis.arrays import IntArray
from analysis.inference.moving import move
from analysis.models.probe import logits_of
from analysis.reruns.forced_evaluation import without_randomness
from analysis.reruns.subject import Subject
from analysis.runs.run import Run

PICTURES, FEWER, FEW_SAMPLES = 64, 32, 4_000
NOISE = 1e-3  # of std(z): below it lies what float32 and other kernels do


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """What repeating a few pictures showed.

    Attributes:
        pictures: n.
        repeat_difference: the same batch twice.
        composition_difference: the same pictures in other company, with nothing drawn at random.
        stored_difference: float32 against the answers of the main pass, on the outputs that were kept.
        fp32_flips: share of pictures whose answer is then another.
        tie_rate: share of all samples whose two largest logits are equal.
        bf16_exact, fp16_exact: share of stored logits that the format holds exactly.
        resolution: spacing of bfloat16 at the median |z| of the winners, in logits.
        largest_activation: largest |output| of any layer; float16 ends at 65,504; None for programs.
        nonfinite: samples with a logit that is NaN or infinite.
        precision: of the main pass.
        failed: why there are no numbers of repeated passes, or None.
    """

    pictures: int
    repeat_difference: float | None
    composition_difference: float | None
    stored_difference: float | None
    fp32_flips: float | None
    tie_rate: float
    bf16_exact: float
    fp16_exact: float
    resolution: float
    largest_activation: float | None
    nonfinite: int
    precision: str
    failed: str | None = None

    @property
    def draws(self) -> bool:
        """True where the answer depends on chance."""
        return (self.repeat_difference or 0.0) > NOISE

    @property
    def mixes(self) -> bool:
        """True where the answer depends on the other pictures of the batch."""
        return (self.composition_difference or 0.0) > NOISE

    def as_dict(self) -> dict[str, object]:
        """For ``probes.json``, where a number that is not finite is null."""
        return {k: None if isinstance(v, float) and not isfinite(v) else v for k, v in asdict(self).items()}


def probe_network(run: Run, subject: Subject) -> Probes:
    """Ask a few pictures of a run again, a handful of small passes.

    Args:
        run: Inference is complete.
        subject: Its model and pictures.
    """
    rows = _rows(len(subject), subject.seed)
    pictures = torch.cat(list(subject.inputs(rows)))
    move(subject.model.module, subject.device)
    asked = _Asked(subject, pictures)
    with _watched(subject.model.module) as peak:
        first = asked(subject.model.module)
    second = asked(subject.model.module)
    with without_randomness(subject.model.module) as still:
        together = first if torch.equal(first, second) else asked(still)
        apart = asked(still, mixed=True)
    spread = max(float(torch.nan_to_num(first).std()), 1e-12)
    stored = _stored(run, rows, first)
    return Probes(
        pictures=len(rows),
        repeat_difference=_largest(first - second, spread),
        composition_difference=_largest(together - apart, spread),
        stored_difference=None if stored is None else _largest(stored, spread),
        fp32_flips=float((first.argmax(1).numpy() != run.column("prediction_index")[rows]).mean()),
        **asdict(_of_stored_logits(run)),
        largest_activation=peak[0] if peak else None,
        precision=subject.precision,
    )


def without_pictures(run: Run, precision: str, reason: str) -> Probes:
    """What the stored logits alone tell, where no picture can be asked again."""
    return Probes(
        pictures=0,
        repeat_difference=None,
        composition_difference=None,
        stored_difference=None,
        fp32_flips=None,
        **asdict(_of_stored_logits(run)),
        largest_activation=None,
        precision=precision,
        failed=reason,
    )


class _Asked:
    """Logits (n, C) on the CPU of the same pictures in float32, in batches of one composition or another."""

    def __init__(self, subject: Subject, pictures: torch.Tensor) -> None:
        self._pictures, self._device, self._seed = pictures, subject.device, subject.seed
        self._fixed = subject.model.batch_size
        self._size = subject.model.batch_size or min(32, len(pictures))

    def __call__(self, module: nn.Module, *, mixed: bool = False) -> torch.Tensor:
        """Ask; `mixed` puts every picture into a smaller batch with other ones."""
        n = len(self._pictures)
        order = torch.randperm(n, generator=torch.Generator().manual_seed(self._seed)) if mixed else torch.arange(n)
        size = self._size // 2 + 1 if mixed and not self._fixed else self._size
        result = torch.empty(0)
        with torch.inference_mode():
            for rows in torch.split(order, size):
                logits = logits_of(module(self._filled(rows)), size if self._fixed else len(rows))[: len(rows)]
                result = result if len(result) else torch.empty((n, logits.shape[1]))
                result[rows] = logits.float().cpu()
        return result

    def _filled(self, rows: torch.Tensor) -> torch.Tensor:
        """Pictures; as many as a program that takes one number only wants."""
        missing = (self._fixed or 0) - len(rows)
        return self._pictures[rows if missing <= 0 else torch.cat([rows, torch.zeros(missing, dtype=torch.long)])]


def _rows(samples: int, seed: int) -> IntArray:
    """Half of the pictures one after the other, as the main pass saw them, half from anywhere."""
    half = (PICTURES if samples >= FEW_SAMPLES else FEWER) // 2
    start = max(0, (samples - half) // 2)
    together = np.arange(start, min(samples, start + half))
    others = np.setdiff1d(np.random.default_rng(seed).permutation(samples)[: 2 * half], together)[:half]
    return np.concatenate([together, others]).astype(np.int64)


def _stored(run: Run, rows: IntArray, logits: torch.Tensor) -> torch.Tensor | None:
    """Logits minus the stored ones of the same outputs."""
    index, logit = run.topk()
    held = index[rows] >= 0
    if not held.any():
        return None
    found = np.take_along_axis(logits.numpy(), np.where(held, index[rows], 0).astype(np.int64), axis=1)
    with np.errstate(invalid="ignore"):
        return torch.from_numpy(np.where(held, found - logit[rows], 0.0))


def _largest(difference: torch.Tensor, spread: float) -> float:
    return float(torch.nan_to_num(difference, nan=0.0).abs().max()) / spread


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    tie_rate: float
    bf16_exact: float
    fp16_exact: float
    resolution: float
    nonfinite: int


def _of_stored_logits(run: Run) -> _Stored:
    """Ties, and how many logits half formats would hold exactly."""
    _, logit = run.topk()
    finite = torch.from_numpy(logit[np.isfinite(logit)][:2_000_000])
    top = np.full((len(logit), 2), np.nan)
    top[:, : logit.shape[1]] = np.where(np.isfinite(logit[:, :2]), logit[:, :2], np.nan)
    magnitude = float(np.nanmedian(np.abs(top[:, 0]))) if np.isfinite(top[:, 0]).any() else 0.0
    return _Stored(
        tie_rate=float((top[:, 0] == top[:, 1]).mean()) if len(top) else 0.0,
        bf16_exact=_exact(finite, torch.bfloat16),
        fp16_exact=_exact(finite, torch.float16),
        resolution=float(2.0 ** (np.floor(np.log2(max(magnitude, 1e-12))) - 7)),
        nonfinite=int((run.column("nonfinite") > 0).sum()),
    )


def _exact(values: torch.Tensor, kind: torch.dtype) -> float:
    return float((values.to(kind).float() == values).float().mean()) if len(values) else 0.0


@contextmanager
def _watched(module: nn.Module) -> Iterator[list[float]]:
    """The largest |output| of any layer, in a list of one number; empty for programs."""
    peak: list[float] = []

    def look(layer: nn.Module, inputs: object, output: object) -> None:
        if isinstance(output, torch.Tensor) and output.is_floating_point() and output.numel():
            value = float(torch.nan_to_num(output, nan=torch.inf).abs().amax())
            peak[:] = [max(value, *peak)] if peak else [value]

    with ExitStack() as stack:
        if not isinstance(module, torch.jit.ScriptModule | torch.fx.GraphModule):
            for layer in module.modules():
                if not list(layer.children()):
                    stack.callback(layer.register_forward_hook(look).remove)
        yield peak
