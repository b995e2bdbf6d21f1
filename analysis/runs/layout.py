"""Every file and column of a run directory, named once; CONTRACT's names stand, ours are beside them."""

from collections.abc import Sequence

import pyarrow as pa

SCHEMA_VERSION = 1

META = "run.json"
SAMPLES = "samples.parquet"
PROBLEMS = "problems.parquet"
CLASSES = "classes.parquet"
CONFUSIONS = "confusions.parquet"
CLUSTERS = "clusters.parquet"
CLUSTER_FACTS = "cluster_facts.parquet"  # one row a value that is over-represented in a cluster
PICTURE_SLICES = "picture_slices.parquet"  # slices by how pictures look, columns as those of a search by metadata
CLUSTERING = "clustering.json"  # how the clusters were found, and how stable each of them is
CLUSTERINGS = "clusterings"  # other clusterings of the same run, a folder each: the three files above and ASSIGNED
ASSIGNED = "assigned.npy"  # (N,) int32 cluster of each sample, −1 = in none
EMBEDDINGS = "embeddings.npy"
LOGIT_HISTOGRAMS = "logit_histograms.npz"
FINDINGS = "findings.json"
THUMBNAILS = "thumbnails"
THUMBNAIL_INDEX = "thumbnails/index.npy"  # (N, 3) int64: pack number, offset, length; length 0 = no picture
EVIDENCE = "evidence"
HEAD = "head.npz"  # weight (C, D) float32, bias (C,) float32
NEIGHBOURS = "neighbours.npz"  # index (N, k) int32, similarity (N, k) float32
TRUSTWORTHINESS = "trustworthiness.npz"  # of the map: overall, of_sample (N,) float32, references, neighbours
PROGRESS = "progress.json"
SHARDS = "shards"  # exists only until inference is complete
INFERENCE = "inference.json"  # what a resumed run must agree with and, once the pass is complete, its counts
LOCK = ".lock"
HIERARCHY = "hierarchy.parquet"  # one row a class: class_index, level_1 (its group), level_2 (that one's group), …
WEIGHTS = "weights.parquet"  # one row a tensor of the network
BASELINE = "baseline"  # a run directory of the model before the expansion, over the samples of its classes
BASELINE_ROWS = "baseline/rows.npy"  # (M,) int64 sample_id here of each sample there
DUPLICATES = "duplicates.parquet"  # pairs of validation pictures: sample_id, other, kind, similarity
DUPLICATES_FACTS = "duplicates.json"  # what was searched, and how many training pictures could be read
FINGERPRINTS = "fingerprints"  # small pictures of the training set; exists only until the search is complete
LEAKS = "leaks.parquet"  # pairs of a validation and a training picture: sample_id, filepath, label, kind, similarity
LEAK_PICTURES = "leaks/pictures.bin"  # small pictures of the training files in LEAKS, one after the other
LEAK_PICTURE_INDEX = "leaks/index.npy"  # (rows of LEAKS, 2) int64: offset, length; length 0 = no picture
RERUNS = "reruns"
RERUN_VARIANTS = "reruns/variants.parquet"
RERUN_PROBES = "reruns/probes.json"
RERUN_BUDGET = "reruns/budget.json"
RERUN_BATCH_NORM = "reruns/batch_norm.parquet"  # distance of each BatchNorm layer's input from its running statistics
RERUN_ORIENTATIONS = "reruns/orientations.parquet"  # sample_id and EXIF orientation of the files that are not upright
RERUN_PICTURES = "reruns/pictures"
TRAINING_LOG = "training_log.parquet"
POOLS = "pools"  # pools/unlabeled, pools/training: pictures that were embedded to be searched
DEMO = "demo"  # the built-in example keeps its own pictures and checkpoint here

_IDENTITY = [("sample_id", pa.int64()), ("filepath", pa.string()), ("label", pa.string()), ("label_index", pa.int32())]
_PREDICTION = [
    ("prediction", pa.string()),
    ("prediction_index", pa.int32()),
    ("correct", pa.bool_()),
    ("confidence", pa.float32()),
    ("loss", pa.float32()),
    ("margin", pa.float32()),
    ("entropy", pa.float32()),
    ("label_rank", pa.int32()),
    ("label_logit", pa.float32()),
]
_GROUPS = [
    ("max_logit_old", pa.float32()),
    ("best_old_index", pa.int32()),
    ("max_logit_new", pa.float32()),
    ("best_new_index", pa.int32()),
    ("mean_logit_old", pa.float32()),
    ("mean_logit_new", pa.float32()),
    ("logsumexp", pa.float32()),
    ("logsumexp_old", pa.float32()),
    ("logsumexp_new", pa.float32()),
    ("topk_index", pa.list_(pa.int32())),
    ("topk_logit", pa.list_(pa.float32())),
    ("nonfinite", pa.int32()),
]
PIXEL_COLUMNS: tuple[str, ...] = ("pixel_mean", "pixel_std", "pixel_sharpness", "pixel_flat")
PICTURE_COLUMNS: tuple[str, ...] = ("width", "height", "mode", *PIXEL_COLUMNS)
PIXEL_WORDS = dict(zip(PIXEL_COLUMNS, ("brightness", "contrast", "sharpness", "share without detail"), strict=True))
_PICTURE = [
    ("width", pa.int32()),
    ("height", pa.int32()),
    ("mode", pa.string()),
    *((name, pa.float32()) for name in PIXEL_COLUMNS),
    ("content_hash", pa.int64()),
]
_AFTERWARDS = [
    ("projection_x", pa.float32()),
    ("projection_y", pa.float32()),
    ("cluster", pa.int32()),
    ("label_issue", pa.bool_()),
    ("label_quality", pa.float32()),
    ("prediction_repaired_index", pa.int32()),
    ("correct_repaired", pa.bool_()),
]

SAMPLE_FIELDS: tuple[tuple[str, pa.DataType], ...] = (*_IDENTITY, *_PREDICTION, *_GROUPS, *_PICTURE, *_AFTERWARDS)
SAMPLE_COLUMNS: tuple[str, ...] = tuple(name for name, _ in SAMPLE_FIELDS)
AFTERWARDS_COLUMNS: tuple[str, ...] = tuple(name for name, _ in _AFTERWARDS)

CLASS_COLUMNS: tuple[str, ...] = (
    "class_index", "name", "group", "support", "predicted", "correct", "precision", "recall", "f1",
    "recall_low", "recall_high", "mean_loss", "head_norm", "head_bias", "train_count",
)  # fmt: skip
CLUSTER_COLUMNS: tuple[str, ...] = (
    "cluster", "name", "size", "errors", "error_rate", "expected_errors", "excess_errors", "excess_low",
    "top_label", "top_prediction",
)  # fmt: skip
CLUSTER_EXTRA_COLUMNS: tuple[str, ...] = (
    "errors_as_is", "excess_high", "stability", "duplicate_share", "old_share",
)  # fmt: skip
CLUSTER_FACT_COLUMNS: tuple[str, ...] = (
    "cluster", "kind", "column", "text", "value", "count", "share", "overall", "lift", "lift_low", "lift_high",
    "p_adjusted",
)  # fmt: skip
WEIGHT_COLUMNS: tuple[str, ...] = (
    "name", "position", "kind", "is_head", "shape", "numel", "nonfinite", "mean", "std", "min", "max", "half_exact",
    "init_law", "status", "cosine", "change", "scale", "residual", "soft_threshold", "decisive",
)  # fmt: skip
CONFUSION_SCHEMA = pa.schema([("label_index", pa.int32()), ("prediction_index", pa.int32()), ("count", pa.int64())])
PROBLEM_SCHEMA = pa.schema([("filepath", pa.string()), ("reason", pa.string()), ("label", pa.string())])


def metadata_names(columns: Sequence[str]) -> dict[str, str]:
    """Map each metadata column to the name it gets in ``samples.parquet``.

    A name that collides with one of ours becomes ``meta_NAME`` (again ``meta_meta_NAME`` if that is taken too).
    """
    taken = set(SAMPLE_COLUMNS)
    names: dict[str, str] = {}
    for column in columns:
        name = column
        while name in taken:
            name = f"meta_{name}"
        taken.add(name)
        names[column] = name
    return names


def unnamed_output(index: int) -> str:
    """Name of a head output that the class list does not name."""
    return f"[output {index}]"
