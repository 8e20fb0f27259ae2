"""Figures over all sites: the mean of what each measured, weighted by its banded number of cases."""

from __future__ import annotations

import math
from collections.abc import Iterable

from coordinator.rounds.run import Measurement
from protocols.passports import PooledMetric
from protocols.plans import MetricName


def pooled(measurements: Iterable[Measurement], *, round_number: int, final: bool = False) -> tuple[PooledMetric, ...]:
    """The pooled figures of one round's model, in the order of the closed list; a figure nobody measured is missing.

    A site that measured the same model twice counts with its last word.
    """
    held: dict[MetricName, dict[str, Measurement]] = {}
    for measurement in measurements:
        if (measurement.round, measurement.final) == (round_number, final):
            held.setdefault(measurement.name, {})[measurement.site_id] = measurement
    return tuple(_mean(name, list(held[name].values())) for name in MetricName if name in held)


def value_of(metrics: Iterable[PooledMetric], name: MetricName) -> float | None:
    """One pooled figure, or none."""
    return next((metric.value for metric in metrics if metric.name is name), None)


def _mean(name: MetricName, measured: list[Measurement]) -> PooledMetric:
    weight = sum(measurement.weight for measurement in measured)
    value = math.fsum(measurement.value * measurement.weight for measurement in measured) / weight
    return PooledMetric(name=name, value=round(value, 6), sites=len(measured))
