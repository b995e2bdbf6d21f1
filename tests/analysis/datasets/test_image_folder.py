"""Image folders as torchvision reads them, and what is told about the rest."""

import pytest

from analysis.datasets.reading import read_dataset
from analysis.errors import DatasetError
from analysis.models.torchvision_import import import_torchvision


def touched(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_the_order_is_torchvision_s(tmp_path):
    touched(tmp_path, "b/2.png", "b/10.png", "b/deep/er/1.jpg", "a/z.PNG", "B/x.webp", "a/sub/y.jpeg", "a/a.tiff")
    dataset = read_dataset(tmp_path)
    import_torchvision()
    from torchvision.datasets import ImageFolder

    theirs = ImageFolder(str(tmp_path))
    assert [dataset.path_of(at) for at in range(len(dataset))] == [path for path, _ in theirs.samples]
    assert list(dataset.labels) == [theirs.classes[label] for _, label in theirs.samples]


def test_hidden_empty_and_other_files_are_left_out_and_told(tmp_path):
    touched(
        tmp_path, "a/1.png", ".cache/1.png", "a/.hidden.png", "a/notes.txt", "a/.ipynb_checkpoints/1.png", "loose.png"
    )
    (tmp_path / "empty").mkdir()
    dataset = read_dataset(tmp_path)
    assert list(dataset.filepaths) == ["a/1.png"]
    told = " ".join(dataset.notices)
    for part in ("'.cache'", "'loose.png'", "'empty'", "'a/notes.txt'", "'a/.hidden.png'"):
        assert part in told


def test_long_lists_are_shortened(tmp_path):
    touched(tmp_path, "a/1.png", *(f"a/{number}.txt" for number in range(9)))
    assert "9 files that are no pictures were left out: 'a/0.txt'" in read_dataset(tmp_path).notices[0]
    assert "and 4 more" in read_dataset(tmp_path).notices[0]


def test_a_link_that_leads_back_up_ends(tmp_path):
    touched(tmp_path, "a/1.png")
    (tmp_path / "a" / "again").symlink_to(tmp_path / "a")
    assert list(read_dataset(tmp_path).filepaths) == ["a/1.png"]


def test_a_file_name_that_is_not_utf8_is_a_problem_row(tmp_path):
    touched(tmp_path, "a/1.png")
    with open(bytes(tmp_path) + b"/a/\xff.png", "wb") as stream:
        stream.write(b"x")
    dataset = read_dataset(tmp_path)
    assert list(dataset.filepaths) == ["a/1.png"]
    assert [(problem.filepath, problem.label) for problem in dataset.problems] == [("a/\\xff.png", "a")]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "has no class folders"),
        (["1.png", "2.png"], "has no class folders.*found 2 files"),
        (["a/notes.txt"], "holds no picture.*found 1 class folders and 1 other files"),
    ],
)
def test_nothing_usable_says_what_was_found(tmp_path, names, message):
    touched(tmp_path, *names)
    with pytest.raises(DatasetError, match=message):
        read_dataset(tmp_path)
