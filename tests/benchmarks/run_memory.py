"""Peak memory of a whole run at 50,000 samples × 8,000 classes × 256 dimensions, above the loaded model.

By hand: ``python -m tests.benchmarks.run_memory``. The whole pipeline runs in a process of its own; this one reads what
the other says of its stages and samples its memory ten times a second.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import torch
from PIL import Image

from tests.benchmarks.workloads import small_cnn

CLASSES, OLD = 8_000, 5_280
TARGET_MB = 1_000

FACTORY = """
from tests.benchmarks.workloads import small_cnn

def build(num_classes):
    return small_cnn(num_classes)
"""

CHILD = """
import sys, time
from pathlib import Path
from analysis import pipeline
from analysis.models import loading
from analysis.spec.investigation import load_investigation

real = pipeline.prepare
def prepare(spec):
    prepared = real(spec)
    print("loaded", flush=True)
    time.sleep(1.0)
    return prepared
pipeline.prepare = prepare

latest = [""]
def progress(stage, done, total):
    if stage != latest[0]:
        latest[0] = stage
        print(stage, flush=True)

pipeline.run_investigation(load_investigation(Path(sys.argv[1])), Path(sys.argv[2]), progress=progress)
"""


def write_investigation(folder: Path, samples: int) -> Path:
    """Random gray pictures of 32 × 32, labels in turn, a network with random weights."""
    rng = np.random.default_rng(0)
    (folder / "images").mkdir()
    rows = ["filepath,label"]
    for number in range(samples):
        small = rng.integers(0, 256, (4, 4), dtype=np.uint8)
        Image.fromarray(small).resize((32, 32)).save(folder / "images" / f"{number}.png")
        rows.append(f"images/{number}.png,class {number % CLASSES}")
    (folder / "val.csv").write_text("\n".join(rows))
    (folder / "names.txt").write_text("\n".join(f"class {index}" for index in range(CLASSES)))
    (folder / "old.txt").write_text("\n".join(f"class {index}" for index in range(OLD)))
    (folder / "net.py").write_text(FACTORY)
    torch.manual_seed(0)
    torch.save(small_cnn(CLASSES).state_dict(), folder / "last.pth")
    path = folder / "investigation.toml"
    path.write_text(
        '[model]\ncheckpoint = "last.pth"\narchitecture = "net.py:build"\n'
        '[classes]\nnames = "names.txt"\nold = "old.txt"\n[data]\nvalidation = "val.csv"\n'
        '[preprocessing]\ninput_size = 32\nresize = "none"\nchannels = "gray"\nmean = [0.5]\nstd = [0.25]\n'
    )
    return path


class Memory:
    """Peak resident memory of a process, by the stage it says it is in."""

    def __init__(self, process: psutil.Process) -> None:
        self.process, self.stage, self.running = process, "import", True
        self.peaks: dict[str, float] = {}
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while self.running:
            try:
                used = self.process.memory_info().rss / 1e6
            except psutil.NoSuchProcess:
                return
            self.peaks[self.stage] = max(used, self.peaks.get(self.stage, 0.0))
            time.sleep(0.1)


def stages(command: list[str]) -> Iterator[tuple[str, float, float]]:
    """Stage, seconds and peak in MB, as the child goes through them."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        memory = Memory(psutil.Process(child.pid))
        began = time.perf_counter()
        assert child.stdout is not None
        for line in child.stdout:
            yield memory.stage, time.perf_counter() - began, memory.peaks.get(memory.stage, 0.0)
            memory.stage, began = line.strip(), time.perf_counter()
        yield memory.stage, time.perf_counter() - began, memory.peaks.get(memory.stage, 0.0)
        memory.running = False


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=50_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = write_investigation(Path(folder), arguments.samples)
        loaded, highest = 0.0, 0.0
        for stage, seconds, peak in stages([sys.executable, "-c", CHILD, str(path), str(Path(folder) / "run")]):
            print(f"{stage:<12} {seconds:7.1f} s   peak {peak:7.0f} MB", flush=True)
            loaded = peak if stage == "loaded" else loaded
            highest = max(highest, peak)
    print(f"above the loaded model: {highest - loaded:.0f} MB (target {TARGET_MB} MB)")


if __name__ == "__main__":
    main()
