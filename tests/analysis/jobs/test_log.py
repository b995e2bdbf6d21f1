"""The tail of a log, as a terminal would show it."""

from pathlib import Path

from analysis.jobs.log import TAIL_BYTES, tail


def test_a_progress_bar_keeps_only_its_last_state(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"start\n 10 %\r 50 %\r100 %\nend\n")
    assert tail(tmp_path / "log") == "start\n100 %\nend"


def test_only_the_last_lines_of_a_huge_log_are_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x" * (3 * TAIL_BYTES) + "\n" + "\n".join(str(i) for i in range(100)) + "\n")
    assert tail(tmp_path / "log", lines=3) == "97\n98\n99"


def test_broken_bytes_and_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"caf\xe9\n")
    assert tail(tmp_path / "log") == "caf�"
    assert tail(tmp_path / "none") == ""
