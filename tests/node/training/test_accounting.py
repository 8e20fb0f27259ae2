"""How much of a patient's privacy is spent: against published values and against Opacus' accountants."""

from __future__ import annotations

import subprocess
import sys

import pytest
from opacus.accountants import PRVAccountant, RDPAccountant  # type: ignore[import-untyped]  # it ships no types

from node.training.accounting import Spend, epsilon_of, largest_delta, quietest_noise

# An average plan for a few hundred patients, a long one with little noise, and a single loud look at everybody.
SETTINGS = [Spend(1.1, 256 / 60_000, 14_062), Spend(2.0, 0.1, 400), Spend(0.9, 0.05, 300), Spend(4.0, 1.0, 20)]


def opacus_epsilon(kind: type[RDPAccountant | PRVAccountant], *spends: Spend, delta: float) -> float:
    accountant = kind()
    accountant.history = [(spend.noise_multiplier, spend.sampling_rate, spend.steps) for spend in spends]
    return float(accountant.get_epsilon(delta))


def test_a_composition_of_unlike_steps_has_the_published_epsilon() -> None:
    # Opacus 1.6, docstring of opacus.accountants.analysis.rdp: 0.336 at order 23.
    both = [Spend(1.0, 1e-5, 10), Spend(3.0, 1e-4, 4)]
    assert epsilon_of(both, delta=1e-5) == pytest.approx(0.336, abs=5e-4)


def test_gaussian_rounds_without_sampling_have_the_epsilon_another_accountant_printed() -> None:
    # flwr 1.41 `RdpAccountant`, noise 4, 20 releases, delta 1e-5: 5.38.
    assert epsilon_of([Spend(4.0, 1.0, 20)], delta=1e-5) == pytest.approx(5.38, abs=5e-3)


@pytest.mark.parametrize(
    ("spend", "published"),
    [
        # Abadi et al. 2016, section 4 and figure 2: 1.26 by the moments accountant.
        (Spend(4.0, 0.01, 10_000), 1.26),
        # Bu et al., Harvard Data Science Review 2020, figure 4: 1.34 at epoch 20 by the moments accountant.
        (Spend(1.3, 256 / 60_000, 20 * 60_000 // 256), 1.34),
        # Opacus' documentation of compute_dp_sgd_privacy, three orders only: 2.95 and 2.39.
        (Spend(1.12, 256 / 60_000, 60 * 60_000 // 256), 2.95),
        (Spend(1.0, 0.01, 300), 2.39),
    ],
)
def test_a_better_conversion_stays_below_what_was_published_with_the_first_one(spend: Spend, published: float) -> None:
    assert 0.5 * published < epsilon_of([spend], delta=1e-5) < published


@pytest.mark.parametrize("spend", SETTINGS)
def test_opacus_renyi_accountant_says_the_same(spend: Spend) -> None:
    theirs = opacus_epsilon(RDPAccountant, spend, delta=1e-5)
    assert epsilon_of([spend], delta=1e-5) == pytest.approx(theirs, rel=0.02)


@pytest.mark.parametrize("spend", SETTINGS[:3])
def test_the_tighter_accountant_of_opacus_never_says_more(spend: Spend) -> None:
    theirs = opacus_epsilon(PRVAccountant, spend, delta=1e-5)
    ours = epsilon_of([spend], delta=1e-5)
    assert 0.8 * ours < theirs < 1.01 * ours


def test_plans_and_rounds_compose_and_their_order_does_not_matter() -> None:
    rounds = [Spend(2.0, 0.1, 40)] * 10
    assert epsilon_of(rounds, delta=1e-4) == epsilon_of([Spend(2.0, 0.1, 400)], delta=1e-4)
    mixed = [*rounds, Spend(1.5, 0.05, 100)]
    assert epsilon_of(mixed, delta=1e-4) == epsilon_of(mixed[::-1], delta=1e-4) > epsilon_of(rounds, delta=1e-4)
    assert epsilon_of(mixed, delta=1e-4) == pytest.approx(opacus_epsilon(RDPAccountant, *mixed, delta=1e-4), rel=0.02)


def test_nothing_spent_is_nothing() -> None:
    assert epsilon_of([], delta=1e-4) == 0.0
    assert epsilon_of([Spend(1.0, 0.1, 0)], delta=1e-4) == 0.0


def test_almost_no_noise_is_told_as_almost_no_privacy() -> None:
    assert epsilon_of([Spend(1e-3, 1.0, 1000)], delta=1e-5) > 1e6


@pytest.mark.parametrize(
    ("noise", "rate", "steps"), [(0.0, 0.1, 1), (-1.0, 0.1, 1), (1.0, 0.0, 1), (1.0, 1.1, 1), (1.0, 0.1, -1)]
)
def test_what_cannot_be_accounted_for_does_not_exist(noise: float, rate: float, steps: int) -> None:
    with pytest.raises(ValueError, match="noise is positive"):
        Spend(noise, rate, steps)


def test_delta_is_at_most_a_tenth_of_a_patient() -> None:
    assert largest_delta(300) == pytest.approx(1 / 3000)
    assert largest_delta(0) == largest_delta(1)


def test_the_quietest_noise_is_enough_and_a_little_less_is_not() -> None:
    noise = quietest_noise(sampling_rate=0.1, steps=200, epsilon=3.0, delta=1e-4)
    assert epsilon_of([Spend(noise, 0.1, 200)], delta=1e-4) <= 3.0
    assert epsilon_of([Spend(noise - 0.002, 0.1, 200)], delta=1e-4) > 3.0


def test_accounting_loads_no_torch() -> None:
    alone = """
import sys
from node.training.accounting import Spend, epsilon_of
epsilon_of([Spend(1.0, 0.1, 10)], delta=1e-4)
sys.exit("torch" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", alone], check=True)
