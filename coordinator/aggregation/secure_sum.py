"""The sum of masked updates, opened: exact, and all that can be read of them.

Of every survivor the self-mask seed is put together, of every member that vanished after giving shares its mask key;
each is held against its own advert, so wrong shares are seen before they spoil a sum. What remains is the plain sum of
weight x update and the sum of weights, modulo 2**bits, equal bit for bit to that of plain updates.
Source: Bonawitz et al., CCS 2017, figure 4, round 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

from coordinator.aggregation.secure_relay import SecureFault, SecureRoundFailed, Sheet, check_enough
from protocols.mask_streams import KeyRefused, commitment_of, pair_seed, public_of, self_seed, stream
from protocols.masking import RevealedShare, UnmaskingShares, WordBits
from protocols.secret_shares import SharesRefused, combine

Words = npt.NDArray[np.uint16] | npt.NDArray[np.uint32] | npt.NDArray[np.uint64]
_SUBSETS_MAX = 500
"""How many sets of holders are tried for one secret; one broken holder among 64 needs 64."""


@dataclass(frozen=True, slots=True)
class OpenedSum:
    """`total` (int64, all numbers in order) is the sum of weight x fixed-point update, `weight` that of weights."""

    total: npt.NDArray[np.int64]
    weight: int


@dataclass(frozen=True, slots=True)
class MaskedSum:
    """The masked words of every survivor, added up; `model_sha256` is what all of them were trained on."""

    sheet: Sheet
    peers: tuple[str, ...]
    survivors: tuple[str, ...]
    model_sha256: str
    words: Words

    @property
    def bits(self) -> WordBits:
        """Bits of a word."""
        widths: dict[int, WordBits] = {2: 16, 4: 32, 8: 64}
        return widths[self.words.itemsize]


def words_of(blob: bytes, bits: WordBits) -> Words:
    """A masked vector's words."""
    match bits:
        case 16:
            return np.frombuffer(blob, dtype="<u2").astype(np.uint16, copy=False)
        case 32:
            return np.frombuffer(blob, dtype="<u4").astype(np.uint32, copy=False)
        case 64:
            return np.frombuffer(blob, dtype="<u8").astype(np.uint64, copy=False)


def open_sum(masked: MaskedSum, shown: Mapping[str, UnmaskingShares]) -> OpenedSum:
    """The sum without its masks. `shown` holds the survivors' shares, by who showed them.

    Raises:
        SecureRoundFailed: too few shares, shares that give another secret than was advertised, or a sum without
            weight.
    """
    return sum_of(opened_words(masked, shown), survivors=len(masked.survivors))


def sum_of(words: npt.NDArray[np.int64], *, survivors: int) -> OpenedSum:
    """Opened words as numbers and their weight. Raises: SecureRoundFailed for a sum without weight."""
    if words[-1] < survivors:
        raise SecureRoundFailed(SecureFault.SUM_OUT_OF_RANGE)
    return OpenedSum(words[:-1], int(words[-1]))


def opened_words(masked: MaskedSum, shown: Mapping[str, UnmaskingShares]) -> npt.NDArray[np.int64]:
    """The sum's words as whole numbers, whatever they mean.

    Raises:
        SecureRoundFailed: too few shares, or shares that give another secret than was advertised.
    """
    honest = {site: shares for site, shares in shown.items() if _answers(masked, site, shares)}
    if len(honest) < masked.sheet.members.about.threshold_t:
        raise SecureRoundFailed(SecureFault.TOO_FEW_MEMBERS)
    check_enough(masked.sheet.members.about, len(masked.survivors))
    words = masked.words.copy()
    for survivor in masked.survivors:
        _without_own_mask(words, masked, survivor, honest)
    for gone in sorted(set(masked.peers) - set(masked.survivors)):
        _without_pair_masks(words, masked, gone, honest)
    return words.view(np.dtype(f"i{words.itemsize}")).astype(np.int64)


def _without_own_mask(words: Words, masked: MaskedSum, survivor: str, shown: Mapping[str, UnmaskingShares]) -> None:
    commitment = masked.sheet.adverts[survivor].seed_commitment
    shares = _shares_of(masked, survivor, {site: one.seeds for site, one in shown.items()})
    seed = _opened(masked, shares, lambda secret: commitment_of(secret) == commitment)
    key = self_seed(masked.sheet.context, seed, site_id=survivor, model=masked.model_sha256)
    words -= _stream(masked, key)


def _without_pair_masks(words: Words, masked: MaskedSum, gone: str, shown: Mapping[str, UnmaskingShares]) -> None:
    """What the survivors added or subtracted for a member whose vector is not in the sum."""
    advert = masked.sheet.adverts[gone]
    shares = _shares_of(masked, gone, {site: one.mask_keys for site, one in shown.items()})
    private = _opened(masked, shares, lambda secret: public_of(secret) == advert.mask_key)
    for survivor in masked.survivors:
        peer_key = masked.sheet.adverts[survivor].mask_key
        try:
            key = pair_seed(masked.sheet.context, private, peer_key, pair=(gone, survivor), model=masked.model_sha256)
        except KeyRefused:
            raise SecureRoundFailed(SecureFault.SHARES_DO_NOT_OPEN) from None
        if survivor > gone:
            words -= _stream(masked, key)
        else:
            words += _stream(masked, key)


def _stream(masked: MaskedSum, key: bytes) -> Words:
    return words_of(stream(key, masked.words.nbytes), masked.bits)


def _answers(masked: MaskedSum, site: str, shares: UnmaskingShares) -> bool:
    named = (shares.site_id, shares.about, shares.survivors)
    return site in masked.survivors and named == (site, masked.sheet.members.about, masked.survivors)


def _shares_of(masked: MaskedSum, member: str, shown: Mapping[str, tuple[RevealedShare, ...]]) -> dict[int, bytes]:
    """The shares of one member's secret, by the number of who held them."""
    members = masked.sheet.members
    return {
        members.number_of(holder): share.share
        for holder, shares in shown.items()
        for share in shares
        if share.site_id == member
    }


def _opened(masked: MaskedSum, shares: Mapping[int, bytes], is_it: Callable[[bytes], bool]) -> bytes:
    """The secret its owner advertised; where a share is wrong, sets of other holders are tried."""
    threshold = masked.sheet.members.about.threshold_t
    for holders in islice(combinations(sorted(shares), threshold), _SUBSETS_MAX):
        try:
            secret = combine({holder: shares[holder] for holder in holders}, threshold=threshold)
        except SharesRefused:
            continue
        if is_it(secret):
            return secret
    raise SecureRoundFailed(SecureFault.SHARES_DO_NOT_OPEN)
