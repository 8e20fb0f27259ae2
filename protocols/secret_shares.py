"""A secret of 256 bits, cut into shares of which any `threshold` give it back and fewer say nothing about it.

Shares are the values of a random polynomial at 1, 2, 3 …, over the field of integers modulo the Mersenne prime
2**521 - 1: its shape is its proof that nobody chose it, and it holds any secret of 32 bytes. No branch depends on a
secret. A share says nothing about who made it: shares travel authenticated for one peer (`protocols.mask_streams`).
Source: A. Shamir, How to share a secret, Communications of the ACM 22 (1979) 612-613.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from protocols.errors import ProtocolError

PRIME = 2**521 - 1
SECRET_BYTES = 32
SHARE_BYTES = 66
HOLDERS_MAX = 256

RandomBytes = Callable[[int], bytes]
"""So many bytes of a cryptographic source."""


class SharesRefused(ProtocolError):
    """Shares that cannot be made, or that give no secret."""


def split(secret: bytes, *, threshold: int, holders: int, random_bytes: RandomBytes) -> tuple[bytes, ...]:
    """One share for each of the holders 1 … `holders`, in their order.

    Raises:
        SharesRefused: another length than 32 bytes, or a threshold that no set of holders can meet.
    """
    if len(secret) != SECRET_BYTES or not 1 <= threshold <= holders <= HOLDERS_MAX:
        raise SharesRefused("no such sharing")
    coefficients = [int.from_bytes(secret, "big")]
    # 528 random bits cut to 521: uniform but for one value in 2**521.
    coefficients += [int.from_bytes(random_bytes(SHARE_BYTES), "big") & PRIME for _ in range(threshold - 1)]
    return tuple(value_at(coefficients, holder).to_bytes(SHARE_BYTES, "big") for holder in range(1, holders + 1))


def combine(shares: Mapping[int, bytes], *, threshold: int) -> bytes:
    """The secret of the shares of `threshold` holders, by their numbers; more than those are not looked at.

    Raises:
        SharesRefused: too few, one that is no share, or shares of different secrets that give no 32 bytes.
    """
    if len(shares) < threshold or threshold < 1:
        raise SharesRefused(f"{len(shares)} shares, {threshold} are needed")
    points = {holder: _number(holder, shares[holder]) for holder in sorted(shares)[:threshold]}
    secret = value_at_zero(points)
    if secret >> (8 * SECRET_BYTES):
        raise SharesRefused("the shares give no secret")
    return secret.to_bytes(SECRET_BYTES, "big")


def value_at(coefficients: Sequence[int], at: int, *, prime: int = PRIME) -> int:
    """The value of a polynomial, lowest coefficient first: 3 + 2x at 5 is 13."""
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * at + coefficient) % prime
    return value


def value_at_zero(points: Mapping[int, int], *, prime: int = PRIME) -> int:
    """Where the polynomial of lowest degree through these points meets zero (Lagrange's interpolation)."""
    total = 0
    for holder, value in points.items():
        above, below = 1, 1
        for other in points:
            if other != holder:
                above = above * -other % prime
                below = below * (holder - other) % prime
        total = (total + value * above * pow(below, -1, prime)) % prime
    return total


def _number(holder: int, share: bytes) -> int:
    number = int.from_bytes(share, "big")
    if not 1 <= holder <= HOLDERS_MAX or len(share) != SHARE_BYTES or number >= PRIME:
        raise SharesRefused("not a share")
    return number
