"""Masked updates, checked as far as anybody outside can, and added up; nothing of one alone can be read.

A masked vector cannot be checked for its size: the node's own gate bounds it before the mask, and the opened sum is
held against what so many bounded updates can add up to. Which site broke that cannot be said and is not claimed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from coordinator.aggregation.secure_relay import SecureFault, SecureRoundFailed, Sheet, WordRefused, read_word
from coordinator.aggregation.secure_sum import MaskedSum, OpenedSum, Words, words_of
from coordinator.aggregation.server_step import Server
from coordinator.aggregation.update import check_metrics, rounding_norm
from coordinator.aggregation.weighted_sum import Aggregate, model_of_sum
from protocols.masking import MaskedStatement, MaskedUpdate, WordBits
from protocols.models import Dtype, TensorSpec, blob_bytes
from protocols.plans import TrainingPlan
from protocols.signing import Purpose
from protocols.sparse import longest_mean, sparse_terms
from protocols.word_range import largest_weight, word_bits


@dataclass(frozen=True, slots=True)
class MaskedContribution:
    """One site's masked words, its statement, and the statement as it was sealed."""

    site_id: str
    statement: MaskedStatement
    sealed_statement: bytes
    words: Words


def plan_bits(plan: TrainingPlan, *, members: int) -> WordBits:
    """The word of a plan's sums. Raises: RangeNotProven, SparseRefused."""
    if sparse_terms(plan, members=members) is not None:
        return 16
    weights = members * largest_weight(plan.cohort.max_cases)
    return word_bits(clip=plan.update_norm_bound, scale_bits=plan.aggregation.scale_bits, weights=weights)


def check_masked(update: MaskedUpdate, blob: bytes, *, sheet: Sheet, plan: TrainingPlan) -> MaskedContribution:
    """The update as one to be added up.

    Raises:
        WordRefused: its statement is not this member's, of this attempt and of these bytes, or the vector is not the
            plan's.
        UpdateRefused: a figure that cannot be.
    """
    about = sheet.members.about
    bits = plan_bits(plan, members=about.members_n)
    specs = tuple(TensorSpec(name=spec.name, shape=spec.shape, dtype=Dtype.INT32) for spec in plan.model.tensors)
    shaped = (update.tensors, update.scale_bits, update.word_bits)
    turns = sparse_terms(plan, members=about.members_n)
    count = blob_bytes(specs) // 4 + 1 if turns is None else turns.words(about.round)
    if shaped != (specs, plan.aggregation.scale_bits, bits) or len(blob) != count * bits // 8:
        raise WordRefused("not a vector of this plan")
    check_metrics(update.metrics)
    by = sheet.members.identities[update.site_id]
    said = read_word(update.sealed_statement, MaskedStatement, Purpose.MASKED_STATEMENT, by=by)
    stated = (said.site_id, said.about, said.adverts_sha256, said.vector_sha256)
    if stated != (update.site_id, about, sheet.sha256, hashlib.sha256(blob).hexdigest()):
        raise WordRefused("the statement is of another vector")
    return MaskedContribution(update.site_id, said, update.sealed_statement, words_of(blob, bits))


def add_up(sheet: Sheet, parts: Mapping[str, MaskedContribution]) -> MaskedSum:
    """The masked sum of all parts. Raises: SecureRoundFailed when they are not of one model and one set of peers."""
    stated = {(part.statement.peers, part.statement.model_sha256) for part in parts.values()}
    if len(stated) != 1:
        raise SecureRoundFailed(SecureFault.MODELS_DIFFER)
    ((peers, model_sha256),) = stated
    survivors = tuple(sorted(parts))
    words = np.zeros_like(parts[survivors[0]].words)
    for site in survivors:
        words += parts[site].words
    return MaskedSum(sheet, peers, survivors, model_sha256, words)


def model_after(
    base: bytes, opened: OpenedSum, plan: TrainingPlan, *, survivors: int, moments: bytes = b""
) -> Aggregate:
    """The next model, once the sum is one that bounded updates of so many survivors can have.

    Raises:
        SecureRoundFailed: it is not: a site sent what its gate should have refused.
        ModelNotFinite: the result left the range of float32.
    """
    if opened.weight > survivors * largest_weight(plan.cohort.max_cases):
        raise SecureRoundFailed(SecureFault.SUM_OUT_OF_RANGE)
    server, scale_bits = Server(plan.strategy, moments), plan.aggregation.scale_bits
    aggregate = model_of_sum(base, opened.total, opened.weight, scale_bits=scale_bits, server=server)
    check_length(aggregate, plan)
    return aggregate


def check_length(aggregate: Aggregate, plan: TrainingPlan) -> None:
    """Return when the mean of a round is no longer than it may be. Raises: SecureRoundFailed."""
    count, scale_bits = len(aggregate.blob) // 4, plan.aggregation.scale_bits
    if aggregate.update_norm > longest_mean(plan) + rounding_norm(count, scale_bits):
        raise SecureRoundFailed(SecureFault.SUM_OUT_OF_RANGE)
