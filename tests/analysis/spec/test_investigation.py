"""The investigation file: every key, its default, and what is said about a wrong one."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import SpecError
from analysis.spec.investigation import Investigation, check_investigation, dump_investigation, load_investigation

SHORTEST = """
[model]
checkpoint = "last.pth"
[classes]
names = "classes.json"
[data]
validation = "val.csv"
"""

EVERYTHING = """
title = "Plants"
[model]
checkpoint = "last.pth"
architecture = "nets/own.py:build"
weights = "ema"
[classes]
names = "classes.json"
old = "/data/old.json"
[data]
validation = "val.csv"
root = "images"
train = "train.csv"
unlabeled = "pool"
[preprocessing]
input_size = 224
resize = "squash"
crop_pct = 1
interpolation = "nearest"
mean = [0, 0.5, 1]
std = [1, 1, 1]
channels = "bgr"
exif = true
[baseline]
checkpoint = "best.pth"
classes = "old.json"
[training]
log = "metrics.csv"
[inference]
device = "cuda:1"
batch_size = 64
precision = "bf16"
workers = 0
seed = 7
"""


@pytest.fixture
def load(tmp_path: Path):
    def _load(text: str, name: str = "plants.toml") -> Investigation:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load_investigation(path)

    return _load


def test_only_three_keys_are_needed(load, tmp_path: Path) -> None:
    spec = load(SHORTEST)
    assert spec.title == "plants"
    assert spec.model.checkpoint == tmp_path / "last.pth"
    assert (spec.model.architecture, spec.model.weights) == (None, "auto")
    assert (spec.classes.old, spec.data.root, spec.baseline, spec.training) == (None, None, None, None)
    assert set(spec.preprocessing.model_dump().values()) == {None}
    assert spec.inference.model_dump() == {
        "device": "auto", "batch_size": "auto", "precision": "auto", "workers": "auto", "seed": 0,
    }  # fmt: skip


def test_every_key_is_read_and_every_path_is_absolute(load, tmp_path: Path) -> None:
    spec = load(EVERYTHING)
    assert spec.title == "Plants"
    assert spec.model.architecture == f"{tmp_path / 'nets/own.py'}:build"
    assert spec.classes.old == Path("/data/old.json")
    assert spec.data.unlabeled == tmp_path / "pool"
    assert spec.preprocessing.input_size == (224, 224)
    assert spec.preprocessing.mean == (0.0, 0.5, 1.0)
    assert spec.baseline is not None
    assert spec.baseline.architecture == spec.model.architecture
    assert spec.training is not None
    assert spec.training.log == tmp_path / "metrics.csv"
    assert (spec.inference.device, spec.inference.batch_size, spec.inference.workers) == ("cuda:1", 64, 0)


def test_paths_start_from_the_file_not_from_the_current_folder(load, tmp_path: Path, monkeypatch) -> None:
    load(SHORTEST)
    monkeypatch.chdir(tmp_path.parent)
    spec = load_investigation(Path(os.path.relpath(tmp_path / "plants.toml")))
    assert spec.data.validation == tmp_path / "val.csv"
    assert spec.source == tmp_path / "plants.toml"


def test_an_investigation_is_named_after_its_folder_where_the_file_says_nothing(load, tmp_path: Path) -> None:
    assert load(SHORTEST, "investigation.toml").title == tmp_path.name


@pytest.mark.parametrize(
    ("line", "replacement", "expected"),
    [
        ('checkpoint = "last.pth"', "", "model.checkpoint is missing"),
        ('checkpoint = "last.pth"', "checkpoint = 3", "model.checkpoint = 3: expected text in quotes"),
        ('checkpoint = "last.pth"', 'checkpoint = ""', "model.checkpoint = ''"),
        ('"nets/own.py:build"', '"resnet50"', "model.architecture = 'resnet50': expected timm/NAME"),
        ('weights = "ema"', 'weights = "best"', "model.weights = 'best': expected 'auto', 'model' or 'ema'"),
        ('weights = "ema"', 'wieghts = "ema"', "unknown key 'model.wieghts'. Did you mean 'weights'?"),
        ('title = "Plants"', 'titel = "Plants"', "unknown key 'titel'. Did you mean 'title'?"),
        ('title = "Plants"', 'checkpoint = "x"', "unknown key 'checkpoint'. Did you mean 'model.checkpoint'?"),
        ('title = "Plants"', 'source = "x"', "unknown key 'source'"),
        ('title = "Plants"', "title = 3", "title = 3: expected text in quotes"),
        ("input_size = 224", "input_size = [1, 2, 3]", "preprocessing.input_size = (1, 2, 3): expected a whole number"),
        ("input_size = 224", "input_size = 0", "preprocessing.input_size"),
        ("input_size = 224", "input_size = true", "preprocessing.input_size"),
        ("input_size = 224", "input_size = 224.0", "preprocessing.input_size"),
        ("crop_pct = 1", "crop_pct = 1.5", "preprocessing.crop_pct = 1.5: expected a number above 0 and at most 1"),
        ("crop_pct = 1", "crop_pct = nan", "preprocessing.crop_pct = nan"),
        ("mean = [0, 0.5, 1]", "mean = [inf, 0, 0]", "preprocessing.mean"),
        ("mean = [0, 0.5, 1]", "mean = [0.5]", "mean and std need one entry a channel"),
        ("std = [1, 1, 1]", "std = [1, 1, 0]", "std must be above 0"),
        ('channels = "bgr"', 'channels = "gray"', "mean and std need one entry a channel"),
        ('resize = "squash"', 'resize = "crop"', "expected 'shortest', 'squash', 'letterbox' or 'none'"),
        ("exif = true", 'exif = "yes"', "preprocessing.exif = 'yes': expected true or false"),
        ('device = "cuda:1"', 'device = "gpu"', "inference.device = 'gpu': expected auto, cpu, cuda, cuda:N or mps"),
        ("batch_size = 64", "batch_size = 0", "inference.batch_size = 0: expected a whole number of at least 1"),
        ("batch_size = 64", 'batch_size = "64"', "inference.batch_size = '64'"),
        ("seed = 7", "seed = -1", "inference.seed = -1"),
    ],
)
def test_a_wrong_key_is_named_with_its_value_and_what_was_expected(load, line, replacement, expected) -> None:
    assert line in EVERYTHING
    with pytest.raises(SpecError) as error:
        load(EVERYTHING.replace(line, replacement, 1))
    assert expected in str(error.value)
    assert "plants.toml" in str(error.value)


def test_all_wrong_keys_are_told_at_once(load) -> None:
    with pytest.raises(SpecError) as error:
        load(EVERYTHING.replace("seed = 7", "sead = 7").replace("workers = 0", "workers = -1"))
    assert "inference.sead" in str(error.value)
    assert "inference.workers = -1" in str(error.value)


@pytest.mark.parametrize(
    "text", ['[model\ncheckpoint = "x"', "title = Plants", "[model]\n[model]\n", "a = 1\na = 2\nb = 3"]
)
def test_broken_toml_says_where(load, text: str) -> None:
    with pytest.raises(SpecError, match=r"is not valid TOML: .*line"):
        load(text)


def test_a_section_that_is_no_section(load) -> None:
    with pytest.raises(SpecError, match=r"model = 'x': expected a section"):
        load('model = "x"\n' + SHORTEST.split("[classes]", 1)[1].join(["[classes]", ""]))


def test_missing_file_directory_and_foreign_bytes(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="does not exist"):
        load_investigation(tmp_path / "none.toml")
    with pytest.raises(SpecError, match="is a directory"):
        load_investigation(tmp_path)
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SpecError, match="not UTF-8"):
        load_investigation(tmp_path / "x.toml")


def test_the_command_line_overrides_device_and_batch_size(load) -> None:
    spec = load(EVERYTHING).with_inference(device="cpu", batch_size="16")
    assert (spec.inference.device, spec.inference.batch_size, spec.inference.seed) == ("cpu", 16, 7)
    assert spec.with_inference() == spec
    assert spec.with_inference(batch_size="auto").inference.batch_size == "auto"


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"device": "tpu"}, "inference.device = 'tpu'"), ({"batch_size": "0"}, "inference.batch_size = 0"),
     ({"batch_size": "many"}, "inference.batch_size = 'many'")],
)  # fmt: skip
def test_a_wrong_override_is_named_like_a_key(load, given: dict[str, str], expected: str) -> None:
    with pytest.raises(SpecError) as error:
        load(SHORTEST).with_inference(**given)
    assert expected in str(error.value)


def test_the_dump_is_plain_json_and_names_every_key(load, tmp_path: Path) -> None:
    dump = json.loads(json.dumps(dump_investigation(load(EVERYTHING)), allow_nan=False))
    assert dump["model"]["checkpoint"] == str(tmp_path / "last.pth")
    assert dump["preprocessing"]["input_size"] == [224, 224]
    assert dump["source"] == str(tmp_path / "plants.toml")
    assert set(dump) == set(Investigation.model_fields)


_scalar = st.one_of(st.text(max_size=5), st.integers(), st.floats(), st.booleans(), st.none())
_any = st.recursive(
    _scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
_sections = st.sampled_from([name for name in Investigation.model_fields if name != "source"])
_keys = st.sampled_from(
    ["checkpoint", "names", "input_size", "mean", "std", "device", "batch_size", "seed", "log", "x"]
)


@given(content=st.dictionaries(_sections, st.dictionaries(_keys, _any, max_size=4) | _any, max_size=5))
def test_any_values_are_checked_without_stumbling(content: dict[str, object]) -> None:
    usual = {"model": {"checkpoint": "a"}, "classes": {"names": "b"}, "data": {"validation": "c"}}
    try:
        spec = check_investigation({**usual, **content}, Path("/somewhere/x.toml"))
    except SpecError:
        return
    assert spec.model.checkpoint.is_absolute()
