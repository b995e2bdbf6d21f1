"""A network built by a function of the user's own; this runs the user's code."""

import difflib
import hashlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from analysis.errors import ArchitectureError


def build_from_factory(architecture: str, num_classes: int) -> torch.nn.Module:
    """Call `FILE.py:FUNCTION` with `num_classes`.

    Args:
        architecture: A Python file and the name of a function in it.
        num_classes: Number of outputs C.

    Returns:
        The network the function returned.

    Raises:
        ArchitectureError: If the file or the function is missing, raises, or returns something else.
    """
    file, _, name = architecture.rpartition(":")
    function = _function(Path(file), name)
    try:
        module = function(num_classes=num_classes)
    except (Exception, SystemExit) as error:
        raise ArchitectureError(
            f"{name}(num_classes={num_classes}) in {file} raised {_one_line(error)}. "
            "Expected a function that takes num_classes and returns a torch.nn.Module."
        ) from error
    if not isinstance(module, torch.nn.Module):
        raise ArchitectureError(f"{name} in {file} returned a {type(module).__name__}; expected a torch.nn.Module.")
    return module


def _function(path: Path, name: str) -> Callable[..., Any]:
    if path.suffix != ".py" or not name:
        raise ArchitectureError(
            f"{path}:{name} is no architecture; expected timm/NAME, torchvision/NAME or FILE.py:FUNCTION."
        )
    if not path.is_file():
        raise ArchitectureError(
            f"The architecture file {path} does not exist or is no file; expected FILE.py:FUNCTION."
        )
    module = _imported(path)
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ArchitectureError(f"{path} has no function {name!r}.{hint} It has: {', '.join(known) or 'none'}.")
    return function  # type: ignore[no-any-return]  # getattr knows no type


def _imported(path: Path) -> ModuleType:
    """Run the file as a module of its own; files beside it can be imported by it."""
    name = "faultline_architecture_" + hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ArchitectureError(f"{path} cannot be imported; expected a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ArchitectureError(f"The architecture file {path} cannot be run: {_one_line(error)}.") from error
    finally:
        sys.path.remove(str(path.parent))
    return module


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}".rstrip(".")
