"""Putting a network on its device, in the layout that convolutions like there."""

import torch
from torch import nn

from analysis.errors import AnalysisError
from analysis.inference.batch_size import is_out_of_memory


def move(module: nn.Module, device: torch.device) -> None:
    """Move weights and buffers; nothing where they are there already.

    Args:
        module: Python network or program. An exported program names the device it was exported on wherever it makes a
            tensor; there it will name this one.
        device: Where to.

    Raises:
        AnalysisError: The weights alone do not fit into the device's memory.
    """
    try:
        module.to(device)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise AnalysisError(
            f"The network's weights alone do not fit into the free memory of {device}. Close what else uses it, or use "
            "another device, such as cpu."
        ) from error
    if isinstance(module, torch.fx.GraphModule):
        _name_device(module, device)
    elif not isinstance(module, torch.jit.ScriptModule):
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's own stubs


def _name_device(program: torch.fx.GraphModule, device: torch.device) -> None:
    for part in (part for part in program.modules() if isinstance(part, torch.fx.GraphModule)):
        changed = False
        for node in part.graph.nodes:
            if node.kwargs.get("device") not in (None, device):
                node.kwargs = {**node.kwargs, "device": device}
                changed = True
            if node.target is torch.ops.aten.to.device and node.args[1] != device:
                node.args = (node.args[0], device, *node.args[2:])
                changed = True
        if changed:
            part.recompile()
