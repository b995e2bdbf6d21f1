"""What makes two run directories the same run, wherever they lie and whatever they are called."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# The class list belongs to it: a run with the list put right is another run, and its verdicts are others.
_MADE_OF = ("checkpoint", "data", "classes", "preprocessing")
_ELSE = ("title", "created", "spec", "class_names", "counts")  # of runs written without digests


def run_identity(meta: Mapping[str, Any]) -> str:
    """Name of a run by its content: equal for a renamed, moved or copied folder, and for a run made again.

    Args:
        meta: The content of ``run.json``.

    Returns:
        16 hexadecimal digits, BLAKE2b over the digests of checkpoint, manifest, class list and preprocessing.
    """
    digests = meta.get("digests") or {}
    known = {name: digests[name] for name in _MADE_OF if name in digests}
    content = known or {name: meta.get(name) for name in _ELSE}
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
