"""Labels against answers before and after."""

import numpy as np

from app.charts.proofs.matching import matching


def test_shares_are_of_the_labels_samples_and_empty_cells_are_not_drawn() -> None:
    before, after = np.array([[0, 4], [3, 1]]), np.array([[4, 0], [0, 4]])
    figure = matching(before, after, classes=8000, dark=True)
    assert figure.data[0].z[0][1] == 100
    assert figure.data[0].z[1][0] == 75
    assert np.isnan(figure.data[1].z[0][1])
    assert list(figure.data[0].x) == [1999.5, 5999.5]
    assert figure.layout.xaxis.title.text == "answer (place in the class list)"
