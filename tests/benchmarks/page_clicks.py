"""From opening a page to its first content, and from a click or a filter to the new answer, in a real Chromium.

By hand: ``python -m tests.benchmarks.page_clicks --root FOLDER``, the folder that page_latency made with ``--root``.
Every filter expression is one that nobody has asked before; of the buttons only the first clicks are.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import serve, stop

REPEATS = 20
# Page, what its first content is, and the element whose text a filter changes.
_LINE = "[...document.querySelectorAll('p')].find(line => line.innerText.includes('{}'))"
_PASSING = _LINE.format(" pass")
_LEGEND = """(() => {
  const host = [...document.querySelectorAll('*')].find(one => one.shadowRoot?.querySelector('.map .legend'))
  return host?.shadowRoot.querySelector('.map .legend')
})()"""
# Address, what a person came for, what is drawn last of what is in view, and the element whose text a filter changes.
_TABLE = "[data-testid=stDataFrame] canvas"
_PICTURES = "[data-testid=stMain] img"
PAGES = {
    "overview": ("", ".st-key-verdict", _PICTURES, _PASSING),
    "checklist": ("checklist", "[data-testid=stMain] h1", ".st-key-chk_verdict button", _PASSING),
    "logits": ("logits", "[data-testid=stMetric]", ".st-key-log_sweep .xtitle", _PASSING),
    "classes": ("classes", _TABLE, ".st-key-cls_recalls .xtitle", _PASSING),
    "confusions": (
        "classes?cls_view=Confusions",
        _TABLE,
        ".st-key-cls_blocks .xtitle",
        _LINE.format("Select a row to open"),
    ),
    "examples": ("examples", ".gallery img", ".gallery img", _LINE.format(" samples, ")),
    "clusters": ("clusters", ".bars .bar", ".map[data-ready]", _LEGEND),
    "slices": ("slices", _TABLE, ".gallery img", _PASSING),
    "duplicates": (
        "duplicates",
        "[data-testid=stMetric]",
        ".st-key-dup_view button",
        _LINE.format("validation samples"),
    ),
    "find_more": ("find_more?cluster=1", _PICTURES, _PICTURES, _LINE.format("Looking for more")),
}
OPENED = 5  # times in a fresh browser, after a first time that finds the server cold
# Page, key of the control, its options, the element whose text the answer changes.
CLICKS = (
    ("examples", "ex_outcome", ("Wrong", "Correct"), PAGES["examples"][3]),
    ("classes", "cls_group", ("New", "Old"), _LINE.format("Select a row")),
    ("classes", "cls_view", ("Confusions", "Table"), "document.querySelector('[data-testid=stMain]')"),
    (
        "logits",
        "log_measure",
        ("Margin", "Largest logit"),
        "document.querySelector('.st-key-log_distribution .xtitle')",
    ),
)
_SEEN = """
  window.seen = {}
  const shown = (root, selector) => root.querySelector(selector)
    ?? [...root.querySelectorAll("*")].map(one => one.shadowRoot && shown(one.shadowRoot, selector)).find(Boolean)
  const look = () => {
    if (!seen.first && shown(document, "FIRST")) seen.first = performance.now()
    if (!seen.last && shown(document, "LAST")) seen.last = performance.now()
    if (!seen.first || !seen.last) setTimeout(look, 30)
  }
  look()
"""
_WATCH = """([key, option, element]) => {
  const text = () => { try { return new Function(`return ${element}`)()?.textContent ?? "" } catch { return "" } }
  const before = text(), app = document.querySelector("[data-testid=stApp]")
  window.answered = null
  const watch = () => {
    const start = performance.now()
    const look = () => {
      const now = text()
      // the words above the page change first: the answer is whole when the script has ended
      const isWhole = now && now !== before && app.dataset.testScriptState === "notRunning"
      if (isWhole) window.answered = performance.now() - start
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }
  if (!option) return addEventListener("keydown", watch, { once: true, capture: true })
  const buttons = [...document.querySelectorAll(`.st-key-${key} button`)]
  watch()
  buttons.find(candidate => candidate.textContent.trim() === option).click()
}"""


def answered(page: Page) -> float:
    """Milliseconds until the text had changed; then the page comes to rest."""
    page.wait_for_function("window.answered !== null", timeout=30_000)
    page.wait_for_timeout(900)
    return float(page.evaluate("window.answered"))


def clicks(page: Page, key: str, options: tuple[str, ...], element: str) -> list[float]:
    """Of each click on a button."""
    found = []
    for repeat in range(REPEATS):
        page.evaluate(_WATCH, [key, options[repeat % len(options)], element])
        found.append(answered(page))
    return found


def filters(page: Page, element: str) -> list[float]:
    """Of each filter expression, entered by its last key."""
    found, box = [], page.locator(".st-key-where input")
    for repeat in range(REPEATS):
        box.fill(f"loss > {0.9 + 0.137 * repeat:.3f}")  # below, all that is wrong passes
        page.evaluate(_WATCH, ["", "", element])
        box.press("Enter")
        found.append(answered(page))
    return found


def opening(browser: Browser, address: str, name: str) -> tuple[Page, float, float]:
    """A page opened in a browser that has nothing of it yet; milliseconds until its first content and its last."""
    path, first, last, _ = PAGES[name]
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.add_init_script(_SEEN.replace("FIRST", first).replace("LAST", last))
    page.goto(f"{address}/{path}{'&' if '?' in path else '?'}run=large")
    page.wait_for_function("seen.first && seen.last", timeout=60_000)
    seen = page.evaluate("seen")
    return page, float(seen["first"]), float(seen["last"])


def opened(browser: Browser, address: str, name: str) -> None:
    """Print how long it took: once the server's first time, then in browsers that ask again."""
    times = []
    for _ in range(1 + OPENED):
        page, first, last = opening(browser, address, name)
        page.wait_for_timeout(1_000)
        page.context.close()
        times.append((first, last))
    (cold, cold_last), (first, last) = times[0], np.median(times[1:], axis=0)
    print(
        f"{name:<10} first content {cold:5.0f} ms when first asked of the server, median {first:5.0f} ms, most "
        f"{max(time[0] for time in times[1:]):5.0f} ms; all of it {cold_last:5.0f} and {last:5.0f} ms",
        flush=True,
    )


def told(page: str, what: str, times: list[float]) -> None:
    """Print one line."""
    print(
        f"{page:<10} {what:<12} median {statistics.median(times):5.0f} ms, 95 % {np.quantile(times, 0.95):5.0f} ms, "
        f"most {max(times):5.0f} ms",
        flush=True,
    )


def main() -> None:
    """Serve the run, click, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--pages", nargs="*", choices=tuple(PAGES), default=tuple(PAGES))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        process, address = serve(given.root, Path(temporary) / "log")
        arguments = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        try:
            browser = playwright.chromium.launch(executable_path=given.chromium, args=arguments)
            for name in given.pages:
                opened(browser, address, name)
                page = opening(browser, address, name)[0]
                page.wait_for_timeout(4_000)
                told(name, "filter", filters(page, PAGES[name][3]))
                page.locator(".st-key-where input").fill("")
                page.locator(".st-key-where input").press("Enter")
                page.wait_for_timeout(2_000)
                for _, key, options, changed in (click for click in CLICKS if click[0] == name):
                    told(name, key, clicks(page, key, options, changed))
                page.context.close()
        finally:
            stop(process)


if __name__ == "__main__":
    main()
