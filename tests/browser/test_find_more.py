"""From a sample to more like it, a picture of the pool opened, and the CSV of the same pictures."""

import csv
import io
import urllib.request
from collections.abc import Callable

from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def test_from_a_filter_to_pictures_and_their_csv(tab: Tabs) -> None:
    page = tab(width=900, scheme="dark").open("/find_more?run=full&ids=7-9&more_order=Nearest")
    page.see("Looking for more like 3 samples")
    page.page.locator(".tile").nth(23).wait_for(timeout=30_000)
    page.picture("find-more-dark-900")
    address = page.page.get_by_role("link", name="CSV to label").get_attribute("href")
    with urllib.request.urlopen(page.address + str(address)) as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    shown = [label.split("\n")[0] for label in page.page.locator(".tile .title").all_inner_texts()]
    assert [row["prediction"] for row in rows] == shown
    page.page.locator(".tile").first.click()
    page.page.wait_for_url("**found=*")
    page.page.get_by_role("dialog").get_by_text("Most like").wait_for(timeout=30_000)
    assert not page.crashed()
