"""Order of the classes and the thieves of one class."""

import numpy as np

from app.queries import classes, runs
from app.queries.class_search import class_name, classes_like
from app.queries.classes import Filters
from app.queries.runs import RunKey
from tests.exploring import HOSTILE


def test_most_errors_first_and_reversed(full: RunKey) -> None:
    frame = classes.table(full)
    errors = frame["errors"].to_numpy()
    assert (np.diff(errors[classes.ordered(full, Filters())]) <= 0).all()
    assert (np.diff(errors[classes.ordered(full, Filters(reverse=True))]) >= 0).all()


def test_lowest_recall_first(full: RunKey) -> None:
    recall = classes.table(full)["recall"].to_numpy()[classes.ordered(full, Filters(sort="Recall"))]
    assert (np.diff(recall) >= 0).all()


def test_group_and_text_filter(full: RunKey) -> None:
    found = classes.ordered(full, Filters(group="New", text="class"))
    is_old = runs.is_old(full)
    expected = {i for i, name in enumerate(runs.class_names(full)) if "class" in name and not is_old[i]}
    assert set(found.tolist()) == expected


def test_search_by_name_part_and_index(full: RunKey) -> None:
    assert classes_like(full, HOSTILE[0]).tolist() == [0]
    assert classes_like(full, "#7").tolist() == [7]
    assert classes_like(full, "#700").size == 0
    assert classes_like(full, "CLASS 01").tolist() == [10, 11]
    assert class_name(full, 999) == "[class 999]"


def test_thieves_are_the_row_and_the_column_of_the_confusions(full: RunKey) -> None:
    label, prediction = runs.column(full, "label_index"), runs.column(full, "prediction_index")
    for index in range(len(runs.class_names(full))):
        lost = int(((label == index) & (prediction != index)).sum())
        taken = int(((prediction == index) & (label != index)).sum())
        assert classes.stolen_by(full, index, 99)["count"].sum() == lost
        assert classes.stolen_from(full, index, 99)["count"].sum() == taken


def test_worst_samples_belong_to_the_class(full: RunKey) -> None:
    ids = classes.worst_samples(full, 4)
    assert (runs.column(full, "label_index")[ids] == 4).all()
    assert (np.diff(runs.column(full, "loss")[ids]) <= 0).all()


def test_rivals_differ_by_the_margin(full: RunKey) -> None:
    rivals = classes.rivals(full, 4)
    correct = runs.column(full, "correct")[runs.column(full, "label_index") == 4]
    assert ((rivals["this class"] > rivals["strongest other class"]) == correct).all()


def test_unknown_class_is_none(full: RunKey) -> None:
    assert classes.row(full, -1) is None
    assert classes.row(full, 10**6) is None


def test_closest_rows_and_what_they_take(full: RunKey) -> None:
    head = runs.head(full)
    found = classes.alike_in_head(full, 4)
    assert head is not None
    assert found is not None
    unit = head[0] / np.linalg.norm(head[0], axis=1, keepdims=True)
    cosine = unit @ unit[4]
    assert found["class_index"].tolist() == [i for i in np.argsort(-cosine) if i != 4]
    label, prediction = runs.column(full, "label_index"), runs.column(full, "prediction_index")
    other = int(found["class_index"][0])
    assert found["taken"][0] == ((label == 4) & (prediction == other)).sum()
    assert found["given"][0] == ((label == other) & (prediction == 4)).sum()


def test_a_run_without_a_head_or_graph(bare: RunKey) -> None:
    assert classes.alike_in_head(bare, 4) is None
    assert classes.near_labels(bare, 4) is None


def test_the_place_of_a_class_in_its_group(full: RunKey) -> None:
    is_old = runs.is_old(full)
    assert is_old is not None
    norm = classes.table(full)["head_norm"].to_numpy()
    found = classes.standing(full, 4, "head_norm")
    others = norm[(is_old == is_old[4]) & (np.arange(12) != 4)]
    below, ties = (others < norm[4]).mean(), (others == norm[4]).mean()
    assert (found.others, found.value) == (len(others), norm[4])
    assert np.isclose(found.share, below + ties / 2)


def test_labels_next_to_a_class(full: RunKey) -> None:
    near = classes.near_labels(full, 4, limit=99)
    graph = runs.neighbours(full)
    assert near is not None
    assert graph is not None
    label = runs.column(full, "label_index")
    carried = label[graph[0][label == 4][:, : classes.NEAR]]
    assert near["count"].sum() == carried.size
    assert near.set_index("class_index")["count"][4] == (carried == 4).sum()
    assert near["share"].sum() == 1
