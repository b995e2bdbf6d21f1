"""The streaming pass on real files, against the plainest loop there is; wrong and unlucky input."""

import errno
import json
import os
import signal

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from analysis.datasets.dataset import Dataset
from analysis.datasets.preprocessing import resolve_preprocessing
from analysis.datasets.reading import read_dataset
from analysis.datasets.resizing import fit
from analysis.errors import ArchitectureError, DatasetError, InterruptedRunError, OutputError, RunError
from analysis.inference import progress
from analysis.inference.predict import class_names
from analysis.runs import atomic, layout
from analysis.runs.run import Run
from analysis.spec.class_groups import class_groups

CLASSES = tuple(f"class {letter}" for letter in "abcdef")


def opened(path, outputs=6, names=CLASSES):
    (path / layout.META).write_text(json.dumps({"schema_version": 1, "class_names": names, "outputs": outputs}))
    return Run.open(path)


def plain_loop(investigated):
    """Logits (N, C) and head inputs (N, D) of every picture, one by one."""
    preprocessing = resolve_preprocessing({"input_size": 8}, None)
    mean, std = (torch.tensor(values)[:, None, None] for values in (preprocessing.mean, preprocessing.std))
    logits, embeddings = [], []
    for number in range(40):
        picture = fit(Image.open(investigated.folder / "images" / f"{number}.png"), preprocessing)
        pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255
        with torch.no_grad():
            embeddings.append(investigated.network[:-1](((pixels - mean) / std)[None]))
            logits.append(investigated.network[-1](embeddings[-1]))
    return torch.cat(logits).numpy(), torch.cat(embeddings).numpy()


def test_a_run_holds_what_the_plainest_loop_computes(investigated, tmp_path):
    summary = investigated.run(tmp_path / "run", precision="fp32")
    run = opened(tmp_path / "run")
    logits, embeddings = plain_loop(investigated)
    labels = np.arange(40) % 6
    assert (summary.samples, summary.problems, summary.embedding_dims, summary.outputs) == (40, 0, 24, 6)
    assert run.column("sample_id").tolist() == list(range(40))
    assert run.column("filepath").tolist() == [f"{number}.png" for number in range(40)]
    assert run.column("label").tolist() == [CLASSES[label] for label in labels]
    assert (run.column("prediction_index") == logits.argmax(1)).all()
    assert run.column("prediction").tolist() == [CLASSES[index] for index in logits.argmax(1)]
    np.testing.assert_allclose(run.column("label_logit"), logits[np.arange(40), labels], atol=1e-5)
    np.testing.assert_allclose(run.column("max_logit_old"), logits[:, 1::2].max(1), atol=1e-5)
    np.testing.assert_allclose(run.column("mean_logit_new"), logits[:, 0::2].mean(1), atol=1e-5)
    loss = torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels), reduction="none")
    np.testing.assert_allclose(run.column("loss"), loss.numpy(), atol=1e-5)
    np.testing.assert_allclose(run.embeddings, embeddings, atol=1e-3)
    assert run.embeddings.dtype == np.float16
    weight, bias = run.head
    np.testing.assert_allclose(embeddings @ weight.T + bias, logits, atol=1e-5)
    index, kept = run.topk()
    np.testing.assert_allclose(kept, np.sort(logits, axis=1)[:, ::-1], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(logits, index, axis=1), kept, atol=1e-5)
    pairs = run.confusions.set_index(["label_index", "prediction_index"])["count"]
    assert pairs.sum() == 40
    assert all(
        ((labels == label) & (logits.argmax(1) == guess)).sum() == count for (label, guess), count in pairs.items()
    )
    histograms = run.logit_histograms
    assert histograms["counts"].sum() + histograms["below"].sum() + histograms["above"].sum() == 40 * 6


def test_metadata_pictures_and_thumbnails_are_kept(investigated, tmp_path):
    summary = investigated.run(tmp_path / "run")
    run = opened(tmp_path / "run")
    assert summary.metadata_columns == ("site",)
    assert run.column("site").tolist()[:3] == ["south", "north", "south"]
    assert set(run.column("mode")) == {"RGB"}
    assert (run.column("width")[0], run.column("height")[0]) == (12, 10)
    preprocessing = resolve_preprocessing({"input_size": 8}, None)
    for sample in (0, 39):
        path = investigated.folder / "images" / f"{sample}.png"
        assert run.thumbnail(sample) == path.read_bytes()
        seen = np.asarray(fit(Image.open(path), preprocessing)).astype(np.float64)
        assert run.column("pixel_std")[sample] == pytest.approx(seen.std(), rel=1e-5)
    assert pq.read_schema(tmp_path / "run" / layout.SAMPLES).names == [*layout.SAMPLE_COLUMNS, "site"]


def test_every_way_to_cut_the_data_gives_the_same_records(investigated, tmp_path):
    investigated.run(tmp_path / "a", batch_size=4)
    for name, options in {
        "b": {"batch_size": 7},
        "c": {"batch_size": 64},
        "d": {"batch_size": 5, "workers": 2},
    }.items():
        investigated.run(tmp_path / name, **options)
        one, other = (pd.read_parquet(tmp_path / run / layout.SAMPLES) for run in ("a", name))
        for column in ("prediction_index", "label_rank", "filepath", "content_hash", "pixel_std"):
            assert one[column].tolist() == other[column].tolist()
        np.testing.assert_allclose(one["loss"], other["loss"], atol=1e-5)


def test_unusable_samples_are_listed_and_the_rest_goes_on(investigated, tmp_path):
    images = investigated.folder / "images"
    (images / "3.png").write_bytes(b"")
    (images / "39.png").unlink()
    text = investigated.manifest.read_text().replace("5.png,class f", "5.png,class zzz")
    investigated.manifest.write_text(text + "\n../secret.png,class a,north\n41.png\n")
    summary = investigated.run(tmp_path / "run")
    run = opened(tmp_path / "run")
    assert (summary.samples, summary.problems, summary.labels_not_in_list) == (36, 6, 2)
    reasons = dict(zip(run.problems["filepath"], run.problems["reason"], strict=True))
    assert reasons["3.png"] == "the file is empty (0 bytes)"
    assert reasons["39.png"] == "the file does not exist"
    assert reasons["5.png"] == 'label "class zzz" is not in the class list'
    assert "leads out of the data root" in reasons["../secret.png"]
    assert "1 values where the header has 3" in reasons["41.png"]
    assert run.column("sample_id").tolist() == list(range(36))
    assert len(run.embeddings) == 36


def test_a_whole_batch_of_broken_pictures_at_the_start_is_survived(investigated, tmp_path):
    for number in range(20):
        (investigated.folder / "images" / f"{number}.png").write_bytes(b"nothing")
    assert investigated.run(tmp_path / "run", batch_size=1).samples == 20
    assert opened(tmp_path / "run").logit_histograms["counts"].sum() > 0


def test_nothing_usable_is_an_error_with_the_first_reasons(investigated, tmp_path):
    for path in (investigated.folder / "images").iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match=r"None of the 40 samples.*0\.png: the file does not exist"):
        investigated.run(tmp_path / "run")


def test_labels_that_are_all_unknown_are_an_error_that_shows_both_sides(investigated, tmp_path):
    with pytest.raises(DatasetError, match=r"None of the 40 labels.*'class a'.*'x'"):
        investigated.run(tmp_path / "run", classes=("x", "y"))


def test_one_sample_is_enough(investigated, tmp_path):
    investigated.manifest.write_text("filepath,label\n7.png,class b\n")
    assert investigated.run(tmp_path / "run", batch_size="auto").samples == 1
    assert len(opened(tmp_path / "run")) == 1


def test_a_class_list_longer_than_the_head_leaves_losses_unknown(investigated, tmp_path):
    text = investigated.manifest.read_text().replace("0.png,class a", "0.png,class g")
    investigated.manifest.write_text(text)
    summary = investigated.run(tmp_path / "run", classes=(*CLASSES, "class g"))
    run = opened(tmp_path / "run", names=(*CLASSES, "class g"))
    assert summary.labels_beyond_head > 0
    assert np.isnan(run.column("loss")[0])
    assert (run.column("label")[0], run.column("label_index")[0], run.column("label_rank")[0]) == ("class g", 6, 6)


def test_a_class_list_shorter_than_the_head_gives_nameless_outputs(investigated, tmp_path):
    investigated.run(tmp_path / "run", classes=CLASSES[:2])
    names = class_names(class_groups(CLASSES[:2], None), 6)
    assert names[2:] == ("[output 2]", "[output 3]", "[output 4]", "[output 5]")
    assert set(opened(tmp_path / "run").column("prediction")) <= set(names)


def test_logits_that_are_no_numbers_go_through_and_are_counted(investigated, tmp_path):
    model = investigated.model()
    with torch.no_grad():
        model.module[-1].weight[2] = float("nan")
    summary = investigated.run(tmp_path / "run", model=model)
    run = opened(tmp_path / "run")
    assert summary.nonfinite_samples == 40
    assert set(run.column("prediction_index")) == {2}
    assert set(run.column("nonfinite")) == {1}


def test_the_model_is_left_as_it_was(investigated, tmp_path):
    model = investigated.model()
    before = {name: tensor.clone() for name, tensor in model.module.state_dict().items()}
    investigated.run(tmp_path / "run", model=model)
    after = model.module.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name].cpu()) for name in before)


def test_a_network_that_wants_another_input_says_what_to_check(investigated, tmp_path):
    model = investigated.model()
    model.module[0] = torch.nn.Conv2d(1, 6, 3)
    with pytest.raises(ArchitectureError, match=r"fails on pictures of 8×8 with 3 channels.*input_size and channels"):
        investigated.run(tmp_path / "run", model=model)


class Hungry(torch.nn.Module):
    """A layer that has memory for a few pictures only."""

    def __init__(self, most, error):
        super().__init__()
        self.most, self.error, self.seen = most, error, []

    def forward(self, pictures):
        self.seen.append(len(pictures))
        if len(pictures) > self.most:
            raise self.error
        return pictures


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
@pytest.mark.parametrize("most", [3, 1])
def test_batches_shrink_until_they_fit(investigated, tmp_path, error, most):
    model = investigated.model()
    hungry = Hungry(most, error)
    model.module[0] = torch.nn.Sequential(hungry, model.module[0])
    summary = investigated.run(tmp_path / "run", model=model, batch_size=16)
    assert summary.batch_size == {3: 2, 1: 1}[most]
    assert summary.samples == 40
    assert max(hungry.seen) == 16
    investigated.run(tmp_path / "plain")
    assert (opened(tmp_path / "run").column("filepath") == opened(tmp_path / "plain").column("filepath")).all()


def test_not_even_one_picture_fits(investigated, tmp_path):
    model = investigated.model()
    model.module[0] = torch.nn.Sequential(Hungry(0, torch.OutOfMemoryError("out of memory")), model.module[0])
    with pytest.raises(Exception, match="not even with one picture") as caught:
        investigated.run(tmp_path / "run", model=model)
    assert caught.value.exit_status == 2


def test_a_full_disk_loses_nothing_that_was_committed(investigated, tmp_path, monkeypatch, content):
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OutputError, match="disk is full"):
        investigated.run(tmp_path / "run", batch_size=1)
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "run" / layout.SHARDS).iterdir()] == ["shard-000000.npz"]
    investigated.run(tmp_path / "run", batch_size=1, resume=True)
    investigated.run(tmp_path / "whole", batch_size=1)
    assert content(tmp_path / "run") == content(tmp_path / "whole")


def test_ctrl_c_keeps_what_is_finished_and_resume_gives_the_same(investigated, tmp_path, content, monkeypatch):
    monkeypatch.setattr(progress, "INTERVAL", 0.0)

    def press(stage, done, total):
        if done >= 20:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(InterruptedRunError, match=r"16 of 40 samples are finished.*--resume") as caught:
        investigated.run(tmp_path / "run", batch_size=1, progress=press)
    assert caught.value.exit_status == 3
    told = []
    investigated.run(tmp_path / "run", batch_size=1, resume=True, progress=lambda *news: told.append(news))
    assert told[0] == ("inference", 16, 40)
    assert told[-1] == ("inference", 40, 40)
    investigated.run(tmp_path / "whole", batch_size=1)
    assert content(tmp_path / "run") == content(tmp_path / "whole")


def test_resuming_a_finished_pass_repeats_nothing(investigated, tmp_path):
    first = investigated.run(tmp_path / "run")
    told = []
    assert investigated.run(tmp_path / "run", resume=True, progress=lambda *news: told.append(news)) == first
    assert not told


def test_resume_is_refused_where_something_the_numbers_depend_on_changed(investigated, tmp_path):
    investigated.run(tmp_path / "run")
    with pytest.raises(RunError, match="cannot be resumed: the class list"):
        investigated.run(tmp_path / "run", resume=True, classes=(*CLASSES, "class g"))
    with pytest.raises(RunError, match="the precision changed"):
        investigated.run(tmp_path / "run", resume=True, precision="bf16")
    with torch.no_grad():
        investigated.network[-1].bias[0] += 1
    torch.save(investigated.network.state_dict(), investigated.folder / "last.pth")
    investigated.manifest.write_text("filepath,label\n7.png,class b\n")
    with pytest.raises(RunError, match="the checkpoint or its weight set and the validation set changed"):
        investigated.run(tmp_path / "run", resume=True)


def test_a_damaged_plan_is_an_error(investigated, tmp_path):
    investigated.run(tmp_path / "run")
    (tmp_path / "run" / layout.INFERENCE).write_text("{}")
    with pytest.raises(RunError, match=r"inference\.json is damaged"):
        investigated.run(tmp_path / "run", resume=True)


def test_a_manifest_column_called_like_ours_is_renamed(investigated, tmp_path):
    text = investigated.manifest.read_text().replace("filepath,label,site", "filepath,label,loss")
    investigated.manifest.write_text(text)
    assert investigated.run(tmp_path / "run").metadata_columns == ("meta_loss",)
    assert set(opened(tmp_path / "run").column("meta_loss")) == {"north", "south"}


def test_metadata_of_several_kinds_becomes_text(investigated, tmp_path):
    read = read_dataset(investigated.manifest, investigated.folder / "images")
    metadata = pd.DataFrame({"odd": pd.Series([1, "two", None, 3.5] * 10, dtype=object)})
    dataset = Dataset(filepaths=read.filepaths, labels=read.labels, metadata=metadata, root=read.root)
    investigated.run(tmp_path / "run", dataset=dataset)
    odd = pq.read_table(tmp_path / "run" / layout.SAMPLES, columns=["odd"])["odd"].to_pylist()
    assert odd[:4] == ["1", "two", None, "3.5"]
