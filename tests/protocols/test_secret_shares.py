"""Shamir's scheme: the published example, every set of holders, and what fewer of them know."""

import os
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.secret_shares import PRIME, SHARE_BYTES, SharesRefused, combine, split, value_at, value_at_zero

SECRET = bytes(range(32))


def test_the_field_is_that_of_the_mersenne_prime() -> None:
    """2**521 - 1 is prime: Lucas and Lehmer's test ends in zero. Source: R. M. Robinson, Proc. AMS 5 (1954) 842-846."""
    term = 4
    for _ in range(519):
        term = (term * term - 2) % PRIME
    assert term == 0


def test_the_published_example_is_met() -> None:
    """Secret 1234, polynomial 1234 + 166x + 94x² modulo 1613. Source: "Shamir's secret sharing", Wikipedia."""
    points = {1: 1494, 2: 329, 3: 965, 4: 176, 5: 1188, 6: 775}
    assert {at: value_at([1234, 166, 94], at, prime=1613) for at in points} == points
    for chosen in combinations(points, 3):
        assert value_at_zero({at: points[at] for at in chosen}, prime=1613) == 1234


@given(st.binary(min_size=32, max_size=32), st.integers(2, 6), st.integers(0, 3))
def test_any_threshold_of_holders_gives_the_secret_back(secret: bytes, threshold: int, beyond: int) -> None:
    shares = split(secret, threshold=threshold, holders=threshold + beyond, random_bytes=os.urandom)
    for chosen in combinations(range(1, threshold + beyond + 1), threshold):
        assert combine({holder: shares[holder - 1] for holder in chosen}, threshold=threshold) == secret


def test_one_share_fewer_fits_every_secret_alike() -> None:
    """With t - 1 shares fixed there is, for any secret, exactly one polynomial: the shares say nothing of it."""
    shares = split(SECRET, threshold=3, holders=5, random_bytes=os.urandom)
    held = {holder: int.from_bytes(shares[holder - 1], "big") for holder in (1, 4)}
    for other in (0, 1, 2**256 - 1):
        points = {0: other, **held}
        third = sum(
            value * _lagrange(at, points, 5) for at, value in points.items()
        ) % PRIME  # fmt: skip
        assert value_at_zero({**held, 5: third}) == other


def _lagrange(at: int, points: dict[int, int], where: int) -> int:
    factor = 1
    for other in points:
        if other != at:
            factor = factor * (where - other) * pow(at - other, -1, PRIME) % PRIME
    return factor


def test_too_few_foreign_and_mixed_shares_are_refused() -> None:
    shares = dict(enumerate(split(SECRET, threshold=3, holders=5, random_bytes=os.urandom), start=1))
    with pytest.raises(SharesRefused):
        combine({1: shares[1], 2: shares[2]}, threshold=3)
    for wrong in (b"short", bytes(SHARE_BYTES + 1), PRIME.to_bytes(SHARE_BYTES, "big")):
        with pytest.raises(SharesRefused):
            combine({**shares, 1: wrong}, threshold=3)
    with pytest.raises(SharesRefused):
        combine({0: shares[1], 2: shares[2], 3: shares[3]}, threshold=3)
    others = split(bytes(32), threshold=3, holders=5, random_bytes=os.urandom)
    with pytest.raises(SharesRefused):
        combine({1: shares[1], 2: shares[2], 3: others[2]}, threshold=3)


@pytest.mark.parametrize(
    ("secret", "threshold", "holders"), [(b"x" * 31, 2, 3), (SECRET, 4, 3), (SECRET, 0, 3), (SECRET, 2, 257)]
)
def test_a_sharing_that_makes_no_sense_is_refused(secret: bytes, threshold: int, holders: int) -> None:
    with pytest.raises(SharesRefused):
        split(secret, threshold=threshold, holders=holders, random_bytes=os.urandom)
