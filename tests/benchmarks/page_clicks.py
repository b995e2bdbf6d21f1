"""From a click on a filter to the new answer in the page, in a real Chromium.

By hand: ``python -m tests.benchmarks.page_clicks --root FOLDER``, the folder that page_latency made with ``--root``.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import serve, stop

# Page, key of the control, its options, the element whose text the answer changes.
_LINE = "[...document.querySelectorAll('p')].find(line => line.innerText.includes('{}'))"
CLICKS = (
    ("examples", "ex_outcome", ("Wrong", "Correct"), _LINE.format(" samples, ")),
    ("classes", "cls_group", ("New", "Old"), _LINE.format("Select a row")),
    (
        "logits",
        "log_measure",
        ("Margin", "Largest logit"),
        "document.querySelector('.st-key-log_distribution .xtitle')",
    ),
)
REPEATS = 6
_CLICK = """([key, option, element]) => {
  const text = () => { try { return new Function(`return ${element}`)()?.textContent ?? "" } catch { return "" } }
  const before = text()
  const buttons = [...document.querySelectorAll(`.st-key-${key} button`)]
  const button = buttons.find(candidate => candidate.textContent.trim() === option)
  const start = performance.now()
  window.answered = null
  const look = () => {
    const now = text()
    if (now && now !== before) window.answered = performance.now() - start
    else requestAnimationFrame(look)
  }
  button.click()
  requestAnimationFrame(look)
}"""


def clicks(page: Page, key: str, options: tuple[str, ...], element: str) -> list[float]:
    """Milliseconds from each click to the changed text."""
    found = []
    for repeat in range(REPEATS):
        page.evaluate(_CLICK, [key, options[repeat % len(options)], element])
        page.wait_for_function("window.answered !== null", timeout=20_000)
        found.append(float(page.evaluate("window.answered")))
        page.wait_for_timeout(900)
    return found


def main() -> None:
    """Serve the run, click, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        process, address = serve(given.root, Path(temporary) / "log")
        arguments = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        try:
            browser = playwright.chromium.launch(executable_path=given.chromium, args=arguments)
            for name, key, options, element in CLICKS:
                page = browser.new_page(viewport={"width": 1440, "height": 1000})
                page.goto(f"{address}/{name}?run=large")
                page.locator(f".st-key-{key} button").first.wait_for(timeout=60_000)
                page.wait_for_timeout(4_000)
                times = clicks(page, key, options, element)
                print(f"{name:<9} {key:<12} median {statistics.median(times):4.0f} ms, most {max(times):4.0f} ms")
                page.close()
        finally:
            stop(process)


if __name__ == "__main__":
    main()
