"""The URL is the state: which run, which page, which filters; and links between pages.

How a page keeps its filters: give every filter, pager and tab widget `key="PREFIX_name"` (its prefix: `ov_`, `sli_`,
`log_`, `cls_`, `ex_`, `clu_`, `dup_`, `more_`, `chk_`, `runs_`) and `bind="query-params"`. Opening the link then
restores them in one run. What stands in the URL is the *shown* text of an option (after `format_func`), so bound
widgets show short, stable words. A value equal to the widget's default is not in the URL, so defaults must not depend
on the data. What is no widget (selected ids) goes to `st.query_params` in a callback.

Objects in links: `cls` = a class index, `cluster` = a cluster number, `sample` = a sample_id, `finding` = a hypothesis
id. They are plain (unbound) parameters, read with `link_value`; so `state.go("classes", cls=12)` works from every page.
A bound filter may be named too (`state.go("examples", ex_cluster=3)`), but none of the page that the link stands on.

A name once given to a parameter never gets another meaning: links live longer than code. To give a parameter another
name, add a step to `links.versions.STEPS` and an old link to `tests/app/links/test_old_links.py`.
"""

from typing import NoReturn
from urllib.parse import quote, urlencode

import streamlit as st

from app.queries import runs
from app.queries.runs import RunKey

RUN = "run"  # key of the run picker, bound to the URL by navigation.py
WHERE = "where"  # key of the filter box, bound to the URL by the header: which samples every page is about
PAGE = "page"  # what navigation.py draws
DEFAULT_PAGE = "overview"
OBJECTS = ("cls", "cluster", "sample", "finding")  # plain parameters: what a link points at

Value = str | int


def current_run() -> RunKey:
    """The run that this page is about.

    Raises:
        RunError: If its folder has vanished; the error boundary shows that with a way on.
    """
    return runs.run_key(st.session_state[RUN])


def shown_page() -> str:
    """The last part of this page's address; empty for the first page, which lives at "/"."""
    return str(st.session_state.get(PAGE, ""))


def page_file(page: str) -> str:
    """Path of a page, relative to the script navigation.py, as Streamlit's page functions want it."""
    return f"views/{page}.py"


def go(page: str, **params: Value) -> NoReturn:
    """Change to another page of the current run; call it in a page's body, not in a callback."""
    # Never without a dict: Streamlit would try to clear the bound parameters and raise.
    st.switch_page(page_file(page), query_params={name: str(value) for name, value in params.items()})


def page_link(page: str, label: str, *, icon: str | None = None, hint: str | None = None, **params: Value) -> None:
    """A link to another page of the current run, inside the app (no reload).

    `label` is markdown: escape data with `widgets.text.escape_markdown`. The run travels by itself; do not name it.
    """
    query = {name: str(value) for name, value in params.items()}
    st.page_link(page_file(page), label=label, icon=icon, help=hint, query_params=query)


def href(page: str, run_id: str, **params: Value) -> str:
    """The same as an address for `st.html` or a table's link column (a full page load); the run is named explicitly."""
    path = "" if page == DEFAULT_PAGE else page  # the default page lives at "/" only
    return f"{_base()}/{path}?{urlencode({RUN: run_id, **params})}"


def thumbnail_url(key: RunKey, sample_id: int) -> str:
    """Address of a sample's picture; cached by the browser for as long as the run does not change."""
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/thumbnails/{int(sample_id)}?v={key.version:x}"


def original_url(key: RunKey, sample_id: int) -> str:
    """Address of the file that a sample was read from, where `queries.originals` gives it."""
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/originals/{int(sample_id)}"


def prepared_url(key: RunKey, variant: str, sample_id: int) -> str:
    """Address of a sample's picture as the network sees it under a variant of the re-runs."""
    name = quote(variant, safe="")
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/reruns/{name}/{int(sample_id)}?v={key.version:x}"


def training_picture_url(key: RunKey, row: int) -> str:
    """Address of the training picture of one row of ``leaks.parquet``."""
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/training/{int(row)}?v={key.version:x}"


def map_url(key: RunKey, what: str, **params: Value) -> str:
    """Address of something the embedding map loads: `map/points`, `map/colours`, `samples/{}`, `thumbnails/{}`, …."""
    query = urlencode({"v": f"{key.version:x}", **params})
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/{what}?{query}"


def pool_picture_url(key: RunKey, kind: str, row: int, version: str) -> str:
    """Address of a picture of a pool (`unlabeled` or `training`); `version` changes when the pool does."""
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/pools/{kind}/{int(row)}?v={quote(version, safe='')}"


def alike_url(key: RunKey, kind: str, **params: Value) -> str:
    """Address of what a search of a pool finds as CSV: `k`, `order` (diverse | nearest) and what chooses samples."""
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/alike/{kind}?{urlencode(params)}"


def csv_url(key: RunKey, table: str, **params: Value) -> str:
    """Address of a table as a CSV stream; see `export_url`. Use it with `widgets.downloads.csv_link`."""
    return export_url(key, table, **params)


def export_url(key: RunKey, what: str, **params: Value) -> str:
    """Address of an export: a table as CSV, `datalab`, `fiftyone-labels`, `fiftyone-predictions` or `report`.

    Tables: samples, classes, confusions, clusters, label-issues, duplicates, leaks, problems, findings, slices, and
    `evidence` with `finding` and `proof`. Classes and confusions take `where`, classes also what narrows and sorts the
    page's table (`queries.classes.in_link`). What lists samples takes `cluster=3`, `finding="label_errors"`,
    `ids="3,7,10-12"`, `where="loss > 2"` and `area=…`, together where several are given.
    """
    query = f"?{urlencode(params)}" if params else ""
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/export/{quote(what, safe='')}{query}"


def triage_url(key: RunKey, where: str = "") -> str:
    """Address of the list of samples that people tagged, of those that pass a filter, as CSV."""
    query = f"?{urlencode({WHERE: where})}" if where else ""
    return f"{_base()}/api/runs/{quote(key.id, safe='')}/triage{query}"


def link_value(name: str) -> str | None:
    """What the URL says for a plain parameter, or None."""
    return st.query_params.get(name) or None


def link_int(name: str) -> int | None:
    """The same as a whole number; None where it is missing or no number (ask `link_value` to tell the two apart)."""
    value = link_value(name)
    return int(value) if value is not None and value.lstrip("-").isascii() and value.lstrip("-").isdigit() else None


def whole_page_button(page: str, label: str, *, icon: str = ":material/arrow_forward:") -> None:
    """A button that shows the current page without the class, cluster, sample or finding that its link names.

    A link from a page to itself would keep them in the URL.
    """
    st.button(label, icon=icon, key=f"whole_{page}", on_click=_forget_objects)


def _forget_objects() -> None:
    for name in OBJECTS:
        st.query_params.pop(name, None)


def _base() -> str:
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""
