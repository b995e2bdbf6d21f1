"""From the investigation's model section to a network in evaluation mode with its weights loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from analysis.errors import ArchitectureError, CheckpointError
from analysis.models.architecture import BuiltModel, build_model
from analysis.models.checkpoint import Checkpoint, Kind, read_checkpoint
from analysis.models.fitting import fit_checkpoint, fit_report, head_rows
from analysis.models.head import Head, HeadPlace, head_in_state, locate_head, read_head
from analysis.models.load_report import LoadReport
from analysis.models.probe import Probe, probe
from analysis.models.programs import accepted_shape
from analysis.spec.sections import ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A network ready to predict.

    Attributes:
        module: The network in evaluation mode, on the CPU, float32.
        head: Its head, or None where none is seen.
        outputs: Number of outputs C.
        load_report: How well the checkpoint fits; empty for a program, which brings its own weights.
        preprocessing: What the network was made for, with the keys of `[preprocessing]`; where it does not say, only
            the size and channels it accepts. A default, not what is used.
        preprocessing_source: Where these defaults come from, in words.
        digest: `sha256:` and the digest of the checkpoint file.
        notices: What a reader should know, one sentence each.
        kind: `state_dict`, `torchscript` or `exported`.
        architecture: The architecture's name, or None for a program.
        weights: The weight set that is used.
        weight_sets: All weight sets in the file.
        nonfinite: Count of NaN and infinite weights by tensor name.
        batch_size: The only batch size a program accepts; None where any will do.
    """

    module: torch.nn.Module
    head: Head | None
    outputs: int
    load_report: LoadReport
    preprocessing: Mapping[str, Any]
    preprocessing_source: str
    digest: str
    notices: tuple[str, ...]
    kind: Kind
    architecture: str | None
    weights: str
    weight_sets: tuple[str, ...]
    nonfinite: Mapping[str, int]
    batch_size: int | None


def load_model(spec: ModelSpec, num_classes_in_list: int, *, input_size: tuple[int, int] | None = None) -> LoadedModel:
    """Load a checkpoint into its network.

    The network is built with as many outputs as the checkpoint's head has rows, so that a head and a class list of
    different lengths can be examined.

    Args:
        spec: Checkpoint, architecture and which weights.
        num_classes_in_list: Number of class names; used where the checkpoint does not tell the number of outputs.
        input_size: Height and width in pixels, where the investigation sets them.

    Returns:
        The network in evaluation mode.

    Raises:
        CheckpointError: If the file cannot be read, or does not fit beyond its head.
        ArchitectureError: If the network cannot be built or accepts no pictures.
    """
    checkpoint = read_checkpoint(spec.checkpoint, spec.weights)
    if checkpoint.module is not None:
        return _load_program(checkpoint, checkpoint.module, input_size)
    if spec.architecture is None:
        raise CheckpointError(
            f"The checkpoint {spec.checkpoint} is a state dict, which needs a network. Set `architecture` in "
            "[model] to timm/NAME, torchvision/NAME or FILE.py:FUNCTION."
        )
    return _load_state(spec, spec.architecture, checkpoint, num_classes_in_list, input_size)


def _load_state(
    spec: ModelSpec, architecture: str, checkpoint: Checkpoint, classes: int, input_size: tuple[int, int] | None
) -> LoadedModel:
    built = build_model(architecture, max(classes, 1), input_size)
    seen = _probe(built, input_size)
    place = locate_head(built.module, seen)
    fitted, notices = fit_checkpoint(checkpoint, built.module, place)
    rows = head_rows(fitted, built.module.state_dict(), place, seen.outputs)
    if rows not in (None, seen.outputs):
        built = build_model(architecture, rows, input_size)
    network = built.module.state_dict()
    report = fit_report(fitted, network, place)
    if not report.only_head:
        raise CheckpointError(
            f"The checkpoint {spec.checkpoint} does not fit {architecture} ({report.expected:,} tensors, "
            f"{report.loaded:,} fit):\n{report.describe()}\n{_advice(report)}"
        )
    _load_what_fits(built.module, fitted.state, report)
    place = _confirmed(built.module, place, seen)
    defaults, source = _preprocessing(architecture, built, seen)
    return LoadedModel(
        module=built.module.eval(),
        head=read_head(built.module, place) if place else None,
        outputs=rows if rows and report.head_loaded else seen.outputs,
        load_report=report,
        preprocessing=defaults,
        preprocessing_source=source,
        digest=checkpoint.digest,
        notices=(*checkpoint.notices, *notices, *_load_notices(report), *_head_notices(place)),
        kind=checkpoint.kind,
        architecture=architecture,
        weights=checkpoint.weights,
        weight_sets=checkpoint.weight_sets,
        nonfinite=checkpoint.nonfinite,
        batch_size=None,
    )


def _confirmed(module: torch.nn.Module, place: HeadPlace | None, seen: Probe) -> HeadPlace | None:
    """Look again with the loaded weights: a cosine head's scale is learned, and a head of zeros had told nothing."""
    if place is None:
        return None
    again = locate_head(module, probe(module, seen.input_size))
    if again is None or again.name != place.name:
        return replace(place, is_final_linear=False)
    return replace(again, is_final_linear=again.is_final_linear and place.is_final_linear)


def _load_what_fits(module: torch.nn.Module, state: Mapping[str, torch.Tensor], report: LoadReport) -> None:
    left_out = {*report.unexpected, *(each.name for each in report.wrong_shape)}
    module.load_state_dict({name: tensor for name, tensor in state.items() if name not in left_out}, strict=False)


def _load_program(checkpoint: Checkpoint, module: torch.nn.Module, input_size: tuple[int, int] | None) -> LoadedModel:
    accepted = accepted_shape(module)
    if accepted.input_size and input_size and accepted.input_size != input_size:
        raise ArchitectureError(
            f"The exported program takes pictures of {accepted.input_size[0]} × {accepted.input_size[1]} px only, but "
            f"`input_size` in [preprocessing] is {input_size[0]} × {input_size[1]}. Leave it out, or export again."
        )
    seen = probe(module, accepted.input_size or input_size, accepted.batch_size or 2)
    head = head_in_state(checkpoint.state, seen.outputs)
    defaults = _accepted(seen)
    return LoadedModel(
        module=module,
        head=head,
        outputs=seen.outputs,
        load_report=LoadReport(expected=len(checkpoint.state), loaded=len(checkpoint.state)),
        preprocessing=defaults,
        preprocessing_source="assumed: a program does not say what it was trained with",
        digest=checkpoint.digest,
        notices=(
            *checkpoint.notices,
            "A compiled program hides its layers: there are no embeddings, and no map or clusters.",
        ),
        kind=checkpoint.kind,
        architecture=None,
        weights=checkpoint.weights,
        weight_sets=checkpoint.weight_sets,
        nonfinite=checkpoint.nonfinite,
        batch_size=accepted.batch_size,
    )


def _probe(built: BuiltModel, input_size: tuple[int, int] | None) -> Probe:
    default = built.pretrained_preprocessing["input_size"] if built.pretrained_preprocessing else None
    return probe(built.module, input_size or default)


def _preprocessing(architecture: str, built: BuiltModel, seen: Probe) -> tuple[Mapping[str, Any], str]:
    """Return the defaults and where they come from."""
    if built.pretrained_preprocessing is not None:
        return built.pretrained_preprocessing, f"pretrained configuration of {architecture}"
    return _accepted(seen), "assumed: the factory's network has no pretrained_cfg"


def _accepted(seen: Probe) -> dict[str, Any]:
    """Return what a forward pass tells about the preprocessing."""
    return {"input_size": seen.input_size, "channels": "gray" if seen.pictures.shape[1] == 1 else "rgb"}


def _load_notices(report: LoadReport) -> list[str]:
    notices = []
    if report.left_out:
        notices.append(f"{len(report.left_out):,} tensors outside the network were left out: {_few(report.left_out)}.")
    if not report.fits:
        notices.append("Only the head does not fit the checkpoint:\n" + report.describe())
    if not report.head_loaded:
        notices.append("The head was not in the checkpoint: it has random weights, and so have its predictions.")
    return notices


def _advice(report: LoadReport) -> str:
    names = [each.name for each in report.wrong_shape]
    if names and not report.missing and all("pos" in name or "attention_bias" in name for name in names):
        return "Only position tables differ: set `input_size` in [preprocessing] to the size it was trained with."
    return "Check `architecture`, or give a FILE.py:FUNCTION that builds the network as it was trained."


def _head_notices(place: HeadPlace | None) -> list[str]:
    if place is None:
        return ["No layer with one output a class was seen: there are no embeddings, and no map or clusters."]
    return []


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
