"""The sentence at the top: cause, accuracy today, accuracy if undone; and the calm case."""

from app.findings import parse
from app.verdict import measured_top, verdict_text
from tests.app.checklists import faulty, finding, healthy


def test_a_measured_cause_says_today_and_what_undoing_it_gives() -> None:
    text = verdict_text(parse(faulty()))
    assert text.headline == "Main cause: Class indices are scrambled"
    assert text.paragraph == (
        "The classifier is right on 10.0 % of 800 samples, little better than guessing (10 %). If this were undone it "
        "would be 52.0 % (gain +38.0 to +46.0 points, 95 % interval). With every measured fault undone it would be "
        "72.0 %."
    )
    assert [other.id for other in text.others] == ["logit_group_bias", "label_errors", "failure_cluster"]
    assert not text.calm


def test_a_ceiling_is_never_told_as_a_measurement() -> None:
    found = faulty()
    found["leading"] = "label_errors"
    text = verdict_text(parse(found))
    assert "could at most become 76.0 %." in text.paragraph
    assert "interval" not in text.paragraph


def test_no_fault_is_calm_and_says_how_much_was_tested() -> None:
    text = verdict_text(parse(healthy()))
    assert text.calm
    assert text.headline == "No fault found"
    assert "Of 4 possible causes tested" in text.paragraph
    assert "97.0 % of 800" in text.paragraph


def test_no_fault_names_what_could_not_be_decided_or_tested() -> None:
    found = healthy()
    found["findings"].append(finding("a", verdict="inconclusive"))
    found["findings"].append(finding("b", verdict="not_testable"))
    paragraph = verdict_text(parse(found)).paragraph
    assert "1 of them could not be decided." in paragraph
    assert "1 more could not be tested" in paragraph


def test_old_against_new_is_told_where_they_differ() -> None:
    found = healthy()
    found["accuracy"] |= {"overall": 0.6, "old": 0.45, "new": 0.95}
    assert "45.0 % on old classes, 95.0 % on new ones" in verdict_text(parse(found)).paragraph


def test_less_than_chance_is_worse_than_guessing() -> None:
    found = faulty()
    found["accuracy"]["overall"] = 0.024
    assert "2.4 % of 800 samples, worse than guessing (10 %)." in verdict_text(parse(found)).paragraph


def test_a_run_without_a_scored_sample_has_no_accuracy_to_tell() -> None:
    found = healthy()
    found["accuracy"] = {"overall": None, "old": None, "new": None, "chance": None, "n": 0}
    assert verdict_text(parse(found)).paragraph.startswith("No sample could be scored.")


def test_the_top_of_what_was_measured_leaves_out_ceilings() -> None:
    top = measured_top(parse(faulty()).ladder)
    assert top is not None
    assert top.accuracy == 0.72
    assert measured_top(parse(healthy()).ladder) is None


def test_none_right_where_guessing_would_hardly_do_better_is_not_called_worse() -> None:
    found = faulty()
    found["accuracy"] = {**found["accuracy"], "overall": 0.0, "chance": 0.001, "n": 285}
    assert "little better than guessing (0.1 %)" in verdict_text(parse(found)).paragraph
