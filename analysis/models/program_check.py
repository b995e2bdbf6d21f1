"""Refuse exported programs that would run more than tensor operations.

`torch.export.load` falls back to unrestricted pickles for parts of the file, evaluates size expressions as Python, and
looks operators up by name anywhere in the torch module. A file from a stranger is therefore read first.
"""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from analysis.errors import CheckpointError

OPERATORS = re.compile(
    r"torch\.ops\.(aten|prims|higher_order|torchvision)(\.\w+){1,2}"
    r"|_operator\.(add|sub|mul|truediv|floordiv|mod|neg|pow|eq|ne|lt|le|gt|ge|and_|or_|not_|getitem)"
    r"|math\.(ceil|floor|trunc|sqrt)"
    r"|torch\.(sym_(int|float|max|min|not|ite|sum)|_sym_sqrt)"
)
SIZE_EXPRESSION = re.compile(r"(?!.*__)(?!.*[A-Za-z_)]\s*\.)[A-Za-z0-9_+\-*/%(), .<>=|&~]*")
SYMBOL = re.compile(r"'[a-z]+[0-9]+'")  # the only text in quotes that a size needs
PICKLES = ("serialized_state_dict.json", "serialized_constants.json")
OBJECTS = ("custom_obj", "opaque_obj")


def check_exported(path: Path) -> None:
    """Read an exported program without loading it.

    Args:
        path: A .pt2 file.

    Raises:
        CheckpointError: If it holds Python objects, operators other than torch's tensor operators, or expressions that
            are no sizes; or if it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = next(_dangers(archive), None)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"The exported program {path} is damaged: {error}. Copy it again.") from error
    if found:
        raise CheckpointError(
            f"The exported program {path} {found}; loading it could run code, so it was not loaded. Where you trust "
            "the file, save the network's state dict instead and name its architecture."
        )


def _dangers(archive: zipfile.ZipFile) -> Iterator[str]:
    names = archive.namelist()
    if len(set(names)) < len(names):
        yield "has two parts of one name"
    pickles = {name for name in names if name.endswith((".pt", *PICKLES))}
    for name in names:
        if "aotinductor" in name or name.endswith((".so", ".dll")):
            yield "holds compiled machine code"
        if name.endswith(".json") and name not in pickles:
            content = json.loads(archive.read(name) or "null")
            yield from _dangers_in_json(content)
            pickles |= _payloads(name, content)
    for name in sorted(pickles & set(names)):
        if not _plain(archive.read(name)):
            yield f"holds Python objects ({name})"


def _dangers_in_json(content: object) -> Iterator[str]:
    """Look at every operator, size expression and payload of the program."""
    for key, value in _entries(content):
        if key == "target" and isinstance(value, str) and not OPERATORS.fullmatch(value):
            yield f"calls {value[:80]!r}, which is no tensor operator"
        if key == "expr_str" and isinstance(value, str) and not SIZE_EXPRESSION.fullmatch(SYMBOL.sub("0", value)):
            yield f"computes a size with {value[:80]!r}"
        if key == "path_name" and isinstance(value, str) and value.startswith(OBJECTS):
            yield f"holds a Python object ({value[:80]})"


def _entries(content: object) -> Iterator[tuple[str, object]]:
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            yield from value.items()
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _payloads(config_name: str, content: Any) -> set[str]:
    """Return the parts that a table of weights or constants marks as pickled."""
    table = content.get("config") if isinstance(content, Mapping) else None
    folder = config_name.rpartition("/")[0]
    entries = table.values() if isinstance(table, Mapping) else ()
    return {f"{folder}/{entry.get('path_name')}" for entry in entries if entry.get("use_pickle")}


def _plain(part: bytes) -> bool:
    """Tell whether a pickled part holds tensors and plain values only."""
    if not part:
        return True
    try:
        torch.load(io.BytesIO(part), map_location="cpu", weights_only=True)
    except Exception:  # whatever is wrong with it, it is not loaded
        return False
    return True
