"""What a run has and lacks, in words."""

from analysis.diagnosis.inputs import INPUTS, missing
from tests.planting import make_run


def test_a_bare_run_lacks_what_it_lacks(tmp_path):
    run = make_run(tmp_path, embeddings=False, head=False, old=None).run
    absent = {code for code in INPUTS if missing((code,), run)}
    assert absent == set(INPUTS) - {"samples", "pictures"}
    assert missing(("split", "samples", "head"), run) == ("an old class list", "the classification head's weights")


def test_a_full_run_lacks_nothing(tmp_path):
    run = make_run(tmp_path, clusters=True, metadata={"camera": ["a"] * 800}).run
    run.meta["spec"] = {
        "data": {"train": "train.csv"}, "baseline": {"checkpoint": "old.pth"}, "training": {"log": "log.csv"},
    }  # fmt: skip
    assert missing(tuple(INPUTS), run) == ()
