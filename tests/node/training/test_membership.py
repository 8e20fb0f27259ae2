"""The loss-threshold membership test and the attack light."""

from __future__ import annotations

import numpy as np
import pytest

from node.training.membership import AttackLight, light_of, membership_reading


def test_a_model_that_knows_its_members_by_heart_shows_red() -> None:
    found = membership_reading(np.full(50, 0.01), np.full(50, 2.0))
    assert (found.auc, found.light) == (1.0, AttackLight.RED)


def test_a_model_that_learnt_nothing_about_its_members_shows_green() -> None:
    losses = np.linspace(0.1, 1.0, 50)
    found = membership_reading(losses, losses)
    assert (found.auc, found.light) == (0.5, AttackLight.GREEN)


@pytest.mark.parametrize(
    ("figure", "light"),
    [(0.3, AttackLight.GREEN), (0.55, AttackLight.GREEN), (0.5501, AttackLight.AMBER), (0.6, AttackLight.AMBER)],
)
def test_the_light_turns_at_the_stated_figures(figure: float, light: AttackLight) -> None:
    assert light_of(figure) is light


@pytest.mark.parametrize(("members", "others"), [(9, 50), (50, 9), (0, 0)])
def test_too_few_cases_give_no_figure_and_no_green(members: int, others: int) -> None:
    found = membership_reading(np.zeros(members), np.zeros(others))
    assert (found.auc, found.light) == (None, AttackLight.CANNOT_BE_MEASURED)
