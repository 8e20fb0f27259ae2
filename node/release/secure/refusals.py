"""Why a node does not go on with a secure round. What only a lie can bring about ends the attempt."""

from __future__ import annotations

from enum import StrEnum

from node.release.refusals import InstructionRefused
from protocols.errors import RefusalCode


class SecureReason(StrEnum):
    """Why; stays inside the hospital."""

    OTHER_TERMS = "other-terms"
    """Threshold, colluders or minimum are not those of plan and hospital."""
    OTHER_MEMBERS = "other-members"
    """Not the members the run began with."""
    NOT_VOUCHED = "not-vouched"
    """A member whose key no hospital vouched for."""
    OLD_ATTEMPT = "old-attempt"
    OUT_OF_TURN = "out-of-turn"
    """The attempt is not, or no longer, where this could be asked."""
    ASKED_DIFFERENTLY = "asked-differently"
    """The same thing was asked with other bytes before."""
    OTHER_MODEL = "other-model"
    SUM_REFUSED = "sum-refused"
    """The sum told with the asking for keys is none that so many bounded updates can have."""
    MODEL_MISSING = "model-missing"
    """The model before the one named is not here, so that it cannot be made here."""
    KEPT_BACK_MISSING = "kept-back-missing"
    """What earlier rounds kept back of this hospital's updates is not here."""
    RANGE_NOT_PROVEN = "range-not-proven"
    TOO_LARGE = "too-large"
    """A masked update of the plan would fit no frame."""
    ADVERT_FORGED = "advert-forged"
    ADVERTS_DIFFER = "adverts-differ"
    TOO_FEW_PEERS = "too-few-peers"
    SHARES_DAMAGED = "shares-damaged"
    LIST_REFUSED = "list-refused"
    STATEMENT_FORGED = "statement-forged"
    STATEMENTS_DIFFER = "statements-differ"
    VOTE_FORGED = "vote-forged"
    TOO_FEW_VOTES = "too-few-votes"
    OTHER_LIST = "other-list"
    """Another list was voted for, or revealed for in this round, before."""


LIES = frozenset(SecureReason) - {
    SecureReason.OTHER_TERMS,
    SecureReason.OTHER_MEMBERS,
    SecureReason.NOT_VOUCHED,
    SecureReason.OLD_ATTEMPT,
    SecureReason.OUT_OF_TURN,
    SecureReason.MODEL_MISSING,
    SecureReason.KEPT_BACK_MISSING,
    SecureReason.RANGE_NOT_PROVEN,
    SecureReason.TOO_LARGE,
}
"""Reasons no honest coordinator and no honest hospital gives, once an attempt is under way."""


class SecureRefused(InstructionRefused):
    """A step of a secure round that is not taken."""

    code = RefusalCode.OUTSIDE_APPROVAL

    def __init__(self, reason: SecureReason) -> None:
        super().__init__(f"secure aggregation: {reason.value}")
        self.reason = reason

    @property
    def ends_attempt(self) -> bool:
        """Whether the attempt's secrets must be destroyed."""
        return self.reason in LIES
