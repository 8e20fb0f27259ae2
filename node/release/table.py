"""The gate table: one row per type that may leave, and nothing else may.

A row says by which channel, sealed for which purpose, whether the approval is checked again in the transaction of the
send, how large the frame may be, and which checks hold, in order. Adding a type to `protocols` changes nothing here:
until it has a row it cannot leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from node.release import checks
from node.release.promise import Outgoing, Promise
from node.release.secure import leaving
from node.release.secure.state import Act
from node.release.secure.words import MASKED_BYTES_MAX
from protocols.approvals import Approval, Withdrawal
from protocols.encoding import Wire
from protocols.enrolment import EnrolmentRequest
from protocols.ledger_roots import ROOT_BYTES_MAX, LedgerRoot
from protocols.masking import (
    ADVERT_BYTES_MAX,
    SEALED_BYTES_MAX,
    MaskedStatement,
    MaskedUpdate,
    MaskingAdvert,
    MaskingShares,
    SurvivorVote,
    UnmaskingShares,
)
from protocols.receipts import Channel
from protocols.results import ErrorReport, EvaluationResult
from protocols.roster import PEER_KEY_BYTES_MAX, PeerKey, PeerKeyRevocation
from protocols.signing import Purpose
from protocols.updates import ModelUpdate

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE

GateCheck = Callable[[Outgoing, Promise], None]


@dataclass(frozen=True, slots=True)
class Row:
    """How one type leaves."""

    channel: Channel
    purpose: Purpose
    needs_approval: bool
    max_bytes: int
    checks: tuple[GateCheck, ...]


GATE_TABLE: Mapping[type[Wire], Row] = MappingProxyType(
    {
        EnrolmentRequest: Row(
            Channel.API,
            Purpose.ENROLMENT,
            needs_approval=False,
            max_bytes=16 * KIBIBYTE,
            checks=(checks.carries_no_blob, checks.names_own_key),
        ),
        Approval: Row(
            Channel.API,
            Purpose.APPROVAL,
            needs_approval=True,
            max_bytes=4 * KIBIBYTE,
            checks=(checks.carries_no_blob, checks.names_this_site, checks.approves_what_was_offered),
        ),
        Withdrawal: Row(
            Channel.API,
            Purpose.WITHDRAWAL,
            needs_approval=False,
            max_bytes=4 * KIBIBYTE,
            checks=(checks.carries_no_blob, checks.names_this_site, checks.ends_what_was_approved),
        ),
        ModelUpdate: Row(
            Channel.FLEET,
            Purpose.UPDATE,
            needs_approval=True,
            max_bytes=256 * MEBIBYTE,
            checks=(
                checks.names_this_site,
                checks.answers_its_reservation,
                checks.has_no_running_statistics,
                checks.has_the_plans_tensors,
                checks.is_within_the_norm,
                checks.weighs_in_bands,
                checks.tells_only_approved_figures,
            ),
        ),
        EvaluationResult: Row(
            Channel.FLEET,
            Purpose.RESULT,
            needs_approval=True,
            max_bytes=8 * KIBIBYTE,
            checks=(
                checks.carries_no_blob,
                checks.names_this_site,
                checks.answers_its_reservation,
                checks.counts_hide_small_cells,
                checks.tells_only_approved_figures,
            ),
        ),
        MaskingAdvert: Row(
            Channel.FLEET,
            Purpose.MASKING_ADVERT,
            needs_approval=True,
            max_bytes=ADVERT_BYTES_MAX,
            checks=(checks.carries_no_blob, checks.names_this_site, leaving.is_of_its_attempt),
        ),
        MaskingShares: Row(
            Channel.FLEET,
            Purpose.MASKING_SHARES,
            needs_approval=True,
            max_bytes=64 * KIBIBYTE,
            checks=(
                checks.carries_no_blob,
                checks.names_this_site,
                leaving.is_of_its_attempt,
                leaving.deals_to_others_alone,
            ),
        ),
        # Leaves only inside the masked update it is of; the row is what lets it be sealed.
        MaskedStatement: Row(
            Channel.FLEET,
            Purpose.MASKED_STATEMENT,
            needs_approval=True,
            max_bytes=SEALED_BYTES_MAX,
            checks=(checks.carries_no_blob, checks.names_this_site, leaving.is_of_its_attempt),
        ),
        MaskedUpdate: Row(
            Channel.FLEET,
            Purpose.MASKED_UPDATE,
            needs_approval=True,
            max_bytes=MASKED_BYTES_MAX + MEBIBYTE,
            checks=(
                checks.names_this_site,
                leaving.is_of_its_attempt,
                leaving.has_the_plans_words,
                leaving.states_its_own_vector,
                checks.tells_only_approved_figures,
            ),
        ),
        SurvivorVote: Row(
            Channel.FLEET,
            Purpose.SURVIVOR_VOTE,
            needs_approval=True,
            max_bytes=SEALED_BYTES_MAX,
            checks=(
                checks.carries_no_blob,
                checks.names_this_site,
                leaving.is_of_its_attempt,
                leaving.is_in_its_own_list,
            ),
        ),
        UnmaskingShares: Row(
            Channel.FLEET,
            Purpose.UNMASKING,
            needs_approval=True,
            max_bytes=64 * KIBIBYTE,
            checks=(
                checks.carries_no_blob,
                checks.names_this_site,
                leaving.is_of_its_attempt,
                leaving.is_in_its_own_list,
                leaving.shows_one_secret_of_each,
            ),
        ),
        LedgerRoot: Row(
            Channel.API,
            Purpose.LEDGER_ROOT,
            needs_approval=False,
            max_bytes=ROOT_BYTES_MAX,
            checks=(checks.carries_no_blob, checks.names_this_site, checks.closes_the_day_as_the_ledger_stands),
        ),
        PeerKey: Row(
            Channel.API,
            Purpose.PEER_KEY,
            needs_approval=False,
            max_bytes=PEER_KEY_BYTES_MAX,
            checks=(checks.carries_no_blob, checks.names_the_compared_key),
        ),
        PeerKeyRevocation: Row(
            Channel.API,
            Purpose.PEER_KEY_REVOCATION,
            needs_approval=False,
            max_bytes=PEER_KEY_BYTES_MAX,
            checks=(checks.carries_no_blob, checks.names_the_compared_key),
        ),
        ErrorReport: Row(
            Channel.FLEET,
            Purpose.REFUSAL,
            needs_approval=False,
            max_bytes=2 * KIBIBYTE,
            checks=(checks.carries_no_blob, checks.names_this_site, checks.says_only_a_code),
        ),
    }
)

_STEPS: Mapping[Act, type[Wire]] = MappingProxyType(
    {
        Act.ADVERTISE: MaskingAdvert,
        Act.SHARE: MaskingShares,
        Act.MASK: MaskedUpdate,
        Act.VOTE: SurvivorVote,
        Act.REVEAL: UnmaskingShares,
    }
)


def row_of_step(act: Act) -> tuple[str, Row]:
    """What answers a step of a secure round: the kind of its message, and its row."""
    message = _STEPS[act]
    return message.kind, GATE_TABLE[message]
