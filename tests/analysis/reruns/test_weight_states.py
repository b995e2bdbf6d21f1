"""Other weights in the same network: sets of a checkpoint, the old head's rows by name, weights between."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from analysis.errors import CheckpointError
from analysis.reruns.weight_states import between, buffers_of, replaced, state_of, with_old_rows


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 5))


@dataclass
class Model:
    module: nn.Module
    kind: str = "state_dict"
    head: object = None


def test_a_checkpoints_other_set_fits_under_its_wrapper(tmp_path):
    plain, average = network().state_dict(), network().state_dict()
    wrapped = {f"module.{name}": tensor for name, tensor in average.items()}
    torch.save({"model": plain, "model_ema": {"module": wrapped}}, tmp_path / "both.pth")
    found = state_of(tmp_path / "both.pth", Model(network()), "ema")
    assert found.keys() == average.keys()
    assert all(torch.equal(found[name], average[name]) for name in average)
    with pytest.raises(CheckpointError, match="no weight set"):
        state_of(tmp_path / "both.pth", Model(network()), "swa")


def test_replaced_weights_are_put_back_and_those_of_another_shape_left_alone():
    module, other = network(), network().state_dict()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    with replaced(module, other | {"2.weight": torch.zeros(9, 9)}):
        assert torch.equal(module[0].weight, other["0.weight"])
        assert torch.equal(module[2].weight, before["2.weight"])
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())


def test_old_rows_go_to_their_names():
    new, old = network().state_dict(), nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).state_dict()
    joined = with_old_rows(new, old, ["2.weight", "2.bias"], [(4, 0), (1, 1)])
    assert torch.equal(joined["2.weight"][[4, 1]], old["2.weight"])
    assert torch.equal(joined["2.weight"][[0, 2, 3]], new["2.weight"][[0, 2, 3]])
    assert torch.equal(joined["0.weight"], old["0.weight"])


def test_between_is_old_at_zero_new_at_one_and_their_mean_in_the_middle():
    old, new = network().state_dict(), network().state_dict()
    assert torch.equal(between(old, new, 0.0)["0.weight"], old["0.weight"])
    torch.testing.assert_close(between(old, new, 1.0)["0.weight"], new["0.weight"])
    torch.testing.assert_close(between(old, new, 0.5)["2.bias"], (old["2.bias"] + new["2.bias"]) / 2)
    assert "1.num_batches_tracked" not in between(old, new, 0.5)


def test_buffers_alone():
    assert set(buffers_of(network().state_dict())) == {"1.running_mean", "1.running_var"}
