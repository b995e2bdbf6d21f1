"""Every tensor of any kind of checkpoint, alone and against a baseline."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from analysis.models.loading import load_model
from analysis.models.tensor_facts import tensor_facts
from analysis.runs import layout
from analysis.spec.sections import ModelSpec

FACTORY = """
from torch import nn

def build(num_classes):
    return nn.Sequential(
        nn.Conv2d(3, 64, 5), nn.BatchNorm2d(64), nn.ReLU(), nn.Conv2d(64, 32, 3), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(32, num_classes),
    )
"""


def network(classes: int = 5, seed: int = 0) -> torch.nn.Module:
    namespace: dict[str, object] = {}
    exec(compile(FACTORY, "net.py", "exec"), namespace)
    torch.manual_seed(seed)
    return namespace["build"](classes).eval()


def loaded(folder: Path, module: torch.nn.Module):
    (folder / "net.py").write_text(FACTORY)
    torch.save(module.state_dict(), folder / "new.pth")
    spec = ModelSpec.model_validate({"checkpoint": str(folder / "new.pth"), "architecture": f"{folder}/net.py:build"})
    return load_model(spec, 5, input_size=(16, 16))


def test_alone_a_tensor_has_its_moments_and_no_comparison(tmp_path: Path) -> None:
    module = network()
    with torch.no_grad():
        module[3].weight[0, 0, 0, 0] = torch.nan
        module[6].bias.copy_(torch.arange(5.0))
    facts = tensor_facts(loaded(tmp_path, module))
    assert tuple(facts.columns) == layout.WEIGHT_COLUMNS
    assert facts["position"].tolist() == list(range(len(facts)))
    facts = facts.set_index("name")
    assert facts["kind"].to_dict() == {
        "0.weight": "weight", "0.bias": "bias", "1.weight": "norm_weight", "1.bias": "norm_bias",
        "1.running_mean": "running_mean", "1.running_var": "running_var", "1.num_batches_tracked": "batches_tracked",
        "3.weight": "weight", "3.bias": "bias", "6.weight": "weight", "6.bias": "bias",
    }  # fmt: skip
    assert facts.index[facts["is_head"]].tolist() == ["6.weight", "6.bias"]
    values = module[3].weight.detach().numpy().ravel()[1:]
    row = facts.loc["3.weight"]
    assert (row["shape"], row["numel"], row["nonfinite"]) == ("32 × 64 × 3 × 3", 18_432, 1)
    assert (row["mean"], row["std"]) == pytest.approx((values.mean(), values.std()), rel=1e-4)
    assert facts.loc["6.bias", ["min", "max", "half_exact"]].tolist() == [0, 4, 1]
    assert "torch's default" in facts.loc["0.weight", "init_law"]
    assert facts["status"].isna().all()
    assert facts[["cosine", "change", "scale", "residual", "soft_threshold"]].isna().all(axis=None)


def test_against_a_baseline_each_tensor_gets_its_distance(tmp_path: Path) -> None:
    module, rng = network(), torch.Generator().manual_seed(1)
    old = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    del old["0.bias"]
    with torch.no_grad():
        module[0].weight.mul_(0.7)
        module[3].weight.copy_(torch.randn(module[3].weight.shape, generator=rng))
        module[1].weight.add_(0.1 * torch.randn(64, generator=rng))
    old["6.weight"] = old["6.weight"][:3]
    facts = tensor_facts(loaded(tmp_path, module), old).set_index("name")
    assert facts["status"].to_dict() | {"1.bias": "identical"} == {
        "0.weight": "related", "0.bias": "missing", "1.weight": "related", "1.bias": "identical",
        "1.running_mean": "identical", "1.running_var": "identical", "1.num_batches_tracked": "identical",
        "3.weight": "unrelated", "3.bias": "identical", "6.weight": "shape differs", "6.bias": "identical",
    }  # fmt: skip
    shrunk = facts.loc["0.weight", ["cosine", "change", "scale", "residual"]].astype(float)
    np.testing.assert_allclose(shrunk, [1, 0.3, 0.7, 0], atol=1e-6)
    a, b = module[1].weight.detach().double().numpy(), old["1.weight"].double().numpy()
    s = a @ b / (b @ b)
    expected = [a @ b / np.linalg.norm(a) / np.linalg.norm(b), np.linalg.norm(a - b) / np.linalg.norm(b), s]
    np.testing.assert_allclose(facts.loc["1.weight", ["cosine", "change", "scale"]].astype(float), expected)
    assert facts.loc["1.weight", "residual"] == pytest.approx(np.linalg.norm(a - s * b) / np.linalg.norm(b))
    assert facts["decisive"].sum() == 2


def test_a_program_is_read_from_its_state(tmp_path: Path) -> None:
    module = network()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.trace(module, torch.zeros(2, 3, 16, 16)).save(tmp_path / "program.pt")
    model = load_model(ModelSpec.model_validate({"checkpoint": str(tmp_path / "program.pt")}), 5)
    facts = tensor_facts(model, module.state_dict())
    assert set(facts["status"]) == {"identical"}
    assert facts.loc[facts["is_head"], "name"].tolist() == ["6.weight", "6.bias"]
