"""Plants in the backbone and in how the network is run."""

import numpy as np
import torch
from torch.nn import functional

from tests.benchmarks.planted_faults.case import Case
from tests.benchmarks.planted_faults.plant import Plant
from tests.benchmarks.planted_faults.training import State

GRAY = ("digits", "strings")
_FACTORY = """
from network import small_network


def spoiled(num_classes):
    network = small_network(num_classes)
    {body}
    return network
"""


def fine_tuned(case: Case, *, rate: float, steps: int, only_head: bool = False) -> State:
    """The healthy model trained on new classes alone, in evaluation mode's BatchNorm."""
    network = case.base.build(len(case.names))
    network.load_state_dict(case.state)
    network.eval()
    rows = np.flatnonzero(~case.base.is_old[case.base.train_label])
    weights = [p for name, p in network.named_parameters() if not only_head or name in case.base.head]
    optimizer = torch.optim.SGD(weights, lr=rate, momentum=0.9)
    for _ in range(steps):
        batch = case.rng.choice(rows, 32)
        inputs, target = case.base.inputs(case.base.train_pixels[batch]), case.base.train_label[batch]
        loss = functional.cross_entropy(network(inputs), torch.from_numpy(target))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 5.0)
        optimizer.step()
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def forgotten(case: Case) -> None:
    """All layers trained on new classes alone with a rate that is far too high."""
    case.baseline = case.base.old_state
    photographs = case.base.name == "photographs"
    case.state = fine_tuned(case, rate=0.02 if photographs else 0.3, steps=150 if photographs else 400)
    case.has_truth = False


def gently_tuned(case: Case) -> None:
    """All layers trained on new classes alone, gently: old features stay, the new logits rise."""
    case.baseline = case.base.old_state
    case.state = fine_tuned(case, rate=1e-4, steps=200)
    case.has_truth = False


def partly_loaded(case: Case) -> None:
    """A late block kept its random initialisation, because its keys had another prefix."""
    case.baseline = case.base.old_state
    torch.manual_seed(5)
    fresh = case.base.build(len(case.names)).state_dict()
    block = ("6.", "7.") if case.base.name != "photographs" else ("blocks.5.", "blocks.6.")
    for name in case.state:
        if name.startswith(block):
            case.state[name] = fresh[name]
    case.has_truth = False


def _buffers(case: Case, part: str) -> list[str]:
    return [name for name in case.state if name.endswith(part)]


def reset_statistics(case: Case) -> None:
    """BatchNorm's running statistics as they were at the start: 0 and 1."""
    for name in _buffers(case, "running_mean"):
        case.state[name] = torch.zeros_like(case.state[name])
    for name in _buffers(case, "running_var"):
        case.state[name] = torch.ones_like(case.state[name])
    # The head of the photographs was fitted under the statistics of other pictures, which these cannot give back.
    case.has_truth = case.base.name != "photographs"


def statistics_of_noise(case: Case) -> None:
    """BatchNorm's running statistics from a pass of random noise."""
    network = case.base.build(len(case.names))
    network.load_state_dict(case.state)
    network.train()
    size = case.base.inputs(case.base.val_pixels[:1]).shape[1:]
    with torch.no_grad():
        for _ in range(30):
            network(torch.from_numpy(case.rng.normal(size=(16, *size))).float())
    kept = network.state_dict()
    for name in (*_buffers(case, "running_mean"), *_buffers(case, "running_var")):
        case.state[name] = kept[name]
    case.has_truth = case.base.name != "photographs"


def drifted_statistics(case: Case) -> None:
    """All weights frozen, but BatchNorm's statistics moved to those of the new classes, darkened."""
    case.baseline = case.base.old_state | {}
    network = case.base.build(len(case.names))
    network.load_state_dict(case.state)
    network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.eval()
    rows = np.flatnonzero(~case.base.is_old[case.base.train_label])
    with torch.no_grad():
        for _ in range(40):
            network(0.3 * case.base.inputs(case.base.train_pixels[case.rng.choice(rows, 32)]))
    kept = network.state_dict()
    for name in (*_buffers(case, "running_mean"), *_buffers(case, "running_var")):
        case.state[name] = kept[name]
    body = {name: tensor for name, tensor in case.base.state.items() if name not in case.base.head}
    old = torch.from_numpy(case.base.is_old)
    case.baseline = {**body, **{name: case.base.state[name][old] for name in case.base.head}}


def train_mode(case: Case) -> None:
    """The network never leaves training mode, and the samples come sorted by class."""
    case.keep(np.argsort(case.true, kind="stable"))
    case.architecture = "spoiled.py:spoiled"
    body = "network.train()\n    network.eval = lambda: network\n    network.train = lambda mode=True: network"
    case.finish.append(lambda folder: (folder / "spoiled.py").write_text(_FACTORY.format(body=body), "utf-8"))


def dropout(case: Case) -> None:
    """Dropout that does not know of evaluation: the functional form without `training=`."""
    case.architecture = "spoiled.py:spoiled"
    body = (
        "import torch\n    from torch.nn import functional\n\n"
        "    class Always(torch.nn.Module):\n        def forward(self, x):\n"
        "            return functional.dropout(x, 0.6)\n\n"
        "    network[12] = torch.nn.Sequential(network[12], Always())"
    )
    case.finish.append(lambda folder: (folder / "spoiled.py").write_text(_FACTORY.format(body=body), "utf-8"))


def half_precision(case: Case) -> None:
    """All logits 3,000 lower, then in bfloat16: the difference of two classes is lost."""
    case.bias = case.bias - 3000
    case.inference = {"precision": "bf16"}


def early_average(case: Case) -> None:
    """The moving average was evaluated, which after 2,000 steps still is 82 % initialisation."""
    torch.manual_seed(9)
    initial = case.base.build(len(case.names)).state_dict()
    kept = 0.9999**2000
    average = {
        name: kept * initial[name] + (1 - kept) * tensor
        if tensor.is_floating_point() and "running" not in name
        else tensor
        for name, tensor in case.state.items()
    }
    case.weight_sets = {"ema": average}
    case.weights = "ema"


NETWORK_PLANTS = (
    Plant(name="fine-tuned on new classes, rate too high", make=forgotten, expect=("backbone_forgetting",), gain=False),
    Plant(name="gently fine-tuned on new classes", make=gently_tuned, expect=("logit_group_bias",), gain=False,
          instead=("logit_scale_mismatch", "old_rows_overwritten"), bases=("photographs",)),
    Plant(name="late block random", make=partly_loaded, expect=("checkpoint_load_partial",), gain=False),
    Plant(name="BatchNorm statistics reset", make=reset_statistics, expect=("bn_stats_stale",)),
    Plant(name="BatchNorm statistics of noise", make=statistics_of_noise, expect=("bn_stats_stale",)),
    Plant(name="BatchNorm statistics drifted", make=drifted_statistics, expect=("frozen_bn_drift",)),
    Plant(name="training mode, sorted by class", make=train_mode, expect=("bn_train_mode_eval",), bases=GRAY),
    Plant(name="dropout in evaluation", make=dropout, expect=("stochastic_inference",), bases=GRAY),
    Plant(name="bfloat16 far from zero", make=half_precision, expect=("precision_overflow",)),
    Plant(name="young moving average", make=early_average, expect=("ema_raw_mismatch",)),
)  # fmt: skip
