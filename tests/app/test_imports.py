"""The app's process stays light: no page, route or job pulls in the heavy libraries."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
HEAVY = ("torch", "torchvision", "timm", "umap", "hdbscan", "sklearn", "numba")
_VISIT = """
import sys
import app.main
from tests.app.pages import open_page
for page in ("overview", "checklist", "logits", "classes", "examples", "clusters", "runs"):
    for run in ("faulty", "begun"):
        opened = open_page(page, run=run)
        assert not opened.exception, (page, run, opened.exception)
        assert not opened.error, (page, run, opened.error[0].value)
print("HEAVY", *[name for name in sys.argv[1:] if name in sys.modules])
"""


def test_no_page_loads_a_heavy_library(shell_runs: Path) -> None:
    environment = {**os.environ, "FAULTLINE_RUNS": str(shell_runs), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", _VISIT, *HEAVY],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "HEAVY"
