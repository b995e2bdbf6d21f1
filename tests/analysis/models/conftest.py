"""A factory file with a tiny network, and checkpoints of it."""

from pathlib import Path

import pytest

from tests.analysis.models.networks import FACTORY


@pytest.fixture
def factory(tmp_path: Path) -> str:
    """The architecture `FILE.py:build`; the same network as `networks.plain`."""
    path = tmp_path / "net.py"
    path.write_text(FACTORY)
    return f"{path}:build"
