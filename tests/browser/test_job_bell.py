"""A job ends while nobody looks: the tab's title and, once asked for, a notification on the desktop say so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from analysis.jobs.job import JobState
from analysis.jobs.store import JobStore
from tests.browser.conftest import Tab, serve, stop
from tests.planting import make_run

Make = Callable[..., Tab]

# A headless tab is never in the background, and there is no desktop: both are played.
_BACKGROUND = """
window.told = [];
window.away = false;
Object.defineProperty(document, "hidden", { get: () => window.away });
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (window.Notification.permission = "granted"); }
  constructor(title, options) { window.told.push([title, options.body]); }
  close() {}
};
"""


@pytest.mark.parametrize("asked", [True, False])
def test_the_end_of_a_job_is_told(chromium: Browser, tab: Make, tmp_path: Path, asked: bool) -> None:
    root = tmp_path / "runs"
    make_run(root / "ours", per_class=10, thumbnails=False)
    store = JobStore(root)
    job, _ = store.add(kind="run", title="Leaves <b>2</b>", output=root / "leaves", command=("run",))
    store.begin(job.id, pid=1, pid_started=0.0, host="elsewhere")
    process, address = serve(root, tmp_path / "log")
    try:
        opened = tab(address=address)
        opened.page.add_init_script(_BACKGROUND)
        opened.open("/logits?run=ours")
        button = opened.page.get_by_role("button", name="Tell me when it ends")
        button.wait_for(timeout=30_000)
        if asked:
            button.click()
            button.wait_for(state="hidden", timeout=30_000)
        opened.page.evaluate("window.away = true")
        store.finish(job.id, JobState.DONE, 0)
        opened.page.wait_for_function("document.title === 'Done: Leaves <b>2</b>'", timeout=60_000)
        assert opened.page.evaluate("window.told") == ([["Leaves <b>2</b>", "Done"]] if asked else [])
        opened.page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
        opened.page.wait_for_function("!document.title.startsWith('Done')", timeout=30_000)
    finally:
        stop(process)
