"""Tensors and head rows compared with the baseline's."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cosine

from analysis.models.baseline import read_baseline
from analysis.models.lineage import compare_head_rows, compare_states, row_cosines
from analysis.models.loading import load_model
from analysis.spec.sections import ModelSpec
from tests.analysis.models.networks import plain
from tests.devices import DEVICE

NOISE = torch.Generator().manual_seed(0)


def weights(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=NOISE)


OLD = {
    "same": weights(40, 40), "tuned": weights(40, 40), "fresh": weights(40, 40), "gone": weights(40, 40),
    "wider": weights(40, 40), "norm.weight": torch.ones(40), "steps": torch.tensor(7),
}  # fmt: skip
NEW = {
    "same": OLD["same"].clone(), "tuned": OLD["tuned"] + 0.1 * weights(40, 40), "fresh": weights(40, 40),
    "wider": weights(41, 40), "norm.weight": torch.ones(40), "steps": torch.tensor(9), "extra": weights(2),
}  # fmt: skip


def test_every_tensor_gets_its_status() -> None:
    lineage = compare_states({name: tensor.to(DEVICE) for name, tensor in NEW.items()}, OLD)
    assert {tensor.name: tensor.status for tensor in lineage.tensors} == {
        "same": "identical", "tuned": "related", "fresh": "unrelated", "gone": "missing", "wider": "shape differs",
        "norm.weight": "identical",
    }  # fmt: skip
    assert lineage.added == ("extra",)
    assert sum(lineage.counts().values()) == 6
    assert lineage.counts(decisive=True)["identical"] == 1


def test_cosine_and_change_are_those_of_a_second_implementation() -> None:
    tuned = next(tensor for tensor in compare_states(NEW, OLD).tensors if tensor.name == "tuned")
    new, old = NEW["tuned"].flatten().numpy(), OLD["tuned"].flatten().numpy()
    assert tuned.cosine == pytest.approx(1 - cosine(new, old), abs=1e-5)
    assert tuned.change == pytest.approx(np.linalg.norm(new - old) / np.linalg.norm(old), rel=1e-5)


def test_the_head_is_left_out_where_asked() -> None:
    assert "tuned" not in {tensor.name for tensor in compare_states(NEW, OLD, ignore=["tuned"]).tensors}


def test_networks_trained_apart_are_no_family_and_fine_tuned_ones_are() -> None:
    assert compare_states({"fresh": weights(40, 40)}, {"fresh": OLD["fresh"]}).same_family is False
    assert compare_states({"tuned": NEW["tuned"]}, OLD).same_family is True
    assert compare_states({"norm.weight": torch.ones(40)}, OLD).same_family is None


def test_tensors_of_zeros_or_nan_have_no_cosine_and_are_unrelated() -> None:
    old = {"zero": torch.zeros(40, 40), "nan": weights(40, 40)}
    new = {"zero": weights(40, 40), "nan": torch.full((40, 40), float("nan"))}
    assert [tensor.status for tensor in compare_states(new, old).tensors] == ["unrelated", "unrelated"]


def test_head_rows_are_matched_by_name_and_by_position() -> None:
    old = np.eye(3, dtype=np.float32)
    moved = np.stack([old[1], old[0], -old[2], old[2]])
    rows = compare_head_rows(moved, ("ape", "bee", "cat", "dog"), old, ("bee", "ape", "cat"))
    assert rows.names == ("ape", "bee", "cat")
    np.testing.assert_array_equal(rows.old_index, [1, 0, 2])
    np.testing.assert_allclose(rows.by_name, [1, 1, -1])
    np.testing.assert_allclose(rows.by_position, [0, 0, -1])


def test_heads_that_cannot_be_compared() -> None:
    old = np.eye(3, dtype=np.float32)
    assert compare_head_rows(np.eye(4), ("a", "b", "c"), old, ("a", "b", "c")) is None
    assert compare_head_rows(old, ("a", "b", "c"), old, ("x", "y", "z")) is None


def test_rows_without_direction_have_no_cosine() -> None:
    cosines = row_cosines(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 0.0], [2.0, 2.0]]))
    assert np.isnan(cosines[0])
    assert cosines[1] == pytest.approx(1.0)


def test_a_baseline_of_fewer_classes_is_read_under_the_networks_names(tmp_path, factory: str) -> None:
    old = plain(classes=3)
    new = plain(classes=5)
    new.backbone.load_state_dict(old.backbone.state_dict())
    torch.save({"state_dict": {f"module.{k}": v for k, v in old.state_dict().items()}}, tmp_path / "old.pth")
    torch.save(new.state_dict(), tmp_path / "new.pth")
    spec = ModelSpec.model_construct(checkpoint=tmp_path / "new.pth", architecture=factory, weights="auto")
    baseline = read_baseline(tmp_path / "old.pth", load_model(spec, 5))
    assert baseline.lineage.counts() == {
        "identical": 6, "related": 0, "unrelated": 0, "missing": 0, "shape differs": 0,
    }  # fmt: skip
    np.testing.assert_array_equal(baseline.head_weight, old.fc.weight.detach())
