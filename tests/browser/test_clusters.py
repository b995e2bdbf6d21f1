"""The WebGL map: points, outline in the link, hover, click; and a ranking that opens clusters."""

from collections.abc import Callable

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def _map(tab: Tab) -> dict[str, float]:
    tab.page.locator(".map[data-ready]").wait_for(timeout=30_000)
    tab.settle()
    return tab.page.locator(".stage").bounding_box()


def _drag(tab: Tab, box: dict[str, float], *corners: tuple[float, float]) -> None:
    (x, y), *rest = [(box["x"] + box["width"] * across, box["y"] + box["height"] * down) for across, down in corners]
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    for x, y in rest:
        tab.page.mouse.move(x, y, steps=8)
    tab.page.mouse.up()


def test_every_sample_is_a_point(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full")
    _map(page)
    assert page.page.locator(".map").get_attribute("data-ready") == "720"
    assert "wrong (" in page.page.locator(".map .legend").inner_text()
    page.picture("clusters")


def test_a_box_selects_and_its_link_selects_again(tab: Tabs) -> None:
    first = tab().open("/clusters?run=full")
    box = _map(first)
    first.page.locator("[data-tool=box]").click()
    _drag(first, box, (0.02, 0.02), (0.98, 0.98))
    first.page.wait_for_url("**area=*")
    words = first.page.locator(".st-key-clu_selection p").first
    words.wait_for(timeout=30_000)
    again = tab()
    again.page.goto(first.page.url)
    _map(again)
    assert again.page.locator(".st-key-clu_selection p").first.inner_text() == words.inner_text()
    again.page.locator("[data-act=clear]").click()
    again.page.wait_for_url(lambda url: "area=" not in url)


def test_a_lasso_is_simplified_for_the_link(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full")
    box = _map(page)
    page.page.locator("[data-tool=lasso]").click()
    _drag(page, box, (0.2, 0.2), (0.8, 0.25), (0.7, 0.8), (0.3, 0.75), (0.2, 0.2))
    page.page.wait_for_url("**area=*")
    assert len(page.page.url) < 1000
    page.page.locator(".st-key-clu_selection").wait_for(timeout=30_000)
    page.picture("clusters-lasso")


def test_hover_explains_and_a_click_opens_the_sample(tab: Tabs) -> None:
    page = tab().open("/clusters?run=full")
    box = _map(page)
    tip = page.page.locator(".tip")
    for step in range(60):  # walk across the middle until a point is under the pointer
        page.page.mouse.move(box["x"] + box["width"] * (0.2 + step * 0.01), box["y"] + box["height"] / 2)
        page.page.wait_for_timeout(150)
        if tip.is_visible():
            break
    assert "loss" in tip.inner_text()
    page.page.mouse.down()
    page.page.mouse.up()
    page.page.get_by_role("dialog").wait_for(state="visible", timeout=30_000)
    page.page.wait_for_url("**sample=*")


def test_without_webgl_the_points_are_drawn_all_the_same(tab: Tabs) -> None:
    page = tab()
    page.page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind === 'webgl2' ? null : get.call(this, kind, ...rest) }"
    )
    page.open("/clusters?run=full")
    _map(page)
    drawn = page.page.locator("canvas.points").evaluate(
        "points => points.getContext('2d').getImageData(0, 0, points.width, points.height).data.some(Boolean)"
    )
    assert drawn


def test_the_map_answers_keys(tab: Tabs) -> None:
    page = tab(scheme="dark").open("/clusters?run=full")
    _map(page)
    page.page.locator(".stage").focus()
    page.page.keyboard.press("b")
    assert page.page.locator("[data-tool=box]").get_attribute("aria-pressed") == "true"
    page.page.keyboard.press("g")
    assert page.page.locator("[data-tool=pan]").get_attribute("aria-pressed") == "true"
    page.picture("clusters-dark")
