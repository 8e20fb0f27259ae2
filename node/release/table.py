"""The gate table: one row per type that may leave, and nothing else may.

A row says by which channel, sealed for which purpose, whether the approval is checked again in the transaction of the
send, how large the frame may be, and which checks hold, in order. Adding a type to `protocols` changes nothing here:
until it has a row it cannot leave. What is sealed only to ride inside another message is no row but a part.
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


@dataclass(frozen=True, slots=True)
class SealedPart:
    """What this hospital puts its seal on for others to read inside another message. Alone it has no way out."""

    inside: type[Wire]
    purpose: Purpose
    max_bytes: int
    checks: tuple[GateCheck, ...]


_BARE: tuple[GateCheck, ...] = (checks.carries_no_blob,)
_OWN: tuple[GateCheck, ...] = (*_BARE, checks.names_this_site)
_STEP: tuple[GateCheck, ...] = (*_OWN, leaving.is_of_its_attempt)
_LIST: tuple[GateCheck, ...] = (*_STEP, leaving.is_in_its_own_list)


def _asked(purpose: Purpose, max_bytes: int, *rules: GateCheck) -> Row:
    """The row of an answer to an instruction: by Flower, under an approval."""
    return Row(Channel.FLEET, purpose, needs_approval=True, max_bytes=max_bytes, checks=rules)


def _told(purpose: Purpose, max_bytes: int, *rules: GateCheck) -> Row:
    """The row of what this hospital says of itself: by the coordinator's interface, whether it approved or not."""
    return Row(Channel.API, purpose, needs_approval=False, max_bytes=max_bytes, checks=rules)


_TOLD: Mapping[type[Wire], Row] = {
    EnrolmentRequest: _told(Purpose.ENROLMENT, 16 * KIBIBYTE, *_BARE, checks.names_own_key),
    Approval: Row(
        Channel.API,
        Purpose.APPROVAL,
        needs_approval=True,
        max_bytes=4 * KIBIBYTE,
        checks=(*_OWN, checks.approves_what_was_offered),
    ),
    Withdrawal: _told(Purpose.WITHDRAWAL, 4 * KIBIBYTE, *_OWN, checks.ends_what_was_approved),
    LedgerRoot: _told(Purpose.LEDGER_ROOT, ROOT_BYTES_MAX, *_OWN, checks.closes_the_day_as_the_ledger_stands),
    PeerKey: _told(Purpose.PEER_KEY, PEER_KEY_BYTES_MAX, *_BARE, checks.names_the_compared_key),
    PeerKeyRevocation: _told(Purpose.PEER_KEY_REVOCATION, PEER_KEY_BYTES_MAX, *_BARE, checks.names_the_compared_key),
}
_ANSWERED: Mapping[type[Wire], Row] = {
    ModelUpdate: _asked(
        Purpose.UPDATE,
        256 * MEBIBYTE,
        checks.names_this_site,
        checks.answers_its_reservation,
        checks.has_no_running_statistics,
        checks.has_the_plans_tensors,
        checks.is_within_the_norm,
        checks.weighs_in_bands,
        checks.tells_only_approved_figures,
    ),
    EvaluationResult: _asked(
        Purpose.RESULT,
        8 * KIBIBYTE,
        *_OWN,
        checks.answers_its_reservation,
        checks.counts_hide_small_cells,
        checks.tells_only_approved_figures,
    ),
    ErrorReport: Row(
        Channel.FLEET,
        Purpose.REFUSAL,
        needs_approval=False,
        max_bytes=2 * KIBIBYTE,
        checks=(*_OWN, checks.says_only_a_code),
    ),
}
_MASKED: Mapping[type[Wire], Row] = {
    MaskingAdvert: _asked(Purpose.MASKING_ADVERT, ADVERT_BYTES_MAX, *_STEP),
    MaskingShares: _asked(Purpose.MASKING_SHARES, 64 * KIBIBYTE, *_STEP, leaving.deals_to_others_alone),
    MaskedUpdate: _asked(
        Purpose.MASKED_UPDATE,
        MASKED_BYTES_MAX + MEBIBYTE,
        checks.names_this_site,
        leaving.is_of_its_attempt,
        leaving.has_the_plans_words,
        leaving.states_its_own_vector,
        checks.tells_only_approved_figures,
    ),
    SurvivorVote: _asked(Purpose.SURVIVOR_VOTE, SEALED_BYTES_MAX, *_LIST),
    UnmaskingShares: _asked(Purpose.UNMASKING, 64 * KIBIBYTE, *_LIST, leaving.shows_one_secret_of_each),
}

GATE_TABLE: Mapping[type[Wire], Row] = MappingProxyType({**_TOLD, **_ANSWERED, **_MASKED})

SEALED_PARTS: Mapping[type[Wire], SealedPart] = MappingProxyType(
    {MaskedStatement: SealedPart(MaskedUpdate, Purpose.MASKED_STATEMENT, SEALED_BYTES_MAX, _STEP)}
)
"""What is sealed and never leaves by itself; the row of what it rides in holds it again."""

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
