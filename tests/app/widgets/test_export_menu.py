"""The Export popover: what it offers depends on the link and on what the run has."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.app.pages import open_page, words


def _opened(page: str, **link: object) -> AppTest:
    """A page whose popover somebody has opened."""
    app = open_page(page, **link)
    app.session_state["export"] = True
    return app.run()


def _addresses(app: AppTest) -> list[str]:
    found = [str(element.proto.url) for element in app.get("link_button")]
    return [address for address in found if "/export/" in address]


def test_everything_of_the_run_is_offered(explored_root: Path) -> None:
    found = _addresses(_opened("duplicates", run="full"))
    ends = {address.rpartition("/")[2] for address in found}
    assert {"report", "samples", "fiftyone-labels", "fiftyone-predictions", "datalab", "duplicates", "leaks"} <= ends
    bare = {address.rpartition("/")[2] for address in _addresses(_opened("duplicates", run="bare"))}
    assert not {"duplicates", "leaks", "clusters"} & bare


def test_what_the_link_chooses_is_offered(explored_root: Path) -> None:
    app = _opened("clusters", run="full", cluster=0, where="loss > 2")
    assert "The samples this link chooses by cluster and filter" in words(app)
    assert any(address.endswith("/export/datalab?cluster=0&where=loss+%3E+2") for address in _addresses(app))
    wrong = _opened("clusters", run="full", cluster=0, where="los > 2")
    assert "The samples this link chooses by cluster" in words(wrong)
    assert not any("where" in address for address in _addresses(wrong))
