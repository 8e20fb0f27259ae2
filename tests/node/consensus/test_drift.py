"""Charts against the worked examples of the NIST/SEMATECH e-Handbook of Statistical Methods."""

import pytest

from node.consensus.drift import Alarm, Chart, Course, Direction, alarms, course_of, cusums, ewma_limits, ewmas

# 6.3.2.3: group means, target 325, k = 0.3175 (half of 0.635); the upper sums of the tabular form.
GROUP_MEANS = (
    *(324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600),
    *(324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350),
)
UPPER_SUMS = (3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.00, 19.04)
# 6.3.2.4: target 50, s = 2.0539, weight 0.3.
STEPS = (
    *(52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5),
    *(49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1),
)
WEIGHTED = (
    *(50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33),
    *(50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99),
)
NIST_EWMA = Course(50.0, 2.0539)


def test_the_sums_are_those_of_the_handbook() -> None:
    sums = cusums(GROUP_MEANS, Course(325.0, 0.635))
    assert [upper for upper, _ in sums[-8:]] == pytest.approx(UPPER_SUMS, abs=0.005)
    assert max(upper for upper, _ in sums[:12]) < 0.04
    assert sums[7][1] == pytest.approx(0.72, abs=0.01)


def test_the_shift_of_the_handbook_raises_an_alarm_within_two_steps() -> None:
    found = alarms(GROUP_MEANS, Course(325.0, 0.635))
    assert found[0] == Alarm(Chart.EWMA, 12, Direction.UP) or found[0].chart is Chart.CUSUM
    assert all(alarm.direction is Direction.UP and 12 <= alarm.step <= 13 for alarm in found)


def test_the_weighted_means_and_limits_are_those_of_the_handbook_and_raise_no_alarm() -> None:
    assert ewmas(STEPS, NIST_EWMA) == pytest.approx(WEIGHTED, abs=0.006)
    assert ewma_limits(NIST_EWMA) == pytest.approx((47.4115, 52.5884), abs=1e-3)
    assert alarms(STEPS, NIST_EWMA) == []


def test_a_fall_is_told_as_a_fall() -> None:
    found = alarms([0.0, 0.0, -3.0, -3.0, -3.0, -3.0], Course(0.0, 1.0))
    assert {alarm.direction for alarm in found} == {Direction.DOWN}
    assert {alarm.chart for alarm in found} == {Chart.CUSUM, Chart.EWMA}


@pytest.mark.parametrize("settled", [[0.7] * 8, [0.7, 0.8, 0.6], []])
def test_a_course_needs_enough_steps_that_vary(settled: list[float]) -> None:
    assert course_of(settled) is None


def test_a_course_is_mean_and_sample_deviation() -> None:
    course = course_of([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
    assert course is not None
    assert course.mean == 5.0
    assert course.deviation == pytest.approx(2.138, abs=5e-4)
