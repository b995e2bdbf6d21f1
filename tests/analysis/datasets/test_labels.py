"""Labels by name, and by number where no class is named so."""

from analysis.datasets.labels import label_indices, not_in_list


def test_labels_are_looked_up_by_name():
    found = label_indices(["dog", "cat", "cow", "dog"], ["cat", "dog"])
    assert found.index.tolist() == [1, 0, -1, 1]
    assert found.notices == ()


def test_whole_numbers_are_class_indices_where_no_class_is_named_so():
    found = label_indices(["1", "0", "7"], ["cat", "dog"])
    assert found.index.tolist() == [1, 0, -1]
    assert "class indices 0 to 1" in found.notices[0]


def test_names_that_are_numbers_are_names():
    found = label_indices(["1", "0", "2"], ["2", "1", "x"])
    assert found.index.tolist() == [1, -1, 0]
    assert found.notices == ()


def test_one_word_among_numbers_means_that_they_are_names():
    assert label_indices(["1", "horse"], ["cat", "dog"]).index.tolist() == [-1, -1]


def test_digits_of_other_scripts_and_huge_numbers_are_no_indices():
    assert label_indices(["²", "٣", "9" * 40], ["cat"] * 9).index.tolist() == [-1, -1, -1]


def test_the_reason_names_the_label():
    assert not_in_list("cow") == 'label "cow" is not in the class list'
