"""The stages after inference, each reading the run and writing its own files; any of them may be repeated."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from analysis.arrays import AnyArray, FloatArray, IntArray
from analysis.datasets.reading import read_dataset
from analysis.datasets.training_log import TrainingLog
from analysis.diagnosis.checklist import diagnose
from analysis.diagnosis.finding import Diagnosis
from analysis.diagnosis.halves import halves_of
from analysis.duplicates.search import find_duplicates
from analysis.embedding.clustering import find_clusters
from analysis.embedding.neighbours import Neighbours, neighbours
from analysis.embedding.projection import project
from analysis.embedding.trustworthiness import trustworthiness
from analysis.errors import CheckpointError, DatasetError, RunError
from analysis.hypotheses import all_hypotheses
from analysis.inference.devices import choose_device
from analysis.models.baseline import read_baseline
from analysis.models.loading import LoadedModel
from analysis.models.tensor_facts import tensor_facts
from analysis.preparation import Prepared
from analysis.progress import ProgressCallback
from analysis.reports.cluster_report import Judged, cluster_report, describing_columns
from analysis.reports.per_class import per_class
from analysis.reports.picture_slices import slices_by_looks
from analysis.reruns.every_axis import every_axis
from analysis.reruns.stage import rerun
from analysis.reruns.subject import Subject
from analysis.runs import layout
from analysis.runs.atomic import write_arrays, write_json, write_table
from analysis.runs.run import Run
from analysis.runs.samples import replace_columns
from analysis.spec.hierarchy import Levels
from analysis.spec.sections import BaselineSpec

Tell = Callable[[str], None]  # takes one notice for a person


def keep_log(path: Path, log: TrainingLog | None) -> None:
    """Write ``training_log.parquet``; nothing where there is no log, or no row of it could be read."""
    if log is not None and len(log.table):
        write_table(path / layout.TRAINING_LOG, log.table)


def keep_hierarchy(path: Path, levels: Levels) -> None:
    """Write ``hierarchy.parquet``, one row a class of the list; without a hierarchy there is no such file."""
    if not levels:
        (path / layout.HIERARCHY).unlink(missing_ok=True)
        return
    names = {f"level_{number}": pd.array(list(level), dtype="string") for number, level in enumerate(levels, start=1)}
    write_table(path / layout.HIERARCHY, pd.DataFrame({"class_index": range(len(levels[0])), **names}))


def weigh(path: Path, model: LoadedModel, baseline: BaselineSpec | None, tell: Tell) -> None:
    """Write ``weights.parquet``; where the baseline's file cannot be read, without the comparison."""
    state = None
    if baseline is not None and baseline.checkpoint is not None:
        try:
            state = read_baseline(baseline.checkpoint, model).state
        except CheckpointError as error:
            tell(f"The baseline's weights could not be compared: {error}")
    write_table(path / layout.WEIGHTS, tensor_facts(model, state))


def find_neighbours(run: Run, device: str, progress: ProgressCallback, tell: Tell) -> None:
    """Write the one neighbour graph that every consumer reads; nothing where there are no embeddings.

    Args:
        run: Inference is complete.
        device: Of [inference]; a CUDA device searches here, too, everything else leaves it to the CPU.
        progress: Called with ("neighbours", done, total).
        tell: Takes notices.
    """
    if run.embeddings is None:
        return
    where = choose_device(device)
    graph = neighbours(
        run.embeddings,
        device=str(where) if where.type == "cuda" else "cpu",
        progress=lambda done, total: progress("neighbours", done, total),
        notice=tell,
    )
    write_arrays(run.path / layout.NEIGHBOURS, {"index": graph.index, "similarity": graph.similarity})


def search_duplicates(run: Run, prepared: Prepared, progress: ProgressCallback, tell: Tell) -> None:
    """Write ``duplicates.parquet`` and, where the training pictures can be read, ``leaks.parquet``."""
    training, data = None, prepared.spec.data
    if data.train is not None:
        try:
            training = read_dataset(data.train, data.root, subset="training")
        except DatasetError as error:
            tell(f"The training set could not be read, so it was not searched for validation pictures: {error}")
    find_duplicates(run, prepared.dataset, training, progress=progress, notice=tell)


def report(run: Run, train_count: IntArray | None) -> None:
    """Write ``classes.parquet``."""
    write_table(run.path / layout.CLASSES, per_class(run, train_count))


def ask_again(run: Run, prepared: Prepared, progress: ProgressCallback, tell: Tell, *, confirm: bool) -> None:
    """Write ``reruns/``: the same pictures under another preprocessing or another state of the network."""
    try:
        subject = Subject.of(
            run,
            prepared.model,
            prepared.dataset,
            prepared.groups,
            preprocessing=prepared.preprocessing,
            spec=prepared.spec.inference,
        )
        axes = every_axis(run, subject, prepared.spec)
        rerun(run, subject, progress, tell, confirm=confirm, axes=axes)
    except (DatasetError, CheckpointError, RunError) as error:  # all else that is known of the run stands without it
        tell(f"Nothing could be re-run: {error}")


def place(run: Run, progress: ProgressCallback, tell: Tell, *, clusters: bool = True) -> None:
    """Write where each sample stands on the map, and which cluster it is in."""
    if run.embeddings is None or run.neighbours is None:
        return
    graph = Neighbours(index=run.neighbours[0], similarity=run.neighbours[1])
    seed = int(run.meta["spec"].get("inference", {}).get("seed", 0))
    progress("projection", 0, 0)
    drawn_by = str(run.meta["spec"].get("embedding", {}).get("layout", "own"))
    points = project(run.embeddings, graph, seed, layout=drawn_by, notice=tell)
    _judge_map(run, points, seed)
    columns: dict[str, AnyArray] = {"projection_x": points[:, 0], "projection_y": points[:, 1]}
    if clusters:
        progress("clusters", 0, 0)
        found = find_clusters(run.embeddings, graph, points, seed, progress=progress, notice=tell)
        columns["cluster"] = found.assigned
        write_json(run.path / layout.CLUSTERING, found.facts)
    replace_columns(run.path, columns)


def _judge_map(run: Run, points: FloatArray, seed: int) -> None:
    """Write ``trustworthiness.npz``: how far the map can be believed; nothing where it shows fewer than three."""
    found = trustworthiness(run.embeddings, points, seed=seed) if run.embeddings is not None else None
    if found is not None:
        write_arrays(run.path / layout.TRUSTWORTHINESS, asdict(found))


def _write_groups(run: Run, diagnosis: Diagnosis) -> None:
    """Clusters and slices by how pictures look, ranked by what is wrong after the repairs."""
    judged = Judged.of(run, diagnosis.repaired_prediction, diagnosis.repaired_correct)
    _write_clusters(run, judged, diagnosis.columns.get("cluster", run.column("cluster")))
    slices = slices_by_looks(run.table(list(run.picture_columns)), judged.label, ~judged.correct, halves_of(run).second)
    write_table(run.path / layout.PICTURE_SLICES, slices.table())


def _write_clusters(run: Run, judged: Judged, assigned: AnyArray) -> None:
    columns = describing_columns(run, judged) if (assigned >= 0).any() else []
    described = cluster_report(assigned, judged, columns, run.stability_of(assigned))
    write_table(run.path / layout.CLUSTERS, described.table)
    write_table(run.path / layout.CLUSTER_FACTS, described.facts)


def _write_evidence(folder: Path, diagnosis: Diagnosis) -> None:
    """``ID.parquet`` with the samples a finding points at, ``ID/NAME.parquet`` with its tables; what is stale goes."""
    tables = {Path(f"{id_}.parquet"): table for id_, table in diagnosis.evidence.items()}
    tables |= {Path(id_) / f"{name}.parquet": t for id_, named in diagnosis.tables.items() for name, t in named.items()}
    known = {hypothesis.id for hypothesis in all_hypotheses()}
    for file in (*folder.glob("*.parquet"), *folder.glob("*/*.parquet")):
        name = file.relative_to(folder)
        if name not in tables and Path(name.parts[0]).stem in known:
            file.unlink()
    for name, table in tables.items():
        write_table(folder / name, table)


def judge(run: Run, progress: ProgressCallback) -> Diagnosis:
    """Test every hypothesis; write ``findings.json``, ``evidence/``, the failing groups and columns of the samples.

    Clusters are ranked by the errors that remain after the supported repairs: on a scrambled model every group fails.
    """
    diagnosis = diagnose(
        run, hypotheses=all_hypotheses(), progress=lambda done, total, _: progress("diagnosis", done, total)
    )
    _write_evidence(run.path / layout.EVIDENCE, diagnosis)
    replace_columns(run.path, diagnosis.columns)
    _write_groups(run, diagnosis)
    write_json(run.path / layout.FINDINGS, diagnosis.to_json())
    return diagnosis
