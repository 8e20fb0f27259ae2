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
from protocols.approvals import Approval, Withdrawal
from protocols.encoding import Wire
from protocols.enrolment import EnrolmentRequest
from protocols.receipts import Channel
from protocols.results import ErrorReport, EvaluationResult
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
                checks.tells_only_the_plans_figures,
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
                checks.tells_only_the_plans_figures,
            ),
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
