"""BatchNorm's statistics estimated anew: against torch's own cumulative average, and put back afterwards."""

import pytest
import torch
from torch import nn

from analysis.reruns.batch_norm_statistics import distances, estimate, in_place


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 6, 3), nn.BatchNorm2d(6), nn.Flatten()
    ).eval()


def batches(seed=1):
    torch.manual_seed(seed)
    return [torch.randn(16, 3, 9, 9) * 3 + 1 for _ in range(4)]


def reestimated_by_torch(module):
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None
    module.train()
    with torch.no_grad():
        for pictures in batches():
            module(pictures)
    return module.eval()


@pytest.mark.parametrize("kind", ["python", "scripted", "traced", "exported"])
@pytest.mark.filterwarnings("ignore")  # torch announces the end of TorchScript
def test_same_statistics_as_a_cumulative_average_in_training_mode(kind):
    module, expected = network(), reestimated_by_torch(network())
    if kind == "scripted":
        module = torch.jit.script(module)
    if kind == "traced":
        module = torch.jit.trace(module, batches()[0])
    if kind == "exported":
        module = torch.export.export(module, (batches()[0],)).module()
    found = estimate(module, batches())
    assert len(found) == 2
    for layer, mine in zip((expected[1], expected[4]), found.values(), strict=True):
        torch.testing.assert_close(mine.mean.float(), layer.running_mean, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(mine.var.float(), layer.running_var, rtol=1e-4, atol=1e-5)


def test_the_network_is_as_before_and_answers_as_the_reestimated_one_inside():
    module, expected = network(), reestimated_by_torch(network())
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    pictures = batches()[0]
    found = estimate(module, batches())
    with torch.inference_mode():
        was = module(pictures)
        with in_place(module, {name: layer.shrunk(0, 64) for name, layer in found.items()}):
            torch.testing.assert_close(module(pictures), expected(pictures), rtol=1e-3, atol=1e-4)
        assert torch.equal(module(pictures), was)
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())


def test_shrunk_statistics_lie_between():
    (layer, *_) = estimate(network(), batches()).values()
    half = layer.shrunk(64, 64)
    torch.testing.assert_close(half.mean, (layer.mean + layer.stored_mean) / 2)
    torch.testing.assert_close(layer.shrunk(0, 64).var, layer.var)


def test_distances_of_fresh_and_of_fitting_statistics():
    fresh = distances(estimate(network(), batches()))
    assert list(fresh["layer"]) == ["1", "4"]
    assert fresh["untouched"].all()
    assert fresh["var_distance"].iloc[0] > 0.5
    fitting = distances(estimate(reestimated_by_torch(network()), batches()))
    assert not fitting["untouched"].any()
    assert fitting[["mean_distance", "var_distance"]].to_numpy().max() < 1e-4


def test_a_change_of_the_input_shows_in_the_first_layer_alone():
    module = reestimated_by_torch(network())
    table = distances(estimate(module, [pictures * 5 + 20 for pictures in batches()]))
    assert table["var_distance"].iloc[0] > 2
    assert table["mean_distance"].iloc[0] > 5
    assert table["var_distance"].iloc[1] < 1e-3


def test_layers_without_statistics_have_no_distance():
    table = distances(estimate(nn.Sequential(nn.BatchNorm2d(3, track_running_stats=False, affine=False)), batches()))
    assert table["mean_distance"].isna().all()
    assert table["uses_batch"].all()
    assert distances({}).empty
