"""A real small pool: embedded, stopped, gone on with, searched, exported."""

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis.errors import DatasetError, InterruptedRunError, RunError
from analysis.pipeline import SKIPPABLE, run_investigation
from analysis.pool import embed
from analysis.pool.embed import embed_pool
from analysis.pool.found import csv_chunks, find_alike
from analysis.pool.pool import TRAINING, UNLABELED, Pool
from analysis.runs import layout
from analysis.runs.atomic import write_json
from analysis.runs.run import Run
from analysis.spec.investigation import load_investigation
from tests.tiny import COLOURS, tiny_investigation

PICTURES = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The investigation of three colours, a pool of ten pictures of each, two broken ones and a copy of the first."""
    folder = tmp_path_factory.mktemp("pool")
    toml = tiny_investigation(folder)
    rng = np.random.default_rng(9)
    for number in range(PICTURES):
        colour = list(COLOURS.values())[number % 3]
        pixels = np.clip(rng.normal(colour, 30, size=(20, 20, 3)), 0, 255).astype(np.uint8)
        (folder / "pool" / f"deep {number % 2}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / "pool" / f"deep {number % 2}" / f"=cmd {number:02d}.png")
    (folder / "pool" / "broken.png").write_bytes(b"no picture")
    (folder / "pool" / "empty.jpg").touch()
    (folder / "pool" / "readme.txt").write_text("no picture either")
    shutil.copy(folder / "val" / "blue" / "000.png", folder / "pool" / "copy.png")
    toml.write_text(
        toml.read_text().replace('validation = "val"', 'validation = "val"\nunlabeled = "pool"\ntrain = "val"')
    )
    return folder


@pytest.fixture(scope="module")
def finished(folder: Path) -> Path:
    return run_investigation(load_investigation(folder / "investigation.toml"), folder / "run", skip=SKIPPABLE).path


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Run:
    shutil.copytree(finished, tmp_path / "run")
    return Run.open(tmp_path / "run")


def test_every_picture_is_embedded_as_the_run_would(run: Run) -> None:
    pool = embed_pool(run)
    state = pool.state
    assert (state.total, state.done, state.problems, state.is_complete) == (PICTURES + 3, PICTURES + 3, 2, True)
    assert sorted(pool.problems["filepath"]) == ["broken.png", "empty.jpg"]
    same = embed_pool(run, TRAINING, source=Path(run.meta["spec"]["data"]["validation"]))
    rows, embedding = next(iter(same.blocks(without=np.zeros(0, dtype=np.int64))))
    of_run = dict(zip(run.column("filepath"), np.asarray(run.embeddings), strict=True))
    for row, found in zip(rows.tolist(), embedding, strict=True):
        np.testing.assert_array_equal(found, of_run[same.files["filepath"][row]])
    facts = same.facts_of(rows)
    assert facts["prediction_index"].tolist() == run.column("prediction_index").tolist()
    np.testing.assert_allclose(facts["confidence"], run.column("confidence"), atol=1e-5)
    assert facts["label"].tolist() == run.column("label").tolist()


def test_pictures_are_kept(run: Run) -> None:
    pool = embed_pool(run)
    names = pool.files["filepath"].tolist()
    whole = pool.picture(names.index("copy.png"))
    assert whole == (Path(run.meta["spec"]["data"]["unlabeled"]) / "copy.png").read_bytes()
    assert pool.picture(names.index("broken.png")) is None
    assert pool.picture(-1) is None
    assert pool.picture(10_000) is None


def test_a_stopped_pool_can_be_searched_and_goes_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "SHARD", 8)
    monkeypatch.setattr(embed, "Throttle", lambda progress: progress)  # every call counts here

    def stop(stage: str, done: int, total: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(InterruptedRunError, match="16 of 33 pictures are finished"):
        embed_pool(run, batch_size="4", progress=stop)
    pool = Pool.open(run.path, UNLABELED)
    assert pool is not None
    assert (pool.state.done, pool.state.is_complete) == (16, False)
    readable = 16 - pool.state.problems - ("copy.png" in pool.files["filepath"][:16].tolist())
    assert len(find_alike(run, UNLABELED, np.array([0]), 50)) == readable
    before = {shard: shard.stat().st_mtime_ns for shard in pool.shards}
    assert embed_pool(run).state.is_complete
    assert {shard: shard.stat().st_mtime_ns for shard in before} == before


def test_another_listing_starts_anew(run: Run, folder: Path) -> None:
    embed_pool(run)
    other = embed_pool(run, source=folder / "pool" / "deep 0")
    assert other.state.total == PICTURES / 2
    assert other.state.done == PICTURES / 2


def test_alike_pictures_have_the_colour_asked_with(run: Run) -> None:
    embed_pool(run)
    samples = np.flatnonzero(run.column("label") == "blue")
    found = find_alike(run, UNLABELED, samples, 8, diverse=False)
    assert found["prediction"].tolist() == ["blue"] * 8
    assert found["nearest_label"].tolist() == ["blue"] * 8
    assert "copy.png" not in found["filepath"].tolist()  # it is in the validation set already
    assert found["similarity"].is_monotonic_decreasing
    table = pd.read_csv(io.BytesIO(b"".join(csv_chunks(found))))
    assert table["nearest_sample_id"].tolist() == found["nearest_sample_id"].tolist()
    assert "row" not in table
    assert not table["filepath"].str.startswith("=").any()


@pytest.mark.parametrize(
    ("samples", "message"), [([], "no sample to ask with"), ([0], "Nothing was embedded yet; do it with")]
)
def test_what_cannot_be_searched_is_said(run: Run, samples: list[int], message: str) -> None:
    if not samples:
        embed_pool(run)
    with pytest.raises(RunError, match=message):
        find_alike(run, UNLABELED, np.array(samples, dtype=np.int64), 5)


def test_another_checkpoint_or_none_named_is_refused(run: Run, folder: Path) -> None:
    meta = run.meta | {"digests": run.meta["digests"] | {"checkpoint": "another"}}
    write_json(run.path / layout.META, meta)
    with pytest.raises(RunError, match="The checkpoint has changed since the run was made"):
        embed_pool(Run.open(run.path))
    meta["spec"]["data"]["unlabeled"] = None
    write_json(run.path / layout.META, meta)
    with pytest.raises(RunError, match=r"names no pool; set data\.unlabeled"):
        embed_pool(Run.open(run.path))
    with pytest.raises(DatasetError, match="does not exist"):
        embed_pool(run, source=folder / "nothing")
    (run.path / layout.EMBEDDINGS).unlink()
    with pytest.raises(RunError, match="no embeddings to compare with"):
        embed_pool(Run.open(run.path))
