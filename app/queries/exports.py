"""What people take with them: the library's exports of the samples that a link chooses."""

from collections.abc import Iterator, Mapping

import numpy as np

from analysis.arrays import IntArray
from analysis.errors import RunError
from analysis.exports.chosen import Chosen, parse_ids
from analysis.exports.export import REPORT, Export
from analysis.exports.export import export as library_export
from analysis.runs.run import Run
from app.queries import cluster_exports, filters, handing_over, investigations, outlines, runs, table_exports
from app.queries.runs import RunKey

INVESTIGATION = "investigation"
SLICES = "slices"
EVIDENCE = "evidence"
_COUNTED = {"classes": table_exports.classes_csv, "confusions": table_exports.confusions_csv}  # over what passes


def export(key: RunKey, what: str, params: Mapping[str, str], *, relative: bool = False) -> Export:
    """Start an export; what does not exist is found out before the first chunk.

    Args:
        key: The run.
        what: One of `analysis.exports.export.WHAT`, ``slices``: their ranking, ``evidence``: the table `proof` behind
            a `finding`, or ``investigation``: what people added, as one file to hand over.
        params: All that are given hold together: `cluster` keeps one cluster's samples, `finding` those a hypothesis
            points at, `ids` a list such as ``3,7,10-12``, `area` those inside an outline drawn on the map, `where`
            those that pass a filter expression; the tables of classes and of confusions are counted over these, and
            `search`, `group`, `sort`, `reverse` and `empty` make that of classes the one the page shows. With
            `clustering`, `cluster` and the table of clusters are those of that clustering (``run``: the run's own), as
            people edited it. `notes` tells what people said in the report, `run` puts the run directory into the
            investigation.
        relative: Without absolute paths of the server's machine, for people who may only look.

    Raises:
        RunError: If there is no such thing, or the run has not got that far.
    """
    run = Run.open(runs.run_path(key.id))  # not the shared reader: a download may take long
    if what == SLICES:
        return _csv(table_exports.slices_csv(key))
    if what == INVESTIGATION:
        return handing_over.exported(run, with_run="run" in params)
    if what == EVIDENCE:
        return library_export(run, f"{EVIDENCE}/{params.get('finding', '')}/{params.get('proof', '')}".rstrip("/"))
    clustering = params.get("clustering")
    if clustering is not None and what == "clusters":
        return _csv(cluster_exports.table_csv(key, clustering))
    if what in _COUNTED and (params.get("where", "").strip() or _narrowed(what, params)):
        return _csv(_COUNTED[what](key, params))
    items = investigations.said(key) if what == REPORT and "notes" in params else ()
    return library_export(run, what, _chosen(key, params), items, relative=relative)


def _narrowed(what: str, params: Mapping[str, str]) -> bool:
    return what == "classes" and bool(table_exports.CHOOSING & set(params))


def _csv(chunks: Iterator[bytes]) -> Export:
    return Export(chunks=chunks, media_type="text/csv; charset=utf-8", suffix=".csv")


def chosen_samples(key: RunKey, params: Mapping[str, str]) -> IntArray | None:
    """Ids of the samples that `params` choose, ascending, see `export`; None where they choose nothing.

    Raises:
        AnalysisError: If the run has no such cluster, finding or sample, or a filter is wrong.
    """
    return _chosen(key, params).samples(runs.open_run(key).run)


def _chosen(key: RunKey, params: Mapping[str, str]) -> Chosen:
    cluster = None if "clustering" in params else params.get("cluster")  # else it is among the ids
    number = None if cluster is None else _number(cluster)
    return Chosen(cluster=number, finding=params.get("finding"), ids=_ids(key, params))


def _ids(key: RunKey, params: Mapping[str, str]) -> IntArray | None:
    lists = []
    if "ids" in params:
        lists.append(parse_ids(params["ids"]))
    if "area" in params:
        lists.append(_inside(key, params["area"]))
    if params.get("where"):
        lists.append(filters.passing(key, params["where"]))  # here, not in the library: it may speak of people's triage
    if "clustering" in params and "cluster" in params:
        lists.append(cluster_exports.members(key, params["clustering"], _number(params["cluster"])))
    if not lists:
        return None
    found = lists[0]
    for other in lists[1:]:
        found = np.intersect1d(found, other)
    return found


def _number(cluster: str) -> int:
    try:
        return int(cluster)
    except ValueError:
        raise RunError(f"There is no cluster {cluster!r} in this run; clusters are numbers.") from None


def _inside(key: RunKey, area: str) -> IntArray:
    if outlines.area_of(area) is None:
        raise RunError("The outline in this link cannot be read; draw it anew on the map.")
    return outlines.samples_inside(key, area)
