"""The embedding map at a million points, in a real Chromium with software rendering.

By hand: ``python -m tests.benchmarks.map_speed``. Painted: from the first byte of the page to the last point drawn, the
app's own start in the browser included. Lasso: from letting go of the button to number, errors and accuracy beside the
map with the highlight drawn, and to the server's card of the selection, whose number must be the same.
Beside the clock stands the processor time of browser and server together: where other work runs, that is what to read.
"""

import argparse
import contextlib
import statistics
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
from playwright.sync_api import Page, sync_playwright

from analysis.arrays import AnyArray
from analysis.runs import layout
from analysis.runs.atomic import write_arrays, write_json, write_table
from tests.browser.conftest import launch, serve, stop

CLASSES = 1_000
REPEATS = 5
RADII = (0.01, 0.06, 0.12, 0.24, 0.42)  # of the height
_DRAWN = """map => {
  const canvas = map.querySelector("canvas.points")
  canvas.getContext("webgl2").readPixels(0, 0, 1, 1, 6408, 5121, new Uint8Array(4)) // waits for what was drawn
  return performance.now()
}"""
_WATCH = """map => {
  window.answered = { map: null, card: null }
  const told = () => map.querySelector(".state").innerText
  const card = () => document.querySelector(".st-key-clu_selection")?.innerText ?? ""
  const before = [told(), card()]
  window.addEventListener("pointerup", () => {
    const start = performance.now()
    const look = () => {
      const painted = performance.now() - start // words seen here were on the screen with the frame before
      if (answered.map === null && told() !== before[0] && told().includes("accuracy")) answered.map = painted
      if (answered.card === null && card() !== before[1] && card().includes("wrong")) answered.card = painted
      if (answered.map === null || answered.card === null) requestAnimationFrame(look)
    }
    requestAnimationFrame(() => requestAnimationFrame(look))
  }, { once: true, capture: true })
}"""
_REDRAWN = """async map => {
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
  const canvas = map.querySelector("canvas.points")
  const start = performance.now()
  map.querySelector("[data-act=in]").click()
  await frame()
  canvas.getContext("webgl2").readPixels(0, 0, 1, 1, 6408, 5121, new Uint8Array(4))
  return performance.now() - start
}"""


def write_run(path: Path, samples: int, seed: int = 0) -> None:
    """A run with what the map and its selection read; 200 round groups."""
    rng = np.random.default_rng(seed)
    names = np.array([f"species number {number:04d}" for number in range(CLASSES)], dtype=object)
    label = rng.integers(0, CLASSES, samples)
    prediction = np.where(rng.random(samples) < 0.7, label, rng.integers(0, CLASSES, samples))
    group = rng.integers(0, 200, samples)
    xy = rng.normal(0, 8, (200, 2))[group] + rng.normal(0, 0.6, (samples, 2))
    columns: dict[str, AnyArray] = {
        "sample_id": np.arange(samples), "label": names[label], "label_index": label,
        "prediction": names[prediction], "prediction_index": prediction, "correct": label == prediction,
        "filepath": names[label], "confidence": rng.random(samples), "loss": rng.gamma(1, 1, samples),
        "projection_x": xy[:, 0], "projection_y": xy[:, 1], "cluster": np.where(group < 40, group, -1),
    }  # fmt: skip
    arrays = {
        name: pa.array(columns[name], type=kind) if name in columns else pa.nulls(samples, kind)
        for name, kind in layout.SAMPLE_FIELDS
    }
    arrays["camera"] = pa.array(np.array(["phone", "scanner", "drone"], dtype=object)[rng.integers(0, 3, samples)])
    write_table(path / layout.SAMPLES, pa.table(arrays))
    members = pd.DataFrame({"cluster": columns["cluster"], "wrong": ~columns["correct"]}).groupby("cluster")["wrong"]
    ranked = members.agg(["size", "sum"]).drop(index=-1).reset_index()
    rows = [
        (row.cluster, f"group {row.cluster}", row.size, row.sum, row.sum / row.size, 0.25 * row.size,
         row.sum - 0.25 * row.size, 1.0, names[0], names[1])
        for row in ranked.rename(columns={"size": "size"}).itertuples(index=False)
    ]  # fmt: skip
    write_table(path / layout.CLUSTERS, pd.DataFrame(rows, columns=list(layout.CLUSTER_COLUMNS[:10])))
    index = rng.integers(0, samples, (samples, 15)).astype(np.int32)
    write_arrays(path / layout.NEIGHBOURS, {"index": index, "similarity": np.ones((samples, 15), dtype=np.float32)})
    trust = rng.beta(9, 1, samples).astype(np.float32)
    write_arrays(path / layout.TRUSTWORTHINESS, {"overall": trust.mean(), "of_sample": trust, "references": 1500})
    meta = {
        "schema_version": layout.SCHEMA_VERSION, "title": "A million points", "created": "2026-01-01T00:00:00+00:00",
        "state": "done", "class_names": names.tolist(), "is_old": (np.arange(CLASSES) < 600).tolist(),
        "outputs": CLASSES, "classes_in_list": CLASSES, "metadata_columns": ["camera"],
        "counts": {"samples": samples, "problems": 0, "unknown_labels": 0}, "notices": [], "spec": {}, "timings": {},
    }  # fmt: skip
    write_json(path / layout.META, meta)


def processor_seconds() -> float:
    """Of the browser and the server: all processes that this one started and that still run."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def opened(page: Page, address: str) -> float:
    """Seconds from the start of the navigation until every point is drawn."""
    page.goto(address)
    page.locator(".map[data-ready]").wait_for(timeout=120_000)
    return float(page.locator(".map").evaluate(_DRAWN)) / 1000


def lassoed(page: Page, share: float) -> tuple[float, float]:
    """Milliseconds from letting go of a lasso, its radius a share of the height: to the map's words, to the card's."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.locator("[data-tool=lasso]").click()
    page.locator(".map").evaluate(_WATCH)
    angles = np.linspace(0, 2 * np.pi, 25)
    radius = share * box["height"]
    places = [(box["x"] + box["width"] / 2 + radius * np.cos(a), box["y"] + box["height"] / 2 + radius * np.sin(a))
              for a in angles]  # fmt: skip
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()
    page.wait_for_function("answered.map !== null && answered.card !== null", timeout=60_000)
    page.wait_for_timeout(1_500)
    found = page.evaluate("answered")
    return float(found["map"]), float(found["card"])


def measure(address: str, chromium_type: object) -> None:
    """Print the figures."""
    browser = launch(chromium_type)
    for words in ("painted, first asked of the server", "painted, again in a fresh browser"):
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        before = processor_seconds()
        seconds = opened(page, f"{address}/clusters?run=million")
        print(f"{words}: {seconds:.2f} s, of the processor {processor_seconds() - before:.2f} s", flush=True)
    page.wait_for_timeout(3_000)
    frames = [float(page.locator(".map").evaluate(_REDRAWN)) for _ in range(REPEATS)]
    print(f"a zoomed frame: median {statistics.median(frames):.0f} ms, most {max(frames):.0f} ms", flush=True)
    page.locator("[data-act=reset]").click()
    page.wait_for_timeout(1_000)
    for share in RADII:
        before = processor_seconds()
        times = np.array([lassoed(page, share + 0.002 * number) for number in range(REPEATS)])
        used = (processor_seconds() - before) / REPEATS
        (first, card), most = np.median(times, axis=0), times.max(axis=0)
        print(
            f"lasso: answered in {first:.0f} ms (most {most[0]:.0f}), the server's card in {card:.0f} ms "
            f"(most {most[1]:.0f}), of the processor {used:.2f} s: {page.locator('.map .state').inner_text()}",
            flush=True,
        )
    browser.close()


def main() -> None:
    """Make the run, serve it, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--root", type=Path, help="where to keep the run; default: a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        root = given.root or Path(temporary)
        if not (root / "million" / layout.META).is_file():
            (root / "million").mkdir(parents=True, exist_ok=True)
            write_run(root / "million", given.samples)
        process, address = serve(root, Path(temporary) / "log")
        try:
            measure(address, playwright.chromium)
        finally:
            stop(process)


if __name__ == "__main__":
    main()
