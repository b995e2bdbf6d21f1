"""Rate and time left."""

from analysis.progress import Pace


def test_pace_tells_rate_and_time_left_of_the_current_stage():
    clock = iter([0.0, 2.0, 10.0, 11.0])
    pace = Pace(now=lambda: next(clock))

    first = pace.update("inference", 100, 500)  # 100 were finished by the run that was resumed
    second = pace.update("inference", 300, 500)
    pace.update("reports", 0, 10)
    third = pace.update("reports", 5, 10)

    assert first["rate"] is None
    assert (second["rate"], second["seconds_left"]) == (100.0, 2.0)
    assert (third["rate"], third["seconds_left"]) == (5.0, 1.0)


def test_an_unknown_total_has_no_time_left():
    clock = iter([0.0, 1.0])
    pace = Pace(now=lambda: next(clock))
    pace.update("projection", 0, 0)

    assert pace.update("projection", 3, 0)["seconds_left"] is None
