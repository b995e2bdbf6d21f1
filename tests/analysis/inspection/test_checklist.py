"""What inspect can judge before a run: rows copied by position, layers as drawn; silence on a healthy checkpoint."""

import json
from pathlib import Path

import pytest
import torch

from analysis.diagnosis.inputs import is_data_free
from analysis.hypotheses import all_hypotheses
from analysis.inspection import Inspection, inspect
from analysis.spec.investigation import check_investigation

NAMES = [f"class {index}" for index in range(12)]
OLD = NAMES[3:11][::-1]
FACTORY = """
from torch import nn

def build(num_classes):
    return nn.Sequential(
        nn.Conv2d(3, 64, 5), nn.ReLU(), nn.Conv2d(64, 96, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(96, num_classes),
    )
"""


def state(classes: int, seed: int) -> dict[str, torch.Tensor]:
    """Weights that look trained: uneven rows, many values near zero and a few large ones."""
    noise = torch.Generator().manual_seed(seed)

    def trained(*shape: int) -> torch.Tensor:
        uneven = torch.rand(shape[0], generator=noise).view(-1, *[1] * (len(shape) - 1)) + 0.2
        values = torch.randn(shape, generator=noise)
        return values * values.abs() * uneven * 0.1

    return {
        "0.weight": trained(64, 3, 5, 5), "0.bias": torch.zeros(64), "2.weight": trained(96, 64, 3, 3),
        "2.bias": torch.zeros(96), "6.weight": trained(classes, 96), "6.bias": torch.zeros(classes),
    }  # fmt: skip


def look(
    folder: Path,
    new: dict[str, torch.Tensor],
    *,
    baseline: dict[str, torch.Tensor] | None = None,
    names: list[str] | None = None,
) -> Inspection:
    (folder / "net.py").write_text(FACTORY)
    (folder / "classes.json").write_text(json.dumps(names or NAMES))
    (folder / "old.json").write_text(json.dumps(OLD))
    (folder / "val.csv").write_text("filepath,label\na.png,class 0\n")
    torch.save(new, folder / "new.pth")
    content = {
        "model": {"checkpoint": "new.pth", "architecture": "net.py:build"},
        "classes": {"names": "classes.json", "old": "old.json"},
        "data": {"validation": "val.csv"},
        "preprocessing": {"input_size": 16},
    }
    if baseline is not None:
        torch.save(baseline, folder / "old.pth")
        content["baseline"] = {"checkpoint": "old.pth"}
    return inspect(check_investigation(content, folder / "x.toml"))


def verdicts(found: Inspection) -> dict[str, str]:
    return {finding["id"]: finding["verdict"] for finding in found.checklist}


def expanded(*, by_name: bool) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    old, new = state(8, seed=1), state(12, seed=2)
    new |= {name: tensor.clone() for name, tensor in old.items() if not name.startswith("6.")}
    for row, name in enumerate(OLD):
        new["6.weight"][NAMES.index(name) if by_name else row] = old["6.weight"][row]
    return new, old


def test_a_healthy_expansion_is_silent(tmp_path: Path) -> None:
    new, old = expanded(by_name=True)
    found = look(tmp_path, new, baseline=old)
    assert set(verdicts(found)) == {h.id for h in all_hypotheses() if is_data_free(h.needs)}
    assert set(verdicts(found).values()) <= {"refuted", "not_testable"}
    assert verdicts(found)["index_map_scrambled"] == "refuted"


def test_rows_copied_by_position_are_found_before_the_run(tmp_path: Path) -> None:
    new, old = expanded(by_name=False)
    found = look(tmp_path, new, baseline=old)
    assert verdicts(found)["index_map_scrambled"] == "supported"
    assert "supported     Class indices are scrambled" in found.to_text()
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["checklist"][0]["id"] == "index_map_scrambled"


@pytest.mark.parametrize("with_baseline", [True, False])
def test_layers_as_drawn_are_found_before_the_run(tmp_path: Path, with_baseline: bool) -> None:
    new, old = expanded(by_name=True)
    torch.manual_seed(0)
    torch.nn.init.kaiming_uniform_(new["2.weight"], a=5**0.5)
    found = look(tmp_path, new, baseline=old if with_baseline else None)
    assert verdicts(found)["checkpoint_load_partial"] == "supported"
    assert "2.weight" in found.checklist[0]["summary"]


def test_a_baseline_whose_list_does_not_fit_tells_nothing_of_rows(tmp_path: Path) -> None:
    new, _ = expanded(by_name=True)
    found = look(tmp_path, new, baseline=state(5, seed=3))
    assert verdicts(found)["index_map_scrambled"] == "not_testable"


def test_without_a_model_there_is_no_checklist(tmp_path: Path) -> None:
    found = look(tmp_path, {"6.weight": torch.zeros(12, 96)})
    assert found.errors
    assert found.checklist == ()
    assert "Checklist" not in found.to_text()


def test_a_list_and_a_head_of_different_length_and_two_spellings_need_no_picture(tmp_path):
    names = [*NAMES[:10], "Class_0", "class 11"]
    found = look(tmp_path, state(13, seed=3), names=names)
    told = {finding["id"]: finding for finding in found.checklist if finding["verdict"] == "supported"}
    assert {"head_size_mismatch", "class_name_variants"} <= set(told)
    assert told["head_size_mismatch"]["summary"] == "The head has 13 outputs, the class list 12 names."
    assert "each with an output of its own" in told["class_name_variants"]["summary"]


def test_lists_that_fit_are_refuted_without_a_picture(tmp_path):
    found = verdicts(look(tmp_path, state(12, seed=3)))
    assert found["head_size_mismatch"] == found["class_name_variants"] == "refuted"
