"""A look at everything an investigation names, without a pass over the data; problems are collected, not raised."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.datasets.preprocessing import Preprocessing, resolve_preprocessing
from analysis.datasets.reading import read_dataset
from analysis.errors import AnalysisError, ArchitectureError, DatasetError
from analysis.inspection.checklist import checklist
from analysis.inspection.data_facts import DataFacts, data_errors, data_facts, data_warnings
from analysis.inspection.head_facts import HeadFacts, head_facts, head_warnings
from analysis.inspection.model_facts import (
    CheckpointFacts,
    LineageFacts,
    checkpoint_facts,
    lineage_facts,
    lineage_warnings,
)
from analysis.inspection.problems import Problems
from analysis.inspection.text import as_text
from analysis.models.architecture import build_model
from analysis.models.baseline import Baseline, read_baseline
from analysis.models.loading import LoadedModel, load_model
from analysis.spec.class_groups import ClassGroups, class_groups
from analysis.spec.class_list import read_class_list
from analysis.spec.files import file_problems, named_files
from analysis.spec.hierarchy import hierarchy_notices, read_hierarchy
from analysis.spec.investigation import Investigation

UNKNOWN_CLASSES = 1_000
"""Number of classes a network is built for where neither list nor checkpoint tells."""

OPTIONAL = ("data.train", "data.unlabeled", "training.log")
"""Keys of files without which a run goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFacts:
    """The class lists in numbers: names listed, of these old and new (None without a split), names in the old list."""

    listed: int
    old: int | None
    new: int | None
    old_listed: int | None
    baseline_listed: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a look found; what could not be read is None, and an error says why.

    Attributes:
        title: The investigation's title.
        source: Its file.
        errors: What keeps a run from starting, one sentence each.
        warnings: What a run can live with.
        notices: What is good to know.
        files: Size in bytes by key, None for folders and what is missing.
        classes: The class lists.
        checkpoint: The weights and how they fit.
        head: The head's rows.
        preprocessing: The values that will be used, with who said so.
        data: Sample lists by name: validation, train.
        lineage: The comparison with the baseline.
        checklist: What can be judged of the hypotheses without a picture, in rank order.
    """

    title: str
    source: Path
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    notices: tuple[str, ...]
    files: Mapping[str, int | None]
    classes: ClassFacts | None
    checkpoint: CheckpointFacts | None
    head: HeadFacts | None
    preprocessing: Mapping[str, Any] | None
    data: Mapping[str, DataFacts]
    lineage: LineageFacts | None
    checklist: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values; numbers that are not finite become None."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    def to_text(self) -> str:
        """Return everything as plain text for a terminal."""
        return as_text(self.to_json())


def inspect(spec: Investigation) -> Inspection:
    """Look at everything an investigation names; nothing is written, no picture is opened.

    Args:
        spec: The investigation.

    Returns:
        What was found. Nothing is raised for what a person can put right: it stands in `errors`.
    """
    problems = Problems()
    missing = file_problems(spec)
    problems.errors.extend(message for key, message in missing.items() if key not in OPTIONAL)
    problems.warn(message for key, message in missing.items() if key in OPTIONAL)
    groups = _groups(spec, problems, missing)
    names = groups.names if groups else None
    data = _data(spec, names, problems, missing)
    model = _model(spec, names, problems, missing)
    head = head_facts(model.head, names or (), groups.is_old if groups else None) if model and model.head else None
    if head:
        problems.warn(head_warnings(head, len(names) if names else None))
    old_names = _baseline_names(spec, problems, missing)
    baseline = _baseline(spec, model, problems, missing)
    return Inspection(
        lineage=_lineage(model, baseline, (names, old_names), problems),
        checklist=checklist(spec, model, groups, baseline, old_names) if model and groups else (),
        title=spec.title,
        source=spec.source,
        files={key: path.stat().st_size if path.is_file() else None for key, path in named_files(spec).items()},
        classes=_class_facts(groups, old_names),
        checkpoint=checkpoint_facts(model) if model else None,
        head=head,
        preprocessing=_preprocessing(spec, model, problems),
        data=data,
        errors=tuple(problems.errors),
        warnings=tuple(problems.warnings),
        notices=tuple(problems.notices),
    )


def _groups(spec: Investigation, problems: Problems, missing: Mapping[str, str]) -> ClassGroups | None:
    names = None if "classes.names" in missing else problems.attempt(lambda: read_class_list(spec.classes.names))
    old_path = spec.classes.old
    old = None if old_path is None or "classes.old" in missing else problems.attempt(lambda: read_class_list(old_path))
    if names is None:
        return None
    groups = class_groups(names, old)
    problems.warn(groups.notices)
    tree_path = spec.classes.hierarchy
    if tree_path is not None and "classes.hierarchy" not in missing:
        tree = problems.attempt(lambda: read_hierarchy(tree_path))
        problems.warn(() if tree is None else hierarchy_notices(tree, names))
    if old_path is None:
        problems.note(["No old class list is given: old and new classes are not told apart."])
    return groups


def _class_facts(groups: ClassGroups | None, old_names: tuple[str, ...] | None) -> ClassFacts | None:
    if groups is None:
        return None
    old = None if groups.is_old is None else int(groups.is_old.sum())
    return ClassFacts(
        listed=len(groups.names),
        old=old,
        new=None if old is None else len(groups.names) - old,
        old_listed=groups.old_listed,
        baseline_listed=len(old_names) if old_names else None,
    )


def _model(
    spec: Investigation, names: tuple[str, ...] | None, problems: Problems, missing: Mapping[str, str]
) -> LoadedModel | None:
    if "model.checkpoint" in missing:
        return None
    classes = len(names) if names else UNKNOWN_CLASSES
    try:
        model = load_model(spec.model, classes, input_size=spec.preprocessing.input_size)
    except AnalysisError as error:
        problems.errors.append(str(error))
        if not isinstance(error, ArchitectureError) and spec.model.architecture:
            architecture = spec.model.architecture
            problems.attempt(
                lambda: build_model(architecture, classes)
            )  # an unreadable checkpoint may hide a wrong name
        return None
    problems.note(model.notices)
    return model


def _preprocessing(spec: Investigation, model: LoadedModel | None, problems: Problems) -> dict[str, Any] | None:
    if model is None:
        return None
    given = {name: value for name, value in spec.preprocessing.model_dump().items() if value is not None}
    used: Preprocessing = resolve_preprocessing(given, model.preprocessing)
    problems.note(used.assumed())
    return {**used.as_dict(), "architecture_says": model.preprocessing_source}


def _data(
    spec: Investigation, names: tuple[str, ...] | None, problems: Problems, missing: Mapping[str, str]
) -> dict[str, DataFacts]:
    facts = {}
    if "data.validation" not in missing:
        dataset = problems.attempt(lambda: read_dataset(spec.data.validation, spec.data.root))
        if dataset is not None:
            facts["validation"] = data_facts(dataset, names)
            problems.errors.extend(data_errors(facts["validation"], "validation"))
            problems.warn(data_warnings(facts["validation"], "validation"))
            problems.note(dataset.notices)
    if spec.data.train is not None and "data.train" not in missing:
        try:
            train = read_dataset(spec.data.train, spec.data.root, subset="training")
        except DatasetError as error:
            problems.warn([f"The training set could not be read, and the run goes on without it: {error}"])
        else:
            facts["train"] = data_facts(train, names, look=False)  # its pictures may be on another machine
            problems.warn(data_warnings(facts["train"], "training"))
    return facts


def _baseline_names(spec: Investigation, problems: Problems, missing: Mapping[str, str]) -> tuple[str, ...] | None:
    """The baseline's own list, else the old class list in its own order, where the file names a baseline."""
    if spec.baseline is None:
        return None
    path = spec.baseline.classes or spec.classes.old
    if path is None or "baseline.classes" in missing or "classes.old" in missing:
        return None
    return problems.attempt(lambda: read_class_list(path))


def _baseline(
    spec: Investigation, model: LoadedModel | None, problems: Problems, missing: Mapping[str, str]
) -> Baseline | None:
    path = spec.baseline.checkpoint if spec.baseline else None
    if path is None or model is None or "baseline.checkpoint" in missing:
        return None
    loaded = model
    return problems.attempt(lambda: read_baseline(path, loaded))


def _lineage(
    model: LoadedModel | None,
    baseline: Baseline | None,
    lists: tuple[tuple[str, ...] | None, tuple[str, ...] | None],
    problems: Problems,
) -> LineageFacts | None:
    if model is None or baseline is None:
        return None
    facts = lineage_facts(model, baseline, *lists)
    problems.warn(lineage_warnings(facts))
    problems.note(f"Baseline: {notice}" for notice in baseline.notices)
    return facts


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
