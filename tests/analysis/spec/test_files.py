"""Files an investigation names and that are not what they should be."""

from pathlib import Path

from analysis.spec.files import file_problems, named_files
from analysis.spec.investigation import check_investigation


def test_missing_files_and_folders_in_place_of_files_are_told_by_key(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "classes.txt").write_text("owl")
    spec = check_investigation(
        {
            "model": {"checkpoint": "pictures"},
            "classes": {"names": "classes.txt", "old": "gone.txt"},
            "data": {"validation": "pictures", "root": "classes.txt"},
        },
        tmp_path / "x.toml",
    )
    problems = list(file_problems(spec).values())
    assert problems == [
        f"model.checkpoint: {tmp_path / 'pictures'} is a directory; expected a file.",
        f"classes.old: {tmp_path / 'gone.txt'} does not exist.",
        f"data.root: {tmp_path / 'classes.txt'} is a file; expected the folder that relative file paths start from.",
    ]


def test_unset_keys_are_no_files(tmp_path: Path) -> None:
    spec = check_investigation(
        {"model": {"checkpoint": "a"}, "classes": {"names": "b"}, "data": {"validation": "c"}, "baseline": {}},
        tmp_path / "x.toml",
    )
    assert list(named_files(spec)) == ["model.checkpoint", "classes.names", "data.validation"]
