"""0 false alarms: honest rounds with random drop-outs, where no hospital refuses and every sum is the plain one."""

import random

import pytest
from fakes.secure import Silent, carry, check_equals_plain, hospitals

from coordinator.aggregation.secure_relay import SecureRoundFailed
from node.release.secure.state import Act

pytestmark = [pytest.mark.attacks, pytest.mark.timeout(3600)]
SEED = 20_261_122
ROUNDS_SHORT, ROUNDS_FULL = 60, 500
ONE_TOO_MANY = 0.1


def _drop_outs(rng: random.Random, n: int, spare: int) -> Silent:
    """As many hospitals as can be spared vanish, each at a step of its own; now and then one more."""
    gone = rng.sample(range(1, n + 1), rng.randint(0, spare) + (rng.random() < ONE_TOO_MANY))
    return frozenset((number, rng.choice(list(Act))) for number in gone)


def test_honest_rounds_with_random_drop_outs_never_raise_an_alarm(short: bool) -> None:
    """0 false alarms: no member refuses, and every attempt with enough survivors gives the plain sum."""
    rng, summed = random.Random(SEED), 0
    rounds = ROUNDS_SHORT if short else ROUNDS_FULL
    for number in range(1, rounds + 1):
        n = rng.randint(3, 7)
        c = rng.randint(0, n - 3)
        t = rng.randint((n + c) // 2 + 1, n)
        members, spare = hospitals(n, threshold=t, colluders=c, seed=number), n - max(t, c + 3)
        silent = _drop_outs(rng, n, spare)
        try:
            opened, counted = carry(members, silent=silent)
        except SecureRoundFailed:
            assert len(silent) > spare
            continue
        check_equals_plain(opened, counted)
        summed += 1
    print(f"{rounds} honest rounds: {summed} sums, {rounds - summed} with too few hospitals left, 0 false alarms")
    assert summed > rounds // 2
