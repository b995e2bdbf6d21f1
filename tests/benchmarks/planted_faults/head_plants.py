"""Plants in the head: biases, scales, initialisation, rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from analysis.arrays import BoolArray
from tests.benchmarks.planted_faults.case import Case
from tests.benchmarks.planted_faults.plant import Plant
from tests.benchmarks.planted_faults.training import fit_head

_HEAD_SHARE = 0.03  # of accuracy; the catalogue's least effect


def biased(amount: float) -> "Plant":
    def make(case: Case) -> None:
        case.bias = case.bias + amount * case.is_new

    winner = "new" if amount > 0 else "old"
    return Plant(name=f"biases of {winner} classes {abs(amount):g} too high", make=make, expect=("logit_group_bias",))


def scaled(case: Case) -> None:
    """New rows three times as long, biases as they were."""
    case.weight = torch.where(case.is_new[:, None], 3 * case.weight, case.weight)


def untrained(case: Case) -> None:
    """New rows as nn.Linear makes them."""
    dims = case.weight.shape[1]
    fresh = torch.from_numpy(case.rng.uniform(-1, 1, (int(case.is_new.sum()), dims)) / np.sqrt(dims)).float()
    weight, bias = case.weight.clone(), case.bias.clone()
    weight[case.is_new] = fresh
    bias[case.is_new] = torch.from_numpy(case.rng.uniform(-1, 1, len(fresh)) / np.sqrt(dims)).float()
    case.weight, case.bias = weight, bias
    case.has_truth = False


def degenerate(case: Case) -> None:
    """Some rows are zero and some are copies of their neighbour."""
    count = max(1, len(case.names) // 100)
    rows = case.rng.permutation(len(case.names) // 2)[: 2 * count] * 2
    weight, bias = case.weight.clone(), case.bias.clone()
    weight[rows[:count]], bias[rows[:count]] = 0, 0
    weight[rows[count:]], bias[rows[count:]] = weight[rows[count:] + 1], bias[rows[count:] + 1]
    case.weight, case.bias = weight, bias


def not_a_number(case: Case) -> None:
    """One row is NaN, so every answer is that class."""
    weight = case.weight.clone()
    weight[len(weight) // 2] = torch.nan
    case.weight = weight


def decayed(case: Case) -> None:
    """Old rows shrunk by weight decay while they were frozen: times 0.6."""
    old = ~case.is_new
    case.baseline = _old_part(case)
    case.weight = torch.where(old[:, None], 0.6 * case.weight, case.weight)
    case.bias = torch.where(old, 0.6 * case.bias, case.bias)


def soft_thresholded(case: Case) -> None:
    """Old rows moved towards zero by a constant, as Adam with L2 does."""
    old = ~case.is_new
    case.baseline = _old_part(case)
    step = 0.5 * case.weight[old].abs().mean()
    shrunk = case.weight.sign() * (case.weight.abs() - step).clamp(min=0)
    case.weight = torch.where(old[:, None], shrunk, case.weight)


def _old_part(case: Case) -> dict[str, torch.Tensor]:
    """The model before as the healthy model's own old rows on the same backbone."""
    old = torch.from_numpy(case.base.is_old)
    head = {
        case.base.head[0]: case.base.state[case.base.head[0]][old],
        case.base.head[1]: case.base.state[case.base.head[1]][old],
    }
    return {**case.base.state, **head}


def overwritten(case: Case) -> None:
    """The whole head trained on new classes only, the backbone frozen.

    The catalogue lets the swap decide between overwritten rows and a constant: where the old rows give the old classes,
    among themselves, less than three points, these rows were hardly spoilt and a constant is as right a name.
    """
    case.baseline = _old_part(case)
    known = ~case.base.is_old[case.base.train_label]
    features, label = case.base.train_embeddings()[known], case.base.train_label[known]
    mean, spread = torch.from_numpy(features.mean(0)), float(features.std())
    x, y = torch.from_numpy(features), torch.from_numpy(label)
    weight, bias = case.weight.clone().requires_grad_(), case.bias.clone().requires_grad_()
    optimizer = torch.optim.Adam([weight, bias], lr=0.1 / max(1.0, spread * len(mean) ** 0.5))
    noise = torch.from_numpy(case.rng.normal(size=tuple(weight.shape))).float() * weight.detach().std()
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(x @ weight.T + bias, y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    old = ~case.is_new
    case.weight = torch.where(old[:, None], weight.detach() + noise, weight.detach())
    case.bias = bias.detach()
    case.has_truth = False
    if _head_share(case) < _HEAD_SHARE:
        case.also_right = ("logit_group_bias",)


def _head_share(case: Case) -> float:
    """What the old rows put back give the old classes, asked among these alone."""
    old = ~case.is_new
    features = torch.from_numpy(case.base.embed(case.pixels))
    label = torch.from_numpy(case.true)
    place, mine = torch.cumsum(old.long(), 0) - 1, old[label]
    heads = (case.weight, case.bias), (case.base.state[case.base.head[0]], case.base.state[case.base.head[1]])
    answers = [(features[mine] @ weight[old].T + bias[old]).argmax(dim=1) for weight, bias in heads]
    now, then = (float((answer == place[label[mine]]).float().mean()) for answer in answers)
    return then - now


def foreign_head(case: Case) -> None:
    """Rows trained on another backbone: the same directions under a random rotation."""
    dims = case.weight.shape[1]
    rotation = torch.linalg.qr(torch.from_numpy(case.rng.normal(size=(dims, dims))).float())[0]
    case.weight = case.weight @ rotation
    case.has_truth = False


def long_tail(case: Case) -> None:
    """Heads trained on a long-tailed set carry its frequencies; validation is balanced."""
    classes = len(case.names)
    place = case.rng.permutation(classes)
    share = 0.02 ** (place / max(1, classes - 1))
    keep = case.rng.random(len(case.base.train_label)) < share[case.base.train_label]
    label = case.base.train_label[keep]
    weight, bias = fit_head(case.base.train_embeddings()[keep], label, classes, seed=2, penalty=case.base.penalty)
    case.weight, case.bias = weight, bias
    case.old = None
    case.train = train_rows([case.base.names[index] for index in label])
    case.has_truth = False


def few_pictures(case: Case) -> None:
    """30 % of the new classes had 3 to 7 training pictures."""
    keep = all_but_few_pictures(case)
    label = case.base.train_label[keep]
    weight, bias = fit_head(
        case.base.train_embeddings()[keep], label, len(case.names), seed=3, penalty=case.base.penalty
    )
    case.weight, case.bias = weight, bias
    case.train = train_rows([case.base.names[index] for index in label])
    case.has_truth = False


def all_but_few_pictures(case: Case) -> BoolArray:
    """(N',) training pictures, of 30 % of the new classes 3 to 7 each."""
    new = np.flatnonzero(~case.base.is_old)
    keep = np.ones(len(case.base.train_label), dtype=np.bool_)
    for index in new[: max(1, round(0.3 * len(new)))]:
        rows = np.flatnonzero(case.base.train_label == index)
        keep[case.rng.permutation(rows)[int(case.rng.integers(3, 8)) :]] = False
    return keep


def train_rows(label: Sequence[str]) -> pd.DataFrame:
    """The training set's manifest."""
    return pd.DataFrame({"filepath": [f"train/{i:06d}.png" for i in range(len(label))], "label": label})


def hot(case: Case) -> None:
    """All logits times five: nothing changes but the confidence."""
    case.weight, case.bias = 5 * case.weight, 5 * case.bias


HEAD_PLANTS = (
    biased(8.0),
    biased(-8.0),
    Plant(name="new rows three times as long", make=scaled, expect=("logit_scale_mismatch",)),
    Plant(name="new rows untrained", make=untrained, expect=("new_head_untrained",), gain=False),
    Plant(name="rows zero and repeated", make=degenerate, expect=("head_rows_degenerate",)),
    Plant(name="one row not a number", make=not_a_number, expect=("head_rows_degenerate",)),
    Plant(name="old rows times 0.6", make=decayed, expect=("old_rows_decayed",)),
    Plant(name="old rows soft-thresholded", make=soft_thresholded, expect=("old_rows_decayed",)),
    Plant(
        name="old rows overwritten", make=overwritten, expect=("old_rows_overwritten",), gain=False,
    ),
    Plant(name="head of another backbone", make=foreign_head, expect=("head_backbone_mismatch",), gain=False),
    Plant(
        name="long-tailed training", make=long_tail, expect=("class_prior_bias",), gain=False,
        instead=("tail_classes", "val_train_prior_shift"),
        bases=("strings", "photographs"),  # a handful of digits is nearly enough
    ),
    Plant(
        name="new classes with 3 to 7 pictures", make=few_pictures, expect=("tail_classes",), gain=False,
        bases=("strings", "photographs"),  # digits are learnt from five pictures
    ),
    # The digits are right so often that five times the logits are hardly too sure of themselves.
    Plant(name="logits times five", make=hot, expect=("miscalibration",), kind="limits", bases=("photographs",)),
)  # fmt: skip
