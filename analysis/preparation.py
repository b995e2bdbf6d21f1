"""Everything a run needs, opened and checked before anything long starts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.arrays import BoolArray, IntArray
from analysis.datasets.dataset import Dataset
from analysis.datasets.labels import label_indices
from analysis.datasets.preprocessing import Preprocessing, resolve_preprocessing
from analysis.datasets.reading import read_dataset
from analysis.datasets.training_log import TrainingLog, read_training_log
from analysis.errors import DatasetError
from analysis.models.loading import LoadedModel, load_model
from analysis.runs.layout import unnamed_output
from analysis.spec.class_groups import ClassGroups, class_groups
from analysis.spec.class_list import read_class_list
from analysis.spec.hierarchy import Levels, hierarchy_notices, levels_of, read_hierarchy
from analysis.spec.investigation import Investigation


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Model, data and classes of one investigation; C = max(head outputs, class list).

    Attributes:
        names: (C,) the class list, then names for outputs it does not name.
        is_old: (C,) or None without an old/new split; an output without a name is new.
        train_count: (C,) training samples of each class, or None without a training set.
        levels: The larger groups of the classes of the list, nearest first; none without a hierarchy.
        log: What is left of the training, or None where nobody named a log.
        notices: What a person should know, in plain sentences.
    """

    spec: Investigation
    model: LoadedModel
    dataset: Dataset
    groups: ClassGroups
    preprocessing: Preprocessing
    names: tuple[str, ...]
    is_old: BoolArray | None
    train_count: IntArray | None
    levels: Levels
    log: TrainingLog | None
    notices: tuple[str, ...]


def prepare(spec: Investigation) -> Prepared:
    """Open everything an investigation names.

    Raises:
        AnalysisError: On the first thing that cannot be used; `inspect` lists them all.
    """
    names = read_class_list(spec.classes.names)
    old = None if spec.classes.old is None else read_class_list(spec.classes.old)
    groups = class_groups(names, old)
    dataset = read_dataset(spec.data.validation, spec.data.root)
    model = load_model(spec.model, len(names), input_size=spec.preprocessing.input_size)
    tree = {} if spec.classes.hierarchy is None else read_hierarchy(spec.classes.hierarchy)
    extra = max(0, model.outputs - len(names))
    train_count, train_notices = _train_count(spec, groups.names)
    preprocessing = resolve_preprocessing(_given(spec), model.preprocessing)
    log = read_training_log(spec.training.log) if spec.training and spec.training.log else None
    return Prepared(
        spec=spec,
        model=model,
        dataset=dataset,
        groups=groups,
        preprocessing=preprocessing,
        names=(*groups.names, *(unnamed_output(len(names) + index) for index in range(extra))),
        is_old=None if groups.is_old is None else np.concatenate([groups.is_old, np.zeros(extra, dtype=np.bool_)]),
        train_count=train_count,
        levels=levels_of(tree, names),
        log=log,
        notices=(
            *groups.notices,
            *(hierarchy_notices(tree, names) if tree else ()),
            *dataset.notices,
            *model.notices,
            *preprocessing.assumed(),
            *train_notices,
            *(log.notices if log else ()),
        ),
    )


def _given(spec: Investigation) -> Mapping[str, object]:
    return {name: value for name, value in spec.preprocessing.model_dump().items() if value is not None}


def _train_count(spec: Investigation, names: tuple[str, ...]) -> tuple[IntArray | None, tuple[str, ...]]:
    """Count the training labels; the pictures may be elsewhere, and without the list the run goes on."""
    if spec.data.train is None:
        return None, ()
    try:
        train = read_dataset(spec.data.train, spec.data.root, subset="training")
    except DatasetError as error:
        return None, (f"The training set could not be read, so training counts are missing: {error}",)
    counted = Counter(label_indices(train.labels, names).index.tolist())
    return np.array([counted.get(index, 0) for index in range(len(names))], dtype=np.int64), ()
