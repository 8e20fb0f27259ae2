"""Rules of the wire types of secure aggregation: thresholds, sets with one spelling, and a range that is proven."""

import pytest
from factories import DIGEST
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from secure_factories import (
    SITES,
    a_packet,
    a_round,
    a_statement,
    a_survivor_instruction,
    an_advert,
    some_unmasking_shares,
)

from protocols.encoding import MAX_HEADER_BYTES, encode
from protocols.masking import MEMBERS_MAX, SEALED_BYTES_MAX, RevealedShare, SharePacket, adverts_digest, members_digest
from protocols.word_range import RangeNotProven, word_bits


def test_every_threshold_with_which_two_lists_could_win_is_refused() -> None:
    for n in range(3, 9):
        for c in range(n):
            for t in range(2, n + 2):
                sound = t <= n and 2 * t > n + c and c + 3 <= n
                assert _stands(n, t, c) == sound, (n, t, c)


def _stands(n: int, t: int, c: int) -> bool:
    try:
        a_round(members_n=n, threshold_t=t, colluders_c=c)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("n", "t", "folds"), [(5, 5, True), (5, 4, True), (5, 3, False), (8, 6, False), (3, 2, True)])
def test_the_vote_is_left_out_only_when_all_or_all_but_one_must_answer(n: int, t: int, folds: bool) -> None:
    assert a_round(members_n=n, threshold_t=t).folds is folds


@pytest.mark.parametrize(("t", "c", "least"), [(4, 0, 4), (5, 2, 5), (5, 3, 6), (6, 0, 6)])
def test_a_sum_hides_one_among_three_honest_at_least(t: int, c: int, least: int) -> None:
    assert a_round(members_n=6, threshold_t=t, colluders_c=c).least_survivors == least
    assert a_round(members_n=3, threshold_t=2).least_survivors == 3


@pytest.mark.parametrize("peers", [SITES[::-1], (SITES[0], *SITES), SITES[:2]])
def test_a_set_of_members_has_one_spelling_and_three_members(peers: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        a_statement(peers=peers)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_and_shares_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(ValidationError):
        an_advert(mask_key=bytes(length))
    with pytest.raises(ValidationError):
        RevealedShare(site_id=SITES[0], share=bytes(length))
    with pytest.raises(ValidationError):
        SharePacket(site_id=SITES[0], sealed_shares=bytes(length))
    assert len(a_packet().sealed_shares) == 160


def test_nobody_shows_both_shares_of_one_member() -> None:
    shown = RevealedShare(site_id=SITES[0], share=bytes(66))
    with pytest.raises(ValidationError):
        some_unmasking_shares(mask_keys=(shown,))


def test_a_list_comes_with_one_statement_each_and_votes_only_with_the_asking() -> None:
    with pytest.raises(ValidationError):
        a_survivor_instruction(sealed_statements=(b"1", b"2", b"3", b"4"))
    with pytest.raises(ValidationError):
        a_survivor_instruction(unmask=False, sealed_votes=(b"1",))


def test_the_largest_run_fits_in_one_frame() -> None:
    sites = tuple(f"{number:08d}-1111-4111-8111-111111111111" for number in range(MEMBERS_MAX))
    statement = encode(a_statement(peers=sites))
    assert len(statement) + 200 < SEALED_BYTES_MAX
    sealed = (bytes(SEALED_BYTES_MAX - 1),) * MEMBERS_MAX
    fits = a_survivor_instruction(survivors=sites, sealed_statements=sealed, sealed_votes=sealed)
    assert len(encode(fits)) < MAX_HEADER_BYTES


def test_digests_are_of_sets_and_of_orders() -> None:
    keys = {SITES[0]: b"a" * 32, SITES[1]: b"b" * 32}
    assert members_digest(keys) == members_digest(dict(reversed(keys.items())))
    assert members_digest(keys) != members_digest({SITES[0]: b"b" * 32, SITES[1]: b"a" * 32})
    assert adverts_digest([b"1", b"2"]) != adverts_digest([b"2", b"1"])
    assert len(DIGEST) == len(members_digest(keys))


@given(st.floats(1.0, 1e6), st.integers(8, 24), st.integers(1, 64 * 10_000_000))
def test_no_sum_wraps_in_the_word_that_was_proven(clip: float, scale_bits: int, weights: int) -> None:
    try:
        bits = word_bits(clip=clip, scale_bits=scale_bits, weights=weights)
    except RangeNotProven:
        return
    most = (round(clip * 2**scale_bits) + 1) * weights
    assert most < 2 ** (bits - 1)


@pytest.mark.parametrize("clip", [0.0, -1.0, 1e-9, float("inf"), float("nan"), 1e12])
def test_a_range_that_is_not_proven_is_refused(clip: float) -> None:
    with pytest.raises(RangeNotProven):
        word_bits(clip=clip, scale_bits=20, weights=10_000_000)


def test_the_prototypes_overflow_is_seen() -> None:
    """Values of ±8 at 20 bits wrap 32 bits from 256 patients on; such a plan gets 64 bits."""
    assert word_bits(clip=8.0, scale_bits=20, weights=50) == 32
    assert word_bits(clip=8.0, scale_bits=20, weights=256) == 64
