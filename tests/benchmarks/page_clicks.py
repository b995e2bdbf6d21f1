"""From opening a page to its first content, and from a click or a filter to the new answer, in a real Chromium.

By hand: ``python -m tests.benchmarks.page_clicks --root FOLDER``, the folder that page_latency made with ``--root``.
Every filter expression is one that nobody has asked before; of the buttons only the first clicks are.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import serve, stop

REPEATS = 20
# Page, what its first content is, and the element whose text a filter changes.
_LINE = "[...document.querySelectorAll('p')].find(line => line.innerText.includes('{}'))"
_PASSING = _LINE.format(" pass")
_LEGEND = """(() => {
  const host = [...document.querySelectorAll('*')].find(one => one.shadowRoot?.querySelector('.map .legend'))
  return host?.shadowRoot.querySelector('.map .legend')
})()"""
PAGES = {
    "overview": (".st-key-verdict", _PASSING),
    "checklist": (".st-key-chk_verdict button", _PASSING),
    "logits": (".st-key-log_distribution .xtitle", _PASSING),
    "classes": (".st-key-cls_view button", _PASSING),
    "examples": (".st-key-ex_outcome button", _LINE.format(" samples, ")),
    "clusters": (".stage", _LEGEND),
}
ADDRESSES = {"overview": ""}  # it is the first page
# Page, key of the control, its options, the element whose text the answer changes.
CLICKS = (
    ("examples", "ex_outcome", ("Wrong", "Correct"), PAGES["examples"][1]),
    ("classes", "cls_group", ("New", "Old"), _LINE.format("Select a row")),
    ("classes", "cls_view", ("Confusions", "Table"), "document.querySelector('[data-testid=stMain]')"),
    (
        "logits",
        "log_measure",
        ("Margin", "Largest logit"),
        "document.querySelector('.st-key-log_distribution .xtitle')",
    ),
)
_WATCH = """([key, option, element]) => {
  const text = () => { try { return new Function(`return ${element}`)()?.textContent ?? "" } catch { return "" } }
  const before = text()
  window.answered = null
  const watch = () => {
    const start = performance.now()
    const look = () => {
      const now = text()
      if (now && now !== before) window.answered = performance.now() - start
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
        box.fill(f"loss > {0.3 + 0.137 * repeat:.3f}")
        page.evaluate(_WATCH, ["", "", element])
        box.press("Enter")
        found.append(answered(page))
    return found


def told(page: str, what: str, times: list[float]) -> None:
    """Print one line."""
    print(
        f"{page:<9} {what:<12} median {statistics.median(times):5.0f} ms, 95 % {np.quantile(times, 0.95):5.0f} ms, "
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
                first, element = PAGES[name]
                page = browser.new_page(viewport={"width": 1440, "height": 1000})
                page.goto(f"{address}/{ADDRESSES.get(name, name)}?run=large")
                page.locator(first).first.wait_for(timeout=60_000)
                told(name, "opened", [float(page.evaluate("performance.now()"))])
                page.wait_for_timeout(4_000)
                told(name, "filter", filters(page, element))
                page.locator(".st-key-where input").fill("")
                page.locator(".st-key-where input").press("Enter")
                page.wait_for_timeout(2_000)
                for _, key, options, changed in (click for click in CLICKS if click[0] == name):
                    told(name, key, clicks(page, key, options, changed))
                page.close()
        finally:
            stop(process)


if __name__ == "__main__":
    main()
