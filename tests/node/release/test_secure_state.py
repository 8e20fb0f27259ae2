"""The table of a secure attempt, walked whole; what ends with it, and what outlives it."""

from dataclasses import replace
from itertools import product

import pytest
from secure_factories import SITES, a_round

from node.release.secure.refusals import LIES, SecureReason, SecureRefused
from node.release.secure.state import TRANSITIONS, Act, Secrets, SecureRound, Stage, after, check_same_attempt, ended
from protocols.mask_streams import SharePair

STATE = SecureRound(a_round(attempt=2), Stage.ADVERTISED, SITES, "ab" * 32, Secrets(b"m" * 32, b"s" * 32, b"b" * 32))


@pytest.mark.parametrize(("stage", "act"), list(product(Stage, Act)))
def test_only_what_is_in_the_table_happens(stage: Stage, act: Act) -> None:
    state = replace(STATE, stage=stage)
    if (stage, act) in TRANSITIONS:
        assert after(state, act) is TRANSITIONS[(stage, act)]
        return
    with pytest.raises(SecureRefused) as refusal:
        after(state, act)
    assert refusal.value.reason is SecureReason.OUT_OF_TURN


def test_nothing_follows_the_shares_that_open_a_sum_nor_an_ended_attempt() -> None:
    assert {stage for stage, _ in TRANSITIONS}.isdisjoint({Stage.REVEALED, Stage.ENDED})


def test_an_ended_attempt_has_no_secret_left_and_stays_bound() -> None:
    shares = SharePair(b"a" * 66, b"b" * 66)
    state = replace(STATE, own_share=shares, held=((SITES[1], shares),), revealed_for=SITES, trained_sha256="cd" * 32)
    over = ended(state)
    assert (over.stage, over.secrets, over.own_share, over.held) == (Stage.ENDED, None, None, ())
    assert (over.revealed_for, over.trained_sha256, over.about) == (SITES, "cd" * 32, state.about)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"attempt": 1}, SecureReason.OLD_ATTEMPT),
        ({"attempt": 3}, SecureReason.OUT_OF_TURN),
        ({"members_sha256": "cd" * 32, "attempt": 2}, SecureReason.OTHER_TERMS),
    ],
)
def test_a_step_belongs_to_the_attempt_under_way(change: dict[str, object], reason: SecureReason) -> None:
    check_same_attempt(STATE, a_round(attempt=2))
    with pytest.raises(SecureRefused) as refusal:
        check_same_attempt(STATE, a_round(**change))
    assert refusal.value.reason is reason


def test_a_mistake_of_terms_ends_nothing_and_a_lie_does() -> None:
    assert not SecureRefused(SecureReason.OLD_ATTEMPT).ends_attempt
    assert not SecureRefused(SecureReason.OUT_OF_TURN).ends_attempt
    assert {reason for reason in SecureReason if SecureRefused(reason).ends_attempt} == LIES
