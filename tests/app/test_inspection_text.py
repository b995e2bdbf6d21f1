"""What a look found, in sentences."""

from app.inspection_text import key_facts


def test_only_what_was_found_in_the_weights_is_told() -> None:
    checklist = [
        {"verdict": "supported", "title": "Layers were never loaded", "summary": "1 of 9 layers."},
        {"verdict": "refuted", "title": "Rows of the head were never trained", "summary": "All were trained."},
    ]
    told = [("Already found in the weights", ["Layers were never loaded: 1 of 9 layers."])]
    assert key_facts({"checklist": checklist}) == told
    assert key_facts({"checklist": checklist[1:]}) == []


def test_a_partly_read_model_and_missing_pieces() -> None:
    found = {
        "checkpoint": {"parameters": 1000, "tensors": 10, "loaded": 8, "weights": "ema"},
        "head": None,
        "classes": {"listed": 5, "old": None},
        "data": {
            "validation": {"samples": 3, "classes": 2, "files_looked_at": 3, "files_missing": 1, "unknown_labels": 1}
        },
        "preprocessing": {
            "input_size": [224, 320], "resize": "shortest", "crop_pct": 0.875, "interpolation": "bicubic",
            "channels": "rgb", "mean": [0.5], "std": [0.25],
            "provenance": {"crop_pct": "fallback", "mean": "architecture"},
        },
    }  # fmt: skip
    assert key_facts(found) == [
        (
            "Model",
            [
                "1,000 parameters; 8 of 10 tensors loaded (weights: ema).",
                "The head is hidden in this file: head tests, map and clusters will be missing.",
            ],
        ),
        ("Classes", ["5 names; no old/new split."]),
        (
            "Data",
            [
                "Validation: 3 samples of 2 classes.",
                "2 of 3 files that were looked for exist.",
                "Labels that are not in the class list: 1 samples.",
            ],
        ),
        (
            "Preprocessing",
            [
                "224 × 320 px, resize shortest and cut to 87.5 %, bicubic, rgb.",
                "mean 0.5, std 0.25.",
                "Assumed, because nothing says it: crop pct.",
            ],
        ),
    ]


def test_nothing_read_is_nothing_said() -> None:
    assert key_facts({"checkpoint": None, "classes": None, "data": {}, "preprocessing": None}) == []
