"""The map's plain JavaScript: camera, outlines and nearest points, each held against Python or its own inverse."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from analysis.runs.outlines import Outline, selected
from tests.browser.conftest import PROJECT

FOLDER = PROJECT / "app" / "components" / "embedding_map"


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page that knows the map's files without the map."""
    page = chromium.new_page()
    for name in ("camera.js", "codes.js", "outline.js", "selection.js", "nearest.js"):
        page.add_script_tag(content=(FOLDER / name).read_text("utf-8"))
    yield page
    page.close()


def test_the_camera_goes_to_the_screen_and_back(page: Page) -> None:
    there, back, kept, box, shown = page.evaluate("""() => {
      const camera = new Camera([-2, -1, 2, 3])
      Object.assign(camera, { width: 800, height: 500 })
      const fixed = camera.toData(200, 100)
      camera.zoomAt(200, 100, 3.7)
      const kept = [fixed, camera.toData(200, 100)]
      camera.pan(31, -17)
      const box = camera.box
      const other = new Camera([-2, -1, 2, 3])
      Object.assign(other, { width: 800, height: 500 })
      other.show(box)
      return [camera.toScreen(0.3, 0.4), camera.toData(...camera.toScreen(0.3, 0.4)), kept, box, other.box]
    }""")
    assert all(np.isfinite(there))
    assert np.allclose(back, [0.3, 0.4])
    assert np.allclose(*kept)
    assert np.allclose(box, shown)


def test_points_are_inside_for_the_browser_as_for_the_server(page: Page) -> None:
    rng = np.random.default_rng(0)
    xy = rng.normal(size=(4000, 2)).astype(np.float32)
    xy[7] = np.nan
    steps = [
        Outline(tuple((float(np.cos(a)), float(np.sin(3 * a))) for a in np.linspace(0, 6, 20)), True),
        Outline(((-0.5, -0.5), (0.5, -0.5), (0.1, 0.7)), False),
        Outline(((0.0, -0.2), (0.2, -0.2), (0.2, 0.2), (0.0, 0.2)), True),
    ]
    drawn = [{"corners": outline.corners, "keep": outline.keep} for outline in steps]
    flat = [None if np.isnan(value) else float(value) for value in xy.ravel()]
    found = page.evaluate(
        "([xy, drawn]) => [...selectedBy(new Float32Array(xy.map(value => value ?? NaN)), drawn)]", [flat, drawn]
    )
    assert np.array_equal(np.array(found, dtype=bool), selected(xy, tuple(steps)))


def test_an_edge_through_points_counts_as_on_the_server(page: Page) -> None:
    rng = np.random.default_rng(5)
    xy = rng.integers(0, 12, size=(2000, 2)).astype(np.float32)  # many on corners, and on edges that lie flat
    for _ in range(20):
        corners = rng.integers(0, 12, size=(9, 2)).astype(float)
        found = page.evaluate(
            "([xy, corners]) => [...selectedBy(new Float32Array(xy), [{ corners, keep: true }])]",
            [[float(value) for value in xy.ravel()], corners.tolist()],
        )
        step = Outline(tuple((float(x), float(y)) for x, y in corners), True)
        assert np.array_equal(np.array(found, dtype=bool), selected(xy, (step,)))


def test_a_selection_counts_errors_and_leaves_out_what_the_filter_does(page: Page) -> None:
    rng = np.random.default_rng(6)
    xy, wrong, filtered = rng.random((999, 2)).astype(np.float32), rng.random(999) < 0.3, rng.random(999) < 0.5
    inside = (xy < 0.5).all(axis=1) & ~filtered
    bits = np.packbits(wrong, bitorder="little")
    before, after = page.evaluate(
        """([xy, bytes, bits]) => {
      const selection = new Selection()
      selection.outlines = [{ corners: [[-1, -1], [0.5, -1], [0.5, 0.5], [-1, 0.5]], keep: true }]
      selection.take(new Float32Array(xy), new Uint8Array(bytes), null)
      const before = selection.words
      selection.take(new Float32Array(xy), new Uint8Array(bytes), new Uint8Array(bits))
      return [before, selection.words]
    }""",
        [[float(value) for value in xy.ravel()], (filtered * 64 + 1).tolist(), bits.tolist()],
    )
    count, errors = int(inside.sum()), int((inside & wrong).sum())
    assert before == f"{count} selected"
    assert after == f"{count} selected · {errors} wrong · accuracy {100 * (count - errors) / count:.1f} %"


def test_a_long_outline_gets_few_corners_and_keeps_its_area(page: Page) -> None:
    corners, before, after = page.evaluate("""() => {
      const drawn = Array.from({ length: 900 }, (_, i) => {
        const angle = (i / 900) * 2 * Math.PI
        const radius = 200 + 20 * Math.sin(9 * angle) + (i % 3)
        return [300 + radius * Math.cos(angle), 300 + radius * Math.sin(angle)]
      })
      const few = fewCorners(drawn)
      return [few.length, areaOf(drawn), areaOf(few)]
    }""")
    assert 10 < corners <= 48
    assert after == pytest.approx(before, rel=0.05)


def test_the_nearest_point_is_the_nearest(page: Page) -> None:
    rng = np.random.default_rng(1)
    xy = rng.normal(size=(3000, 2)).astype(np.float32)
    places = rng.normal(size=(40, 2)).astype(np.float32)
    found, hidden, right = page.evaluate(
        """([xy, places]) => {
      const points = new Float32Array(xy)
      let box = [Infinity, Infinity, -Infinity, -Infinity]
      for (let i = 0; i < points.length; i += 2) {
        const [x, y] = [points[i], points[i + 1]]
        box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)]
      }
      const nearest = new NearestPoint(points, box)
      const all = () => true
      return [
        places.map(([x, y]) => nearest.anywhere(x, y, all)),
        nearest.anywhere(0, 0, () => false),
        nearest.toward(0, [1, 0], all),
      ]
    }""",
        [[float(value) for value in xy.ravel()], places.tolist()],
    )
    expected = [int(np.argmin(((xy - place) ** 2).sum(axis=1))) for place in places]
    assert found == expected
    assert hidden == -1
    along, across = (xy - xy[0]).T
    ahead = np.flatnonzero((along > 0) & (along >= np.abs(across)))
    assert right == ahead[np.argmin(along[ahead] ** 2 + across[ahead] ** 2)]


def test_rounded_coordinates_are_short_and_stay_within_a_pixel(page: Page) -> None:
    for scale in (0.01, 1, 37, 5_000, 1e6):
        value = 12.3456789012
        short = page.evaluate("([value, scale]) => rounded(value, scale)", [value, scale])
        assert abs(short - value) * scale < 1 or abs(short - value) < value * 1e-6
        assert len(repr(short)) <= 10
