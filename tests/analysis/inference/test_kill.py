"""kill −9 at any moment leaves a run that `--resume` completes to the same files."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os, signal, sys
from pathlib import Path
import conftest
from analysis.runs import atomic

folder, points = Path(sys.argv[1]), [int(point) for point in sys.argv[2:]]
investigated = conftest.Investigated.__new__(conftest.Investigated)
investigated.folder, investigated.manifest = folder, folder / "val.csv"
real = os.fsync

def run_until(point):
    calls = []
    def fsync(descriptor):
        calls.append(descriptor)
        if len(calls) == point:
            os.kill(os.getpid(), signal.SIGKILL)
        real(descriptor)
    atomic.os.fsync = fsync
    investigated.run(folder.parent / f"killed-{point}", batch_size=1)

for point in points:
    child = os.fork()
    if child == 0:
        run_until(point)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.WTERMSIG(status))
"""

POINTS = {1: "plan", 2: "first shard", 3: "second shard", 5: "merging", 8: "last of the merged files", 12: "head"}


@pytest.fixture
def killed(investigated):
    """Exit signals of runs that were killed at the n-th flush to disk."""
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parents[2])]),
    }
    command = [sys.executable, "-c", SCRIPT, str(investigated.folder), *map(str, POINTS)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def test_a_killed_run_is_completed_to_the_same_files(investigated, killed, tmp_path, content):
    assert killed == [signal.SIGKILL] * len(POINTS)
    investigated.run(tmp_path / "whole", batch_size=1)
    expected = content(tmp_path / "whole")
    shards = {1: 0, 2: 0, 3: 1, 5: 3, 8: 3, 12: 3}
    for point in POINTS:
        run = tmp_path / f"killed-{point}"
        assert len(list(run.glob("shards/shard-*.npz"))) == shards[point]
        assert (run / "samples.parquet").exists() == (point == 12)
        investigated.run(run, batch_size=1, resume=True)
        assert content(run) == expected
