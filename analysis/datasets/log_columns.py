"""Names of columns in training logs, brought to one vocabulary: epoch, step, train_loss, val_accuracy and so on."""

import re

_BETWEEN = re.compile(r"(?<=[a-z])(?=[A-Z])|[^0-9A-Za-z]+")
_SIDES = {
    **dict.fromkeys(("train", "training", "tr", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation", "dev", "test"), "val"),
}
_METRICS = (  # longest first
    (("cross", "entropy"), "loss"),
    (("balanced", "accuracy"), "macro_accuracy"),
    (("macro", "accuracy"), "macro_accuracy"),
    (("macro", "acc"), "macro_accuracy"),
    (("top", "1"), "accuracy"),
    (("top", "5"), "top5_accuracy"),
    (("acc", "1"), "accuracy"),
    (("acc", "5"), "top5_accuracy"),
    (("learning", "rate"), "learning_rate"),
    (("grad", "norm"), "gradient_norm"),
    (("gradient", "norm"), "gradient_norm"),
    (("global", "step"), "step"),
    (("accuracy",), "accuracy"),
    (("acc",), "accuracy"),
    (("top1",), "accuracy"),
    (("acc1",), "accuracy"),
    (("prec1",), "accuracy"),
    (("top5",), "top5_accuracy"),
    (("acc5",), "top5_accuracy"),
    (("prec5",), "top5_accuracy"),
    (("loss",), "loss"),
    (("nll",), "loss"),
    (("ce",), "loss"),
    (("lr",), "learning_rate"),
    (("gradnorm",), "gradient_norm"),
    (("epoch",), "epoch"),
    (("epochs",), "epoch"),
    (("ep",), "epoch"),
    (("step",), "step"),
    (("steps",), "step"),
    (("iter",), "step"),
    (("iteration",), "step"),
)
_OF_A_SIDE = ("loss", "accuracy", "top5_accuracy", "macro_accuracy")
_FILLERS = ("accuracy", "acc")  # "val_top1_accuracy" says accuracy once


def log_column(name: str, side: str | None = None) -> str:
    """The common name of a column, lower case with underscores; names nobody foresaw keep their words.

    Args:
        name: as in the file, such as ``Val/Acc@1``, ``eval_top1``, ``valLoss``, ``lr-AdamW/pg1``.
        side: train | val where another column says which, for names that do not.
    """
    words = [word.lower() for word in _BETWEEN.split(name) if word]
    found_side = next((_SIDES[word] for word in words if word in _SIDES), None)
    words = [word for word in words if word not in _SIDES]
    metric, rest = _metric(words)
    if metric is None:
        return "_".join(([found_side] if found_side else []) + rest) or "value"
    side = found_side or side
    parts = [side] if side and metric in _OF_A_SIDE else []
    return "_".join([*parts, metric, *(rest if metric not in ("epoch", "step") else ())])


def _metric(words: list[str]) -> tuple[str | None, list[str]]:
    for pattern, metric in _METRICS:
        for start in range(len(words) - len(pattern) + 1):
            if tuple(words[start : start + len(pattern)]) == pattern:
                rest = words[:start] + words[start + len(pattern) :]
                if metric.endswith("accuracy"):
                    rest = [word for word in rest if word not in _FILLERS]
                return metric, rest
    return None, words


def side_of(text: str) -> str | None:
    """Train or val for a value of a column such as ``phase``; None for anything else."""
    return _SIDES.get(text.strip().lower())


def is_accuracy(name: str) -> bool:
    """Is this common name a share of right answers?"""
    return "accuracy" in name.split("_")
