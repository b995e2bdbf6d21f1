"""What a gallery's browser side tells is done once, in order, and checked."""

from typing import Any

from app.components.gallery import Tagging, _Ledger

WORDS = {"1": "wrong label", "2": "duplicate"}


def _ledger() -> tuple[_Ledger, Tagging, list[Any]]:
    done: list[Any] = []

    def tag(samples: list[int], word: str | None) -> str:
        done.append((samples, word))
        return ""

    def undo() -> str:
        done.append("undo")
        return "Taken back."

    return _Ledger(), Tagging(words=WORDS, may_tag=True, on_tag=tag, on_undo=undo), done


def test_repeated_actions_are_done_once_and_in_order() -> None:
    ledger, tagging, done = _ledger()
    first, second = {"number": 5, "samples": [1], "tag": "duplicate"}, {"number": 6, "samples": [2, 3], "tag": None}
    assert ledger.take([second, first], tagging) == []
    assert ledger.take([first, second, {"number": 7, "undo": True}], tagging) == ["Taken back."]
    assert done == [([1], "duplicate"), ([2, 3], None), "undo"]


def test_nonsense_is_left_out() -> None:
    ledger, tagging, done = _ledger()
    nonsense: list[Any] = [None, 3, {}, {"number": "x"}, {"number": 1, "samples": ["a"], "tag": "duplicate"},
                           {"number": 2, "samples": [1], "tag": "<script>"}]  # fmt: skip
    assert ledger.take(nonsense, tagging) == []
    assert done == []
