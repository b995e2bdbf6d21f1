"""The embedding map in real Chromium: selecting, looking, walking, touching, and what a browser without WebGL gets."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, CDPSession, expect

from analysis.runs.run import Run
from app.queries import outlines
from tests.browser.conftest import Tab, launch

Tabs = Callable[..., Tab]
Box = dict[str, float]


def _map(tab: Tab) -> Box:
    tab.page.locator(".map[data-ready]").wait_for(timeout=60_000)
    tab.settle()
    box = tab.page.locator(".stage").bounding_box()
    assert box is not None
    return box


def _at(box: Box, place: tuple[float, float]) -> tuple[float, float]:
    return box["x"] + box["width"] * place[0], box["y"] + box["height"] * place[1]


def _drag(tab: Tab, box: Box, *corners: tuple[float, float]) -> None:
    first, *rest = [_at(box, corner) for corner in corners]
    tab.page.mouse.move(*first)
    tab.page.mouse.down()
    for place in rest:
        tab.page.mouse.move(*place, steps=8)
    tab.page.mouse.up()


def _selected(tab: Tab, count: int, wrong: int | None = None) -> None:
    """The map tells so many samples and, where the browser has the points, how many of them are wrong."""
    errors = r"[\d,]+" if wrong is None else f"{wrong:,}"
    words = rf"{count:,} selected · {errors} wrong · accuracy [\d.]+ %" if count else "0 selected"
    expect(tab.page.locator(".map .state")).to_have_text(re.compile(f"^{words}$"), timeout=30_000)


def _asked(tab: Tab, name: str) -> str:
    return parse_qs(urlsplit(tab.page.url).query)[name][0]


def _ids_inside(run: Path, area: str) -> set[int]:
    """The samples inside, from the run itself."""
    opened = Run.open(run)
    xy = np.stack([opened.column("projection_x"), opened.column("projection_y")], axis=1)
    found = outlines.area_of(area)
    assert found is not None
    chosen = np.zeros(len(xy), dtype=bool)
    for outline in found:
        chosen[outlines.inside(xy, outline.corners)] = outline.keep
    return set(np.flatnonzero(chosen).tolist())


def test_every_sample_is_a_point(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full")
    _map(page)
    assert page.page.locator(".map").get_attribute("data-ready") == "720"
    assert "wrong (" in page.page.locator(".map .legend").inner_text()
    page.see("Trustworthiness")
    page.picture("map")


def test_a_lasso_its_csv_and_its_link_mean_the_same_samples(tab: Tabs, runs_folder: Path) -> None:
    first = tab().open("/clusters?run=full&clu_colour=camera")
    box = _map(first)
    first.page.locator("[data-tool=lasso]").click()
    _drag(first, box, (0.2, 0.2), (0.8, 0.25), (0.7, 0.8), (0.3, 0.75), (0.2, 0.2))
    first.page.wait_for_url("**area=*")
    assert len(first.page.url) < 1000
    ids = _ids_inside(runs_folder / "full", _asked(first, "area"))
    assert 0 < len(ids) < 720
    _selected(first, len(ids))
    told = re.findall(r"(\d+) wrong", first.page.locator(".map .state").inner_text())[0]
    first.see(f"{told} of {len(ids)} samples are wrong")  # the server's answer is the browser's
    link = first.page.locator(".st-key-clu_selection a", has_text="CSV").first
    link.wait_for(timeout=30_000)
    address = first.address + (link.get_attribute("href") or "")
    table = pd.read_csv(io.BytesIO(first.page.request.get(address).body()))
    assert set(table["sample_id"]) == ids
    first.picture("map-lasso")
    again = tab()
    again.page.goto(first.page.url)
    _map(again)
    _selected(again, len(ids))
    assert "phone (" in again.page.locator(".map .legend").inner_text()
    words = again.page.locator(".st-key-clu_selection").inner_text(timeout=30_000)
    assert f"of {len(ids)} samples" in words


def test_a_selection_becomes_the_filter_of_the_examples(tab: Tabs, runs_folder: Path) -> None:
    area = "-1_-1_1_-1_1_1_-1_1"
    number = len(_ids_inside(runs_folder / "full", area))
    page = tab().open(f"/clusters?run=full&area={area}")
    _map(page)
    link = page.page.locator(".st-key-clu_selection a", has_text="Show in Examples").first
    link.wait_for(timeout=30_000)
    page.open(link.get_attribute("href") or "")
    page.see(f"{number} samples")
    page.picture("map-to-examples")


def test_a_selection_saved_as_a_view_comes_back(tab: Tabs, runs_folder: Path) -> None:
    area = "-1_-1_1_-1_1_1_-1_1"
    number = len(_ids_inside(runs_folder / "full", area))
    page = tab().open(f"/clusters?run=full&area={area}&clu_colour=camera")
    _map(page)
    card = page.page.locator(".st-key-clu_selection")
    card.get_by_role("button", name="Save").first.click()
    page.page.get_by_role("radiogroup").get_by_text("View", exact=True).click()
    page.page.get_by_label("Name", exact=True).fill("the middle")
    page.picture("map-save")
    page.page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    card.get_by_role("button", name="Undo: saved view “the middle”").first.wait_for(timeout=30_000)
    other = tab().open("/examples?run=full")
    other.page.get_by_role("button", name="Views").click()
    other.page.get_by_role("link", name="the middle").click()
    _map(other)
    _selected(other, number)
    assert "phone (" in other.page.locator(".map .legend").inner_text()
    card.get_by_role("button", name="Undo: saved view “the middle”").first.click()
    card.get_by_role("button", name="Undo: saved view “the middle”").first.wait_for(state="detached", timeout=30_000)


def test_the_filter_dims_points_and_selections_leave_them_out(tab: Tabs, runs_folder: Path) -> None:
    wrong = int((~Run.open(runs_folder / "full").column("correct")).sum())
    page = tab().open("/clusters?run=full&clu_today=true&where=not+correct")
    _map(page)
    expect(page.page.locator(".legend button[data-code='0']")).to_have_text("correct (0)")
    page.page.locator(".stage").press("v")
    _selected(page, wrong, wrong)
    page.see(f"{wrong} of {wrong} samples are wrong")


def test_shift_adds_alt_takes_away_and_clear_forgets(tab: Tabs, runs_folder: Path) -> None:
    page = tab().open("/clusters?run=full")
    box = _map(page)
    page.page.locator("[data-tool=box]").click()
    _drag(page, box, (0.02, 0.02), (0.45, 0.98))
    page.page.wait_for_url("**area=*")
    left = _ids_inside(runs_folder / "full", _asked(page, "area"))
    page.page.keyboard.down("Shift")
    _drag(page, box, (0.45, 0.02), (0.98, 0.98))
    page.page.keyboard.up("Shift")
    _selected(page, 720)
    page.page.keyboard.down("Alt")
    _drag(page, box, (0.02, 0.02), (0.45, 0.98))
    page.page.keyboard.up("Alt")
    _selected(page, 720 - len(left))
    page.page.wait_for_url("**~x*")
    assert _ids_inside(runs_folder / "full", _asked(page, "area")) == set(range(720)) - left
    page.page.locator("[data-act=clear]").click()
    page.page.wait_for_url(lambda url: "area=" not in url)
    expect(page.page.locator(".map .state")).to_have_text("", timeout=30_000)


def test_moving_the_map_stands_in_the_link_but_is_no_step_back(tab: Tabs) -> None:
    first = tab().open("/clusters?run=full")
    box = _map(first)
    steps = first.page.evaluate("history.length")
    first.page.locator("[data-act=in]").click()
    first.page.wait_for_url("**map_view=*")
    for _ in range(3):
        before = first.page.url
        _drag(first, box, (0.5, 0.5), (0.55, 0.6))
        first.page.wait_for_url(lambda url, before=before: url != before)
    assert first.page.evaluate("history.length") == steps
    seen = _asked(first, "map_view")
    first.page.locator(".stage").press("v")
    first.page.wait_for_url(lambda url: "area=" in url and "map_view=" in url)
    assert _asked(first, "map_view") == seen
    again = tab()
    again.page.goto(first.page.url)
    _map(again)
    again.page.locator("[data-act=reset]").click()
    again.page.wait_for_url(lambda url: "map_view=" not in url)


def test_hover_explains_and_a_click_opens_the_sample(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full")
    box = _map(page)
    tip = page.page.locator(".tip")
    for step in range(60):  # walk across the middle until a point is under the pointer
        page.page.mouse.move(*_at(box, (0.2 + step * 0.01, 0.5)))
        page.page.wait_for_timeout(150)
        if tip.is_visible():
            break
    assert "loss" in tip.inner_text()
    page.picture("map-hover")
    page.page.mouse.down()
    page.page.mouse.up()
    page.page.get_by_role("dialog").wait_for(state="visible", timeout=30_000)
    page.page.wait_for_url("**sample=*")


def test_the_keyboard_walks_opens_and_lets_go(tab: Tabs) -> None:
    page = tab(scheme="dark").open("/clusters?run=full")
    _map(page)
    stage, keys = page.page.locator(".stage"), page.page.keyboard
    stage.focus()
    keys.press("b")
    assert page.page.locator("[data-tool=box]").get_attribute("aria-pressed") == "true"
    keys.press("v")
    page.page.wait_for_url("**area=*")
    _selected(page, 720)
    assert "720 samples; 720 selected ·" in (stage.get_attribute("aria-label") or "")
    keys.press("Escape")
    page.page.wait_for_url(lambda url: "area=" not in url)
    page.settle()
    heard = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        keys.press(key)
        expect(page.page.locator(".tip")).to_be_visible(timeout=30_000)
        heard.add(
            page.page.locator(".spoken").inner_text() + (page.page.locator(".tip img").get_attribute("src") or "")
        )
    assert len(heard) > 2
    page.picture("map-dark")
    keys.press("Enter")
    page.page.get_by_role("dialog").wait_for(state="visible", timeout=30_000)
    page.page.wait_for_url("**sample=*")


def test_the_legend_hides_and_shows_alone(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full")
    _map(page)
    correct, wrong = (page.page.locator(f".legend button[data-code='{code}']") for code in (0, 1))
    wrong.click()
    assert wrong.get_attribute("aria-pressed") == "false"
    wrong.click()
    wrong.dblclick()
    assert [button.get_attribute("aria-pressed") for button in (correct, wrong)] == ["false", "true"]


def _touch(fingers: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_two_fingers_zoom_and_one_moves_or_draws(tab: Tabs) -> None:
    page = tab(touch=True).open("/clusters?run=full")
    box = _map(page)
    fingers = page.page.context.new_cdp_session(page.page)
    _touch(fingers, "touchStart", _at(box, (0.45, 0.5)), _at(box, (0.55, 0.5)))
    for step in range(1, 6):
        _touch(fingers, "touchMove", _at(box, (0.45 - step * 0.04, 0.5)), _at(box, (0.55 + step * 0.04, 0.5)))
    _touch(fingers, "touchEnd")
    page.page.wait_for_url("**map_view=*")
    left, _, right, _ = (float(part) for part in _asked(page, "map_view").split("_"))
    before = page.page.url
    _touch(fingers, "touchStart", _at(box, (0.5, 0.5)))
    for step in range(1, 6):
        _touch(fingers, "touchMove", _at(box, (0.5 + step * 0.02, 0.5)))
    _touch(fingers, "touchEnd")
    page.page.wait_for_url(lambda url: url != before)
    left2, _, right2, _ = (float(part) for part in _asked(page, "map_view").split("_"))
    assert left2 < left
    assert right2 - left2 == pytest.approx(right - left, rel=0.01)
    page.page.locator("[data-tool=lasso]").tap()
    _touch(fingers, "touchStart", _at(box, (0.2, 0.2)))
    for place in ((0.8, 0.2), (0.8, 0.8), (0.2, 0.8)):
        _touch(fingers, "touchMove", _at(box, place))
    _touch(fingers, "touchEnd")
    page.page.wait_for_url("**area=*")


def test_an_outline_around_nothing_says_so(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full")
    box = _map(page)
    page.page.locator("[data-tool=box]").click()
    _drag(page, box, (0.01, 0.01), (0.05, 0.05))
    _selected(page, 0)
    page.see("Your selection is empty")


@pytest.fixture(scope="module")
def no_webgl(server: str, chromium: Browser) -> Iterator[Browser]:
    """Another Chromium that has no WebGL."""
    browser = launch(chromium.browser_type, "--disable-3d-apis", "--disable-webgl", "--disable-webgl2")
    yield browser
    browser.close()


def test_without_webgl_a_picture_of_the_density_selects_too(no_webgl: Browser, server: str, runs_folder: Path) -> None:
    page = Tab(no_webgl.new_page(viewport={"width": 1440, "height": 1000}), server)
    page.open("/clusters?run=full")
    box = _map(page)
    drawn = "points => points.getContext('2d').getImageData(0, 0, points.width, points.height).data.some(Boolean)"
    canvas = page.page.locator("canvas.points")
    expect(page.page.locator(".map")).to_have_attribute("data-renderer", "density")
    for _ in range(100):
        if canvas.evaluate(drawn):
            break
        page.page.wait_for_timeout(100)
    assert canvas.evaluate(drawn)
    xy = np.stack([Run.open(runs_folder / "full").column(f"projection_{axis}") for axis in "xy"], axis=1)
    low, high = xy.min(axis=0), xy.max(axis=0)
    scale = 0.92 * min(box["width"] / (high - low)[0], box["height"] / (high - low)[1])
    place = (xy[0] - (low + high) / 2) * scale * (1, -1) + (box["width"] / 2, box["height"] / 2)
    page.page.mouse.move(box["x"] + float(place[0]), box["y"] + float(place[1]))
    expect(page.page.locator(".map .tip .words")).to_contain_text("sample", timeout=30_000)
    expect(page.page.locator(".map .tip img")).to_be_visible()
    page.picture("map-density")
    page.page.locator("[data-tool=box]").click()
    _drag(page, box, (0.3, 0.3), (0.7, 0.7))
    page.page.wait_for_url("**area=*")
    ids = _ids_inside(runs_folder / "full", _asked(page, "area"))
    page.see(f"of {len(ids)} samples")
    page.page.close()
