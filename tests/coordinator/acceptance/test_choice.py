import numpy as np
import pytest
from factories import NOW, RUN, a_plan

from coordinator.acceptance.choice import ModelNotAccepted, check_model, choose_round
from coordinator.acceptance.pooled import pooled, value_of
from coordinator.rounds.run import Measurement, RoundAttempt
from coordinator.rounds.states import EndReason, RoundState
from protocols.plans import MetricName

AUC, LOSS = MetricName.VALIDATION_AUC, MetricName.VALIDATION_LOSS


def told(round_number: int, name: MetricName, value: float, *, site: str = "a", weight: int = 10) -> Measurement:
    return Measurement(RUN, round_number, False, site, name, value, weight)


def moved_by(norm: float) -> RoundAttempt:
    return RoundAttempt(RUN, 1, 1, RoundState.CLOSED, "ab" * 32, NOW, update_norm=norm)


def test_figures_are_weighted_by_cases_and_a_site_counts_once() -> None:
    held = [told(1, AUC, 0.1), told(1, AUC, 0.9, site="b", weight=30), told(1, AUC, 0.5)]
    assert value_of(pooled(held, round_number=1), AUC) == 0.8
    assert pooled(held, round_number=1)[0].sites == 2
    assert pooled(held, round_number=2) == ()


def test_the_highest_auc_is_chosen_where_losses_do_not_tell_then_the_earlier_round() -> None:
    assert choose_round([told(1, AUC, 0.6), told(2, AUC, 0.8), told(3, AUC, 0.7)], 3) == 2
    tie = [told(1, AUC, 0.8), told(2, AUC, 0.7), told(1, LOSS, 0.5), told(2, LOSS, 0.4)]
    assert choose_round(tie, 2) == 1
    assert choose_round([told(1, AUC, 0.8), told(2, AUC, 0.8)], 2) == 1


@pytest.mark.parametrize(
    ("losses", "chosen"),
    [
        ((0.5, 0.4, 0.3), 3),
        ((0.6, 0.3, 0.3, 0.3, 0.6), 3),
        ((0.9, 0.8, 0.5, 0.9, 0.6, 0.55, 0.55, 0.56), 7),
        ((0.3, 0.4, 0.5), 1),
    ],
)
def test_a_round_is_chosen_by_its_loss_and_those_beside_it(losses: tuple[float, ...], chosen: int) -> None:
    held = [told(number, LOSS, loss) for number, loss in enumerate(losses, start=1)]
    assert choose_round(held, len(losses)) == chosen


def test_a_round_without_a_loss_stands_behind_those_with_one_and_counts_for_nobody() -> None:
    assert choose_round([told(1, LOSS, 0.5), told(2, AUC, 0.9), told(3, LOSS, 0.4)], 3) == 3


def test_a_round_worse_than_the_start_is_not_chosen_for_its_neighbours() -> None:
    held = [told(number, LOSS, loss) for number, loss in enumerate((0.5, 0.2, 0.6, 0.2, 0.55))]
    assert choose_round(held, 4) == 1


def test_the_starting_weights_are_never_chosen() -> None:
    assert choose_round([told(0, AUC, 0.5), told(1, AUC, 0.5)], 1) == 1


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ([], EndReason.NOT_MEASURED),
        ([told(0, AUC, 0.9)], EndReason.NOT_MEASURED),
        ([told(0, AUC, 0.9), told(1, AUC, 0.8)], EndReason.WORSE_THAN_START),
        ([told(0, LOSS, 0.1), told(1, LOSS, 0.2)], EndReason.WORSE_THAN_START),
    ],
)
def test_a_run_without_a_better_model_is_not_accepted(held: list[Measurement], reason: EndReason) -> None:
    with pytest.raises(ModelNotAccepted) as refused:
        choose_round(held, 1)
    assert refused.value.reason is reason


def test_a_model_that_is_not_finite_or_moved_too_far_is_not_accepted() -> None:
    plan, good = a_plan(), np.zeros(6, dtype="<f4").tobytes()
    check_model(good, [moved_by(10.0)], plan)
    with pytest.raises(ModelNotAccepted, match="norm-exceeded"):
        check_model(good, [moved_by(10.1)], plan)
    with pytest.raises(ModelNotAccepted, match="not-finite"):
        check_model(np.array([np.nan], dtype="<f4").tobytes(), [], plan)
