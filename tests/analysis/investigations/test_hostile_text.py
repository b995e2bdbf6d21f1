"""SQL, markup and odd characters in every text that people can give: they come back as they are."""

from pathlib import Path

import pytest

from analysis.catalog.catalog import Catalog
from analysis.investigations.short_links import ShortLinks
from analysis.investigations.store import InvestigationStore
from analysis.jobs.store import JobStore
from tests.analysis.investigations.conftest import RUN

HOSTILE = (
    "'; DROP TABLE faultline_items; --", '" OR ""="', "' OR '1'='1", "x'); DELETE FROM faultline_changes; --", "%", "_",
    "\\", "\\'; --", "/* */", ":text", "%(text)s", "{text}", "$1", "?", "x\ny\t\r", "<script>alert(1)</script>",
    "\u202egnp.exe", "🙂 é 日本", "NULL", "0", "-1",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_in_any_field_of_the_store_is_kept_as_it_is(store: InvestigationStore, text: str) -> None:
    kept = store.put(RUN, "note", "cluster:1", {"text": "untouched"}, author="ada", expected=0)
    for kind, subject, value, author in (
        ("note", text, {"text": "x"}, "ada"), ("note", "cluster:2", {"text": text, text: [text]}, "ada"),
        ("slice", "name", {"where": "x"}, text), (text, "x", {"text": "x"}, "ada"),
    ):  # fmt: skip
        store.put(RUN, kind, subject, value, author=author, expected=0)
        found = store.get(RUN, kind, subject)
        assert found is not None
        assert (found.subject, dict(found.value), found.author) == (subject, value, author)
        assert [item.subject for item in store.items(RUN, kind) if item.subject == subject] == [subject]
        assert store.history(RUN, kind=kind, subject=subject)[0].after == value
    assert store.items(text, "note") == []
    assert store.get(RUN, "note", "cluster:1") == kept
    assert store.last_change(RUN) == 5
    assert store.undo(RUN, author=text) is not None
    assert store.last_change(RUN) == 6


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_in_a_short_link_is_kept_as_it_is(url: str, text: str) -> None:
    links = ShortLinks(url)
    other = links.keep({"page": "classes"}, author="ada")
    number = links.keep({"page": text, "query": [[text, text]]}, author=text)
    assert links.find(number) == {"page": text, "query": [[text, text]]}
    assert links.find(text) is None
    assert links.find(other) == {"page": "classes"}
    links.close()


def test_a_text_in_a_title_or_a_job_is_kept_as_it_is(tmp_path: Path) -> None:
    catalog, jobs = Catalog(tmp_path), JobStore(tmp_path)
    catalog.rename("other", "untouched", author="ada")
    for number, text in enumerate(HOSTILE):
        catalog.rename(text, text, author=text)
        job, _ = jobs.add(
            kind=text, title=text, output=tmp_path / str(number), command=[text], device=text, author=text
        )
        found = jobs.get(job.id)
        assert found is not None
        assert (found.kind, found.title, found.device, found.author) == (text, text, text, text)
    assert {name: card.title for name, card in catalog.cards().items()} == {
        "other": "untouched", **{text: " ".join(text.split()) for text in HOSTILE}
    }  # fmt: skip
