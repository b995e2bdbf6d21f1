"""CSV and Parquet manifests, good and broken ones."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.datasets.reading import read_dataset
from analysis.errors import DatasetError, ImageError


def written(tmp_path, text, name="val.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_file_paths_labels_and_metadata(tmp_path):
    path = written(tmp_path, "filepath,label,site,dose,code\na.png,cat,north,1.5,007\nb/c.png,dog,south,,010\n")
    dataset = read_dataset(path)
    assert list(dataset.filepaths) == ["a.png", "b/c.png"]
    assert list(dataset.labels) == ["cat", "dog"]
    assert dataset.metadata["site"].tolist() == ["north", "south"]
    assert dataset.metadata["dose"].fillna(-1).tolist() == [1.5, -1.0]
    assert dataset.metadata["code"].tolist() == ["007", "010"]
    assert dataset.path_of(1) == str(tmp_path / "b" / "c.png")
    assert not dataset.problems


@pytest.mark.parametrize("filepath", ["filepath", "file_name", "path", "image", " Path "])
@pytest.mark.parametrize("label", ["label", "ground_truth", "target", "class"])
def test_column_aliases(tmp_path, filepath, label):
    dataset = read_dataset(written(tmp_path, f"{label},{filepath}\ncat,a.png\n"))
    assert (list(dataset.filepaths), list(dataset.labels)) == (["a.png"], ["cat"])


def test_of_two_possible_columns_the_contract_s_own_name_wins_and_the_other_is_metadata(tmp_path):
    dataset = read_dataset(written(tmp_path, "class,label,path\ninsect,bee,a.png\n"))
    assert list(dataset.labels) == ["bee"]
    assert dataset.metadata["class"].tolist() == ["insect"]
    assert "several columns could be the label" in dataset.notices[0]


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (["train", "val", "test"], ["1.png"]),
        (["train", "valid", "Validation"], ["1.png", "2.png"]),
        (["train", "train", "test"], ["2.png"]),
        (["train", "a", "b"], ["0.png", "1.png", "2.png"]),
        (["val", "val", "val"], ["0.png", "1.png", "2.png"]),
    ],
)
def test_of_a_split_column_the_validation_rows_are_kept(tmp_path, values, kept):
    rows = "".join(f"{number}.png,cat,{value}\n" for number, value in enumerate(values))
    dataset = read_dataset(written(tmp_path, "filepath,label,split\n" + rows))
    assert list(dataset.filepaths) == kept
    assert bool(dataset.notices) == (len(kept) < 3)


def test_the_training_rows_are_kept_when_asked_for(tmp_path):
    path = written(tmp_path, "filepath,label,split\na.png,cat,train\nb.png,cat,val\n")
    assert list(read_dataset(path, subset="training").filepaths) == ["a.png"]


def test_rows_that_lack_values_become_problems(tmp_path):
    dataset = read_dataset(written(tmp_path, "filepath,label,x\na.png,cat,1\nb.png\n,dog,2\nc.png,,3\n\nd.png,dog,4\n"))
    assert list(dataset.filepaths) == ["a.png", "d.png"]
    assert dataset.metadata["x"].tolist() == [1, 4]
    assert [(problem.filepath, problem.reason) for problem in dataset.problems] == [
        ("b.png", "line 3: 1 values where the header has 3 columns"),
        ("", "the row has no file path"),
        ("c.png", "the row has no label"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("filepath,label\n", "holds no usable row"),
        ("filepath,label\na.png\n", "no usable row.*line 2"),
        ("name,label\na.png,cat\n", "lacks the column 'filepath'.*Columns found: 'name', 'label'"),
        ("filepath,kind\na.png,cat\n", "lacks the column 'label'.*'filepath', 'kind'"),
        ("filepath,label\na.png,cat\nb.png,cat,dog\n", "line 3: 3 values where the header has 2"),
        ('filepath,label\na.png,"cat\n', "line 2: broken CSV"),
        ('filepath,label\na.png,"c"at\n', "line 2: broken CSV"),
        ("filepath,label,label\na.png,cat,dog\n", "same name: 'label'"),
        (b"filepath,label\na.png,cat\nb.png,caf\xe9\n", "not UTF-8: byte 0xe9 in line 3"),
        (b"\xff\xfef\x00i\x00l\x00e\x00", "not UTF-8"),
    ],
)
def test_a_broken_file_is_an_error_that_says_where(tmp_path, text, message):
    with pytest.raises(DatasetError, match=message):
        read_dataset(written(tmp_path, text))


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem(tmp_path):
    dataset = read_dataset(written(tmp_path, b"\xef\xbb\xbffilepath,label\r\na.png,cat\r\n"))
    assert list(dataset.filepaths) == ["a.png"]


def test_a_missing_manifest_says_what_was_expected(tmp_path):
    with pytest.raises(DatasetError, match="does not exist: expected an image folder, or a CSV"):
        read_dataset(tmp_path / "none.csv")


def test_relative_paths_start_at_the_root_and_do_not_leave_it(tmp_path):
    root = tmp_path / "images"
    path = written(
        tmp_path, "filepath,label\na.png,cat\n../../etc/passwd,cat\n/etc/passwd,cat\nx/../b.png,cat\na\0.png,cat\n"
    )
    dataset = read_dataset(path, root)
    assert dataset.path_of(0) == str(root / "a.png")
    assert dataset.path_of(3) == str(root / "b.png")
    for outside in (1, 2):
        with pytest.raises(ImageError, match="leads out of the data root"):
            dataset.path_of(outside)
    with pytest.raises(ImageError, match="NUL"):
        dataset.path_of(4)


def test_absolute_paths_are_used_where_no_root_was_asked_for(tmp_path):
    dataset = read_dataset(written(tmp_path, "filepath,label\n/data/a.png,cat\n"))
    assert dataset.path_of(0) == "/data/a.png"


def test_parquet_with_whole_number_labels_nulls_and_nested_columns(tmp_path):
    table = pa.table(
        {
            "path": ["a.png", "b.png", None, "d.png"],
            "target": pa.array([3, 0, 1, None], type=pa.int64()),
            "box": [[1, 2], [3], [], None],
            "weight": [0.5, None, 1.0, 2.0],
        }
    )
    path = tmp_path / "val.parquet"
    pq.write_table(table, path)
    dataset = read_dataset(path)
    assert list(dataset.labels) == ["3", "0"]
    assert list(dataset.metadata.columns) == ["weight"]
    assert [problem.reason for problem in dataset.problems] == ["the row has no file path", "the row has no label"]


def test_parquet_text_columns_in_all_their_forms(tmp_path):
    columns = {
        "filepath": pa.array(["a.png", "b.png"]).dictionary_encode(),
        "label": pa.array(["cat", "dog"], type=pa.large_string()),
        "note": pa.array([b"x", b"\xff"], type=pa.binary()),
    }
    path = tmp_path / "val.data"
    pq.write_table(pa.table(columns), path)
    dataset = read_dataset(path)
    assert (list(dataset.filepaths), list(dataset.labels)) == (["a.png", "b.png"], ["cat", "dog"])
    assert dataset.metadata["note"].tolist() == ["x", "\\xff"]


@pytest.mark.parametrize("content", [b"PAR1 and then nothing", b"", b"filepath,label\na.png,cat\n"])
def test_a_damaged_parquet_file_is_an_error(tmp_path, content):
    with pytest.raises(DatasetError, match="cannot be read as Parquet"):
        read_dataset(written(tmp_path, content, "val.parquet"))


def test_an_empty_parquet_file_is_an_error(tmp_path):
    pd.DataFrame({"filepath": [], "label": []}).to_parquet(tmp_path / "val.parquet")
    with pytest.raises(DatasetError, match="is empty"):
        read_dataset(tmp_path / "val.parquet")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_text_pandas_writes_comes_back(tmp_path, rows):
    frame = pd.DataFrame(rows, columns=["filepath", "label"])
    path = tmp_path / "val.csv"
    frame.to_csv(path, index=False, lineterminator="\n", quoting=1)
    dataset = read_dataset(path)
    assert list(dataset.filepaths) == [filepath for filepath, _ in rows]
    assert list(dataset.labels) == [label for _, label in rows]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_no_bytes_make_it_fail_in_another_way(tmp_path, content):
    path = written(tmp_path, b"filepath,label\n" + content)
    try:
        dataset = read_dataset(path)
    except DatasetError:
        return
    assert len(dataset) == len(dataset.labels) == len(dataset.metadata)
    assert np.all([filepath and label for filepath, label in zip(dataset.filepaths, dataset.labels, strict=True)])
