"""Links that every version wrote open what they opened then; and whatever a person can set is in the link.

Each list holds links as that version wrote them, and what they must still show: values of widgets by today's key, and
words on the page. A list is added to, never changed: a link that breaks here is broken in somebody's letter.
"""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from app.links.versions import VERSION, up_to_date
from tests.app.pages import open_page, words


class OldLink(NamedTuple):
    """A link and what it must show."""

    page: str
    query: str
    values: dict[str, object]
    said: str = ""


LINKS: dict[int, list[OldLink]] = {
    0: [
        OldLink("overview", "", {}, "Some labels are wrong"),
        OldLink("checklist", "chk_verdict=Found", {"chk_verdict": ["Found"]}),
        OldLink("checklist", "finding=label_errors", {}, "The whole checklist"),
        OldLink("logits", "log_outcome=Wrong&log_measure=Margin", {"log_outcome": "Wrong", "log_measure": "Margin"}),
        OldLink(
            "classes",
            "cls_text=class&cls_group=Old&cls_reverse=true&cls_empty=true",
            {"cls_text": "class", "cls_group": "Old", "cls_reverse": True, "cls_empty": True},
        ),
        OldLink("classes", "cls_view=Confusions&cls_top=20", {"cls_view": "Confusions", "cls_top": "20"}),
        OldLink("classes", "cls=5", {}, "Who takes its samples"),
        OldLink("classes", "cls=5&sample=301", {}, "Nearest in embedding space"),
        OldLink("examples", "ex_outcome=Wrong&ex_page=2", {"ex_outcome": "Wrong", "ex_page": 2}),
        OldLink("examples", "ex_label=%235&ex_reverse=true", {"ex_label": "#5", "ex_reverse": True}),
        OldLink("examples", "ex_cluster=1&ex_fixes=true", {"ex_cluster": "1", "ex_fixes": True}),
        OldLink("examples", "ex_flagged=label_errors", {"ex_flagged": "label_errors"}),
        OldLink("examples", "ex_column=camera&ex_value=phone", {"ex_column": "camera", "ex_value": "phone"}),
        OldLink("examples", "cls=5", {"ex_label": "#5"}),
        OldLink("examples", "cluster=1", {"ex_cluster": "1"}),
        OldLink("examples", "sample=301", {}, "Nearest in embedding space"),
        OldLink("clusters", "cluster=1&clu_colour=Cluster", {"clu_colour": "Cluster"}),
        OldLink("clusters", "clu_today=true", {"clu_today": True}),
    ],
    1: [
        OldLink("examples", "ex_outcome=Wrong&v=1", {"ex_outcome": "Wrong"}),
        OldLink("classes", "where=label+%3D+%22class+005%22&v=1", {"where": 'label = "class 005"'}),
        OldLink("runs", "chosen=full&runs_text=full&runs_sort=Largest&v=1", {"runs_text": "full"}, "1 run chosen"),
        OldLink(
            "classes",
            "cls_view=Confusions&cls_pairs_sort=Share+of+the+label&v=1",
            {"cls_pairs_sort": "Share of the label"},
            "pairs",
        ),
        OldLink(
            "clusters", "clu_table=true&clu_sort=Size&clu_reverse=true&v=1", {"clu_sort": "Size", "clu_reverse": True}
        ),
    ],
}
EVERY = [(version, link) for version, links in LINKS.items() for link in links]


def _open(link: OldLink) -> AppTest:
    page, query = up_to_date(link.page, parse_qsl(link.query))
    return open_page(page, run="full", **dict(query))


def test_every_version_has_its_links() -> None:
    assert sorted(LINKS) == list(range(VERSION + 1))


@pytest.mark.parametrize(("version", "link"), EVERY, ids=[f"{n}-{link.page}-{link.query}" for n, link in EVERY])
def test_an_old_link_shows_what_it_showed(explored_root: Path, version: int, link: OldLink) -> None:
    app = _open(link)
    assert not app.exception
    assert {name: app.session_state[name] for name in link.values} == link.values
    assert link.said in words(app)


PAGES = {
    "overview": [{}],
    "checklist": [{}, {"finding": "label_errors"}],
    "logits": [{}],
    "classes": [{}, {"cls_view": "Confusions"}, {"cls": 5}, {"cls": 5, "sample": 301}],
    "examples": [{}, {"ex_column": "camera"}, {"sample": 301}],
    "clusters": [{}, {"cluster": 1}, {"clu_table": "true"}],
    "slices": [{}],
    "duplicates": [{}],
    "runs": [{}, {"runs_archived": "true"}],
}
PREFIXES = ("ov_", "log_", "cls_", "ex_", "clu_", "dup_", "chk_", "sli_", "runs_")
FORMS = {"clu_name", "clu_others"}  # inputs that add something are no settings of the view


@pytest.mark.parametrize(("page", "query"), [(page, query) for page, queries in PAGES.items() for query in queries])
def test_what_a_person_can_set_is_in_the_link(explored_root: Path, page: str, query: dict[str, object]) -> None:
    unbound = []

    def walk(node: object) -> None:
        for child in getattr(node, "children", {}).values():
            name = getattr(getattr(child, "proto", None), "query_param_key", None)
            key = child.key if name is not None else None
            if key and key.startswith(PREFIXES) and key not in FORMS and name != key:
                unbound.append(key)
            walk(child)

    walk(open_page(page, run="full", **query)._tree)
    assert unbound == []
