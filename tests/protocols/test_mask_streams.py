"""Masks: equal on both sides of a pair, other for every other context, and built of the standards' own parts."""

import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from secure_factories import SITES, a_round

from protocols.mask_streams import (
    KeyRefused,
    MaskContext,
    ShareLine,
    SharePair,
    SharesDamaged,
    commitment_of,
    pair_seed,
    public_of,
    self_seed,
    stream,
)
from protocols.secret_shares import SHARE_BYTES

MODEL = "ab" * 32
ADVERTS = "cd" * 32
HERE = MaskContext(a_round(), ADVERTS)
ONE, TWO = bytes([1]) * 32, bytes([2]) * 32
PAIR = (SITES[0], SITES[1])


def test_both_sides_of_a_pair_have_one_mask() -> None:
    here = pair_seed(HERE, ONE, public_of(TWO), pair=PAIR, model=MODEL)
    assert here == pair_seed(HERE, TWO, public_of(ONE), pair=(PAIR[1], PAIR[0]), model=MODEL)
    assert len(here) == 32


@pytest.mark.parametrize(
    "other",
    [
        lambda: pair_seed(MaskContext(a_round(attempt=2), ADVERTS), ONE, public_of(TWO), pair=PAIR, model=MODEL),
        lambda: pair_seed(MaskContext(a_round(round=2), ADVERTS), ONE, public_of(TWO), pair=PAIR, model=MODEL),
        lambda: pair_seed(MaskContext(a_round(run_id=SITES[0]), ADVERTS), ONE, public_of(TWO), pair=PAIR, model=MODEL),
        lambda: pair_seed(MaskContext(a_round(), MODEL), ONE, public_of(TWO), pair=PAIR, model=MODEL),
        lambda: pair_seed(HERE, ONE, public_of(TWO), pair=(SITES[0], SITES[2]), model=MODEL),
        lambda: pair_seed(HERE, ONE, public_of(TWO), pair=PAIR, model=ADVERTS),
        lambda: self_seed(HERE, ONE, site_id=SITES[0], model=MODEL),
    ],
)
def test_another_attempt_pair_sheet_model_or_use_has_another_mask(other: Callable[[], bytes]) -> None:
    assert other() != pair_seed(HERE, ONE, public_of(TWO), pair=PAIR, model=MODEL)


def test_a_stream_is_the_counter_mode_of_the_standard() -> None:
    """Block i is AES of i under the seed. Source: NIST SP 800-38A section 6.5."""
    seed = bytes(range(32))
    encryptor = Cipher(AES256(seed), ECB()).encryptor()  # noqa: S305 - the plain block function is what is compared
    blocks = b"".join(encryptor.update(number.to_bytes(16, "big")) for number in range(5))
    assert stream(seed, 70) == blocks[:70]


def test_a_key_that_agrees_on_nothing_is_refused() -> None:
    """Zero and one are points of low order. Source: RFC 7748 section 6.1, on the all-zero output."""
    for point in (bytes(32), b"\x01" + bytes(31)):
        with pytest.raises(KeyRefused):
            pair_seed(HERE, ONE, point, pair=PAIR, model=MODEL)


def test_a_commitment_is_of_one_seed() -> None:
    assert commitment_of(ONE) != commitment_of(TWO)


SHARES = SharePair(b"a" * SHARE_BYTES, b"b" * SHARE_BYTES)
LINE = ShareLine(HERE, *PAIR)


def sealed() -> bytes:
    return LINE.seal(SHARES, private=ONE, peer_key=public_of(TWO), random_bytes=os.urandom)


def test_shares_open_for_their_receiver_alone() -> None:
    assert LINE.open(sealed(), private=TWO, peer_key=public_of(ONE)) == SHARES
    with pytest.raises(SharesDamaged):
        LINE.open(sealed(), private=bytes([3]) * 32, peer_key=public_of(ONE))


@pytest.mark.parametrize(
    "line",
    [
        ShareLine(HERE, PAIR[1], PAIR[0]),
        ShareLine(HERE, PAIR[0], SITES[2]),
        ShareLine(MaskContext(a_round(attempt=2), ADVERTS), *PAIR),
        ShareLine(MaskContext(a_round(), MODEL), *PAIR),
    ],
)
def test_shares_do_not_open_as_another_members_or_attempts(line: ShareLine) -> None:
    with pytest.raises(SharesDamaged):
        line.open(sealed(), private=TWO, peer_key=public_of(ONE))


@pytest.mark.parametrize("index", [0, 13, 100, -1])
def test_changed_shares_do_not_open(index: int) -> None:
    changed = bytearray(sealed())
    changed[index] ^= 1
    with pytest.raises(SharesDamaged):
        LINE.open(bytes(changed), private=TWO, peer_key=public_of(ONE))
    with pytest.raises(SharesDamaged):
        LINE.open(sealed()[:-1], private=TWO, peer_key=public_of(ONE))
