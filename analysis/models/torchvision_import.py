"""Import torchvision where its compiled operators do not fit the installed torch.

Beside a CPU-only torch build the import fails with `operator torchvision::nms does not exist`, although classification
networks need no such operator. Declaring the two schemas first lets the import go on.
"""

import importlib
import sys
from types import ModuleType

import torch

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[torch.library.Library] = []  # a declaration lasts as long as its library object


def import_torchvision() -> ModuleType:
    """Import torchvision; declare its missing operators only where the import asks for them.

    Returns:
        The torchvision package.

    Raises:
        ImportError: If torchvision is not installed.
        RuntimeError: If the import fails for another reason.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error) or _declared:
            raise
    _forget_half_an_import()
    _declare()
    return importlib.import_module("torchvision")


def _forget_half_an_import() -> None:
    for name in [name for name in sys.modules if name == "torchvision" or name.startswith("torchvision.")]:
        del sys.modules[name]


def _declare() -> None:
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    _declared.append(library)
