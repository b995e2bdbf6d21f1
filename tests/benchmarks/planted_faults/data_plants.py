"""Plants in labels, splits, metadata and groups of pictures, and the decoys."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn

from analysis.arrays import AnyArray
from tests.benchmarks.planted_faults.case import Case
from tests.benchmarks.planted_faults.head_plants import all_but_few_pictures, biased, train_rows
from tests.benchmarks.planted_faults.index_plants import permuted, split, split_in_two
from tests.benchmarks.planted_faults.input_plants import blurred, not_normalised
from tests.benchmarks.planted_faults.plant import Plant
from tests.benchmarks.planted_faults.training import State, fit, fit_head


def healthy(case: Case) -> None:
    """Nothing."""


def with_baseline(case: Case) -> None:
    """Nothing, and the old model is there to compare with."""
    case.baseline = case.base.old_state


def few_samples(case: Case) -> None:
    """200 pictures only."""
    case.keep(np.sort(case.rng.permutation(len(case.label))[:200]))


def random_columns(case: Case) -> None:
    """50 columns that mean nothing."""
    n = len(case.label)
    for number in range(50):
        values = case.rng.integers(0, int(case.rng.integers(2, 20)), n)
        case.metadata[f"column_{number:02d}"] = values if number % 2 else [f"v{value}" for value in values]


def hardly_trained(case: Case) -> None:
    """Nothing is wrong, but the network tells a thousand classes hardly apart: two passes at a low rate."""
    network = case.base.build(len(case.names))
    pixels, label = case.base.train_pixels, case.base.train_label
    case.state = _weights(fit(network, lambda rng: (pixels, label), epochs=2, seed=8, rate=6e-4))


def weak(case: Case) -> None:
    """Nothing is wrong, but the model has seen little: a few steps of training, or three pictures a class."""
    embeddings_only = case.base.factory is None
    classes, label = len(case.names), case.base.train_label
    if embeddings_only:
        few = np.concatenate([np.flatnonzero(label == index)[:3] for index in range(classes)])
        features = case.base.train_embeddings()[few]
        case.weight, case.bias = fit_head(features, label[few], classes, seed=4, penalty=0.5)
        return
    network = case.base.build(classes)
    pixels = case.base.train_pixels
    case.state = _weights(fit(network, lambda rng: (pixels, label), epochs=2, seed=6, rate=1e-3))


def _weights(network: nn.Module) -> State:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def flipped(case: Case) -> None:
    """8 % of the labels are another class."""
    wrong = case.some(0.08)
    names = list(case.names)
    for row in np.flatnonzero(wrong):
        others = [name for name in names if name != case.label[row]]
        case.label[row] = others[int(case.rng.integers(len(others)))]
    case.pointed_at = wrong
    case.has_truth = False


def one_pair_flipped(case: Case) -> None:
    """Half of one class carries the label of another."""
    first, second = case.names[0], case.names[-1]
    rows = [row for row, label in enumerate(case.label) if label == first]
    wrong = np.zeros(len(case.label), dtype=np.bool_)
    wrong[case.rng.permutation(rows)[: len(rows) // 2]] = True
    case.label = [second if wrong[row] else label for row, label in enumerate(case.label)]
    case.pointed_at = wrong
    case.has_truth = False


def copied_under_other_label(case: Case) -> None:
    """10 % of the pictures are there once more under another class."""
    rows = np.flatnonzero(case.some(0.10))
    others = list(case.names)
    labels = [others[(others.index(case.label[row]) + 1) % len(others)] for row in rows]
    n = len(case.label)
    case.pixels = np.concatenate([case.pixels, case.pixels[rows]])
    case.true = np.concatenate([case.true, case.true[rows]])
    case.rows = np.concatenate([case.rows, case.rows[rows]])
    case.label = [*case.label, *labels]
    pointed = np.zeros(len(case.label), dtype=np.bool_)
    pointed[rows], pointed[n:] = True, True
    case.pointed_at = pointed
    case.has_truth = False


def leaked(case: Case) -> None:
    """20 % of the validation pictures, re-encoded, are in the training set."""
    rows = np.flatnonzero(case.some(0.20))
    train = case.base.train_pixels[:1500]
    files = [f"train/{i:05d}.png" for i in range(len(train))] + [f"train/leak-{i:05d}.jpg" for i in range(len(rows))]
    labels = [case.base.names[i] for i in case.base.train_label[: len(train)]] + [case.label[row] for row in rows]
    case.train = pd.DataFrame({"filepath": files, "label": labels})

    def finish(folder: Path) -> None:
        (folder / "train").mkdir()
        for file, picture in zip(files, [*train, *case.pixels[rows]], strict=True):
            Image.fromarray(picture).save(folder / file, **({"quality": 92} if file.endswith("jpg") else {}))

    case.finish.append(finish)
    pointed = np.zeros(len(case.label), dtype=np.bool_)
    pointed[rows] = True
    case.pointed_at = pointed


def blurred_source(case: Case) -> None:
    """Pictures from one of three sources are blurred; the manifest says which source."""
    source = case.rng.integers(0, 3, len(case.label))
    case.metadata["source"] = [f"site {value}" for value in source]
    hit = source == 2
    case.pixels = case.pixels.copy()
    case.pixels[hit] = blurred(case.pixels[hit], 1.6 if case.base.name == "photographs" else 3.0)
    case.pointed_at = hit
    case.has_truth = False


def one_source_for_new(case: Case) -> None:
    """The head saw new classes through one camera only, old ones through both; validation has both for all."""
    base, label = case.base, case.base.train_label
    by_other = (case.rng.random(len(label)) < 0.5) | ~base.is_old[label]
    pixels = base.train_pixels.copy()
    pixels[by_other] = _warmer(pixels[by_other])
    case.weight, case.bias = fit_head(base.embed(pixels), label, len(case.names), seed=5, penalty=base.penalty)
    mixed = case.some(0.5)
    case.pixels = case.pixels.copy()
    case.pixels[mixed] = _warmer(case.pixels[mixed])
    case.metadata["camera"] = np.where(mixed, "B", "A")
    case.has_truth = False


def _warmer(pixels: AnyArray) -> AnyArray:
    """(n, H, W, 3) uint8 of less contrast, with less blue."""
    return np.rint(pixels * np.array([0.8, 0.7, 0.5]) + np.array([50, 25, 0])).astype(np.uint8)


def hidden_group(case: Case) -> None:
    """8 % of the pictures, named nowhere, are blurred or inverted."""
    hit = case.some(0.08)
    case.pixels = case.pixels.copy()
    case.pixels[hit] = blurred(case.pixels[hit], 2.5) if case.base.name == "photographs" else 255 - case.pixels[hit]
    case.pointed_at = hit
    case.has_truth = False


def permuted_and_biased(case: Case) -> None:
    """Both."""
    biased(8.0).make(case)
    permuted(case)


def normalisation_and_biased(case: Case) -> None:
    """Both."""
    not_normalised(case)
    biased(8.0).make(case)


def split_and_biased(case: Case) -> None:
    """Classes split in two, and a bias."""
    split_in_two(case)
    new = torch.tensor([name not in set(case.base.old) for name in case.names])
    case.bias = case.bias + 8.0 * new


def split_and_few_pictures(case: Case) -> None:
    """Classes split in two, and new classes that had 3 to 7 training pictures."""
    case.train = train_rows(split(case, all_but_few_pictures(case)))


DATA_PLANTS = (
    Plant(name="8 % of the labels wrong", make=flipped, expect=("label_errors",), gain=False),
    Plant(name="one pair of labels wrong", make=one_pair_flipped, expect=("label_errors",), gain=False,
          bases=("digits", "photographs")),
    Plant(name="copies under another label", make=copied_under_other_label, expect=("conflicting_duplicates",),
          gain=False),
    Plant(name="validation pictures in training", make=leaked, expect=("train_val_leakage",), kind="limits"),
    Plant(name="one source blurred", make=blurred_source, expect=("metadata_slice",), gain=False,
          instead=("source_domain_shift",)),
    Plant(name="new classes from one camera", make=one_source_for_new, expect=("source_shortcut",), gain=False,
          bases=("photographs",)),  # a network trained anew on digits is not misled: 99 % right through both
    Plant(name="hidden group of pictures", make=hidden_group, expect=("failure_cluster",), gain=False),
)  # fmt: skip

COMPOUND_PLANTS = (
    Plant(name="permuted and biased", make=permuted_and_biased, expect=("index_map_scrambled", "logit_group_bias"),
          kind="compound"),
    Plant(name="not normalised and biased", make=normalisation_and_biased,
          expect=("preproc_normalization", "logit_group_bias"), kind="compound"),
    Plant(name="split in two and biased", make=split_and_biased,
          expect=("logit_group_bias", "duplicate_class_columns"), kind="compound", gain=False),
    Plant(name="split in two, and few pictures", make=split_and_few_pictures,
          expect=("duplicate_class_columns", "tail_classes"), kind="compound", gain=False,
          instead=("class_prior_bias",), bases=("strings", "photographs")),
)  # fmt: skip

DECOYS = (
    Plant(name="healthy", make=healthy, kind="decoy"),
    Plant(name="healthy, with the old model", make=with_baseline, kind="decoy"),
    Plant(name="healthy, 200 pictures", make=few_samples, kind="decoy"),
    Plant(name="healthy, 50 random columns", make=random_columns, kind="decoy"),
    Plant(name="weak", make=weak, kind="decoy"),
    Plant(name="hardly trained", make=hardly_trained, kind="decoy", bases=("strings",)),
)
