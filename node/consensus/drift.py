"""Alarms when a figure followed over time leaves its course: a tabular CUSUM for lasting shifts, an EWMA for slow ones.

Both watch standardised steps of a series (a reader's agreement by week, a department's alpha by month) against a mean
and standard deviation taken beforehand, in control. CUSUM: slack k = 0.5 and limit h = 4 standard deviations (an alarm
without cause about once in 168 steps on one side or the other); EWMA: weight 0.3, limits at 3 standard errors of the
settled chart. An alarm says "look", never "wrong": nothing follows from it without a person.
Source: NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.3 (CUSUM) and 6.3.2.4 (EWMA); Page 1954,
doi:10.1093/biomet/41.1-2.100; Roberts 1959, doi:10.1080/00401706.1959.10489860.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

SLACK, LIMIT = 0.5, 4.0
WEIGHT, WIDTH = 0.3, 3.0
SETTLED_AT_LEAST = 8
"""Steps in control that a course is taken from."""


class Chart(StrEnum):
    """Which chart raised the alarm."""

    CUSUM = "cusum"
    EWMA = "ewma"


class Direction(StrEnum):
    """Where the figure went."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Course:
    """What the figure does while nothing is wrong."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """The first step, counted from 0, at which a chart left its limits."""

    chart: Chart
    step: int
    direction: Direction


def course_of(settled: Sequence[float]) -> Course | None:
    """The course of steps in control (sample standard deviation); none for too few, or steps that never vary."""
    if len(settled) < SETTLED_AT_LEAST or min(settled) == max(settled):
        return None
    mean = sum(settled) / len(settled)
    deviation = sqrt(sum((step - mean) ** 2 for step in settled) / (len(settled) - 1))
    return Course(mean, deviation)


def cusums(series: Sequence[float], course: Course, *, slack: float = SLACK) -> list[tuple[float, float]]:
    """Upper and lower sum at every step, in the unit of the series; `slack` in standard deviations."""
    upper = lower = 0.0
    sums = []
    for step in series:
        upper = max(0.0, upper + step - course.mean - slack * course.deviation)
        lower = max(0.0, lower + course.mean - slack * course.deviation - step)
        sums.append((upper, lower))
    return sums


def ewmas(series: Sequence[float], course: Course, *, weight: float = WEIGHT) -> list[float]:
    """The exponentially weighted mean at every step, starting from the course's mean."""
    mean, means = course.mean, []
    for step in series:
        mean = weight * step + (1 - weight) * mean
        means.append(mean)
    return means


def ewma_limits(course: Course, *, weight: float = WEIGHT) -> tuple[float, float]:
    """Lower and upper limit of the settled chart."""
    half = WIDTH * course.deviation * sqrt(weight / (2 - weight))
    return course.mean - half, course.mean + half


def alarms(series: Sequence[float], course: Course) -> list[Alarm]:
    """The first alarm of each chart, the earlier first; none while the figure keeps its course."""
    found = [alarm for alarm in (_cusum_alarm(series, course), _ewma_alarm(series, course)) if alarm is not None]
    return sorted(found, key=lambda alarm: alarm.step)


def _cusum_alarm(series: Sequence[float], course: Course) -> Alarm | None:
    for step, (upper, lower) in enumerate(cusums(series, course)):
        if max(upper, lower) > LIMIT * course.deviation:
            return Alarm(Chart.CUSUM, step, Direction.UP if upper > lower else Direction.DOWN)
    return None


def _ewma_alarm(series: Sequence[float], course: Course) -> Alarm | None:
    low, high = ewma_limits(course)
    for step, mean in enumerate(ewmas(series, course)):
        if not low <= mean <= high:
            return Alarm(Chart.EWMA, step, Direction.UP if mean > high else Direction.DOWN)
    return None
