import math

import numpy as np
import pytest
from factories import a_plan, an_update

from coordinator.aggregation.update import (
    UpdateReason,
    UpdateRefused,
    check_metrics,
    check_update,
    fixed_point_norm,
    rounding_norm,
)
from protocols.plans import MetricName
from protocols.updates import Metric


def blob(*values: int) -> bytes:
    return np.array(values, dtype="<i4").tobytes()


def test_an_update_inside_the_plan_is_a_contribution_with_its_norm() -> None:
    made = check_update(an_update(), blob(3 * 2**20, 4 * 2**20, 0, 0, 0, 0), a_plan(), max_cases=5000)
    assert (made.norm, made.weight, made.values[0]) == (5.0, 40, 3 * 2**20)


def test_a_norm_at_the_bound_passes_with_what_rounding_can_add_and_not_more() -> None:
    plan = a_plan(update_norm_bound=1.0)
    check_update(an_update(), blob(2**20 + 1, 0, 0, 0, 0, 0), plan, max_cases=5000)
    with pytest.raises(UpdateRefused) as refused:
        check_update(an_update(), blob(2**20 + 2, 0, 0, 0, 0, 0), plan, max_cases=5000)
    assert refused.value.reason is UpdateReason.NORM_OVER_BOUND


def test_the_largest_integers_do_not_overflow_the_norm() -> None:
    values = np.full(6, -(2**31), dtype=np.int32)
    assert fixed_point_norm(values, 20) == pytest.approx(math.sqrt(6) * 2**11)


def test_rounding_adds_half_a_step_in_every_direction() -> None:
    assert rounding_norm(4, 20) == 2.0**-20


def test_a_weight_is_bounded_by_what_the_site_approved_up_to_its_band() -> None:
    check_update(an_update(weight=50), bytes(24), a_plan(), max_cases=41)
    with pytest.raises(UpdateRefused):
        check_update(an_update(weight=60), bytes(24), a_plan(), max_cases=41)


@pytest.mark.parametrize(
    "metrics",
    [
        (Metric(name=MetricName.VALIDATION_AUC, value=1.01),),
        (Metric(name=MetricName.VALIDATION_LOSS, value=-0.1),),
        (Metric(name=MetricName.VALIDATION_AUC, value=0.5), Metric(name=MetricName.VALIDATION_AUC, value=0.9)),
    ],
)
def test_figures_that_cannot_be_are_refused(metrics: tuple[Metric, ...]) -> None:
    with pytest.raises(UpdateRefused):
        check_metrics(metrics)
