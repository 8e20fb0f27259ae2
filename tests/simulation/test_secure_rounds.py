"""Honest secure rounds: every sum is that of plain fixed-point updates, whoever vanishes at whichever step."""

import pytest
from fakes.secure import carry, check_equals_plain, hospitals

from coordinator.aggregation.secure_relay import SecureRoundFailed
from node.release.secure.state import Act


@pytest.mark.parametrize(("n", "t", "c"), [(3, 3, 0), (4, 3, 0), (4, 4, 1), (5, 4, 1), (5, 3, 0), (6, 4, 0), (7, 6, 2)])
def test_a_sum_without_a_drop_out_is_the_plain_sum(n: int, t: int, c: int) -> None:
    members = hospitals(n, threshold=t, colluders=c)
    opened, counted = carry(members)
    assert len(counted) == n
    check_equals_plain(opened, counted)


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize(("n", "t"), [(5, 4), (5, 3)])
def test_a_hospital_that_vanishes_at_any_step_costs_only_itself(n: int, t: int, act: Act) -> None:
    members = hospitals(n, threshold=t)
    opened, counted = carry(members, silent=frozenset({(2, act)}))
    assert len(counted) == (n if act in {Act.VOTE, Act.REVEAL} else n - 1)
    check_equals_plain(opened, counted)


def test_too_many_drop_outs_make_no_sum() -> None:
    with pytest.raises(SecureRoundFailed):
        carry(hospitals(5, threshold=4), silent=frozenset({(1, Act.SHARE), (2, Act.MASK)}))


def test_a_second_attempt_gives_the_same_sum() -> None:
    members = hospitals(4, threshold=3)
    with pytest.raises(SecureRoundFailed):
        carry(members, silent=frozenset({(1, Act.MASK), (2, Act.MASK)}))
    opened, counted = carry(members, attempt=2)
    check_equals_plain(opened, counted)
