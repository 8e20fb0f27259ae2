"""A secure round of 16-bit words: real members' masks over words that are given, opened by the coordinator's sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from fakes.secure import SecureHospital, about_of, begin, deal, opened
from numpy.typing import NDArray

from coordinator.aggregation.masked_update import MaskedContribution, add_up
from coordinator.aggregation.secure_relay import survivor_instruction
from coordinator.aggregation.secure_sum import opened_words, words_of
from node.release.secure.mask import accept_shares, mask
from node.release.update import fixed_point_specs
from protocols.encoding import decode, encode
from protocols.masking import MaskedStatement, MaskedUpdate, UnmaskingShares
from protocols.signing import Purpose, unseal

Words = Mapping[str, NDArray[np.uint16]]


@dataclass(frozen=True, slots=True)
class SparseRound:
    """The opened words, and the most bytes that one site sent: keys, shares, statement and unmasking included."""

    total: NDArray[np.int64]
    site_bytes: int


def sparse_round(members: Sequence[SecureHospital], number: int, words: Words) -> SparseRound:
    """The sum of the words of one round, under masks."""
    carried = begin(list(members), about_of(members, number=number))
    spent = {site: len(sealed) for site, sealed in carried.sheet.sealed.items()}
    asked = deal(carried)
    for one in members:
        part, length = _masked(one, asked[one.site_id], words[one.site_id])
        carried.parts[one.site_id] = part
        spent[one.site_id] += length + len(one.answer(carried.sheet.instruction()))
    ask, shown = survivor_instruction(carried.sheet, carried.statements, unmask=True), {}
    for one in members:
        sealed = one.answer(ask)
        spent[one.site_id] += len(sealed)
        shown[one.site_id], _ = opened(sealed, UnmaskingShares, one.identity.public)
    return SparseRound(opened_words(add_up(carried.sheet, carried.parts), shown), max(spent.values()))


def _masked(one: SecureHospital, asked: Any, words: NDArray[np.uint16]) -> tuple[MaskedContribution, int]:
    state, made = mask(accept_shares(one.state(asked.about), asked, one.place), words, one.place)
    one.kept.keep(state, None)
    update = MaskedUpdate(
        site_id=one.site_id,
        sealed_statement=made.sealed_statement,
        scale_bits=one.plan.aggregation.scale_bits,
        word_bits=16,
        tensors=fixed_point_specs(one.plan.model.tensors),
        metrics=(),
    )
    frame = unseal(made.sealed_statement, one.identity.public, Purpose.MASKED_STATEMENT)
    said, _ = decode(frame, MaskedStatement)
    length = len(encode(update, made.blob))
    return MaskedContribution(one.site_id, said, made.sealed_statement, words_of(made.blob, 16)), length
