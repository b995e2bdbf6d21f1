"""Clusters found anew with other parameters, kept beside the run's own."""

from dataclasses import replace

import numpy as np

from analysis.arrays import BoolArray
from analysis.embedding.clustering import find_clusters
from analysis.embedding.clusters import Parameters
from analysis.embedding.neighbours import Neighbours
from analysis.errors import RunError
from analysis.progress import ProgressCallback, silent
from analysis.reports.cluster_report import Judged, cluster_report, describing_columns
from analysis.runs import layout
from analysis.runs.atomic import write_array, write_json, write_table
from analysis.runs.clusterings import StoredClustering
from analysis.runs.run import Run

CHOICES = {"method": ("eom", "leaf"), "of": ("all", "failures"), "space": ("map", "axes")}
LARGEST_EPSILON = 1e6


def recluster(run: Run, parameters: Parameters, progress: ProgressCallback = silent) -> StoredClustering:
    """Write ``clusterings/NAME/``; what the run found itself stays as it is. The same parameters write the same again.

    Args:
        run: A run whose map is there.
        parameters: How to look.
        progress: Called with stage, done, total.

    Raises:
        RunError: If a parameter is out of its range, or the run has no embeddings or no map yet.
    """
    parameters = _checked(parameters, len(run))
    if run.embeddings is None or run.neighbours is None:
        raise RunError(
            f"{run.path} has no embeddings, so there is nothing to cluster: the network hides its head's input."
        )
    points = np.stack([run.column("projection_x"), run.column("projection_y")], axis=1)
    if not np.isfinite(points).any():
        raise RunError(
            f"{run.path} has no map yet: its projection was skipped or has not finished. Run it with --resume."
        )
    judged = Judged.of(run)
    wrong: BoolArray = ~judged.correct
    graph = Neighbours(index=run.neighbours[0], similarity=run.neighbours[1])
    seed = int(run.meta["spec"].get("inference", {}).get("seed", 0))
    found = find_clusters(
        run.embeddings, graph, points, seed, parameters=parameters, wrong=wrong, progress=progress
    )  # fmt: skip
    progress("describing the clusters", 0, 0)
    stability = np.array([np.nan if v is None else v for v in found.facts["stability"]], dtype=np.float64)
    report = cluster_report(found.assigned, judged, describing_columns(run, judged), stability)
    folder = run.path / layout.CLUSTERINGS / name_of(parameters)
    write_array(folder / layout.ASSIGNED, found.assigned)
    write_table(folder / layout.CLUSTERS, report.table)
    write_table(folder / layout.CLUSTER_FACTS, report.facts)
    write_json(folder / layout.CLUSTERING, found.facts)  # the last: what has it is finished
    return StoredClustering(folder, found.facts)


def name_of(parameters: Parameters) -> str:
    """A folder's name: ``all-map-eom-30``, ``failures-axes-leaf-15-0.5``."""
    size = "auto" if parameters.min_size is None else str(parameters.min_size)
    parts = [parameters.of, parameters.space, parameters.method, size]
    return "-".join([*parts, f"{parameters.epsilon:g}"] if parameters.epsilon else parts).replace("+", "")


def _checked(parameters: Parameters, samples: int) -> Parameters:
    for name, choices in CHOICES.items():
        if getattr(parameters, name) not in choices:
            raise RunError(f"{name} {getattr(parameters, name)!r} is unknown; it can be {' or '.join(choices)}.")
    if parameters.min_size is not None and not 2 <= parameters.min_size <= max(2, samples):
        raise RunError(
            f"A smallest size of {parameters.min_size} makes no sense; give 2 to {max(2, samples):,} samples."
        )
    if not 0 <= parameters.epsilon <= LARGEST_EPSILON:
        raise RunError(f"An epsilon of {parameters.epsilon:g} makes no sense; give a distance from 0 up.")
    return replace(parameters, epsilon=float(parameters.epsilon))
