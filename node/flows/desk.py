"""The wall's desk: everything people and other processes may ask of it, and nothing else.

Two ports, so that a page needs no more than it shows. A refusal is one `DeskRefused` with a code; what it means for a
status or a sentence is the edge's business.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from node.flows.wall_views import (
    ApprovalForm,
    ApprovalView,
    FederationView,
    LedgerPage,
    PlanDetail,
    PlanView,
    VerdictView,
    WithdrawalForm,
)
from node.ground.errors import NodeError


class DeskProblem(StrEnum):
    """Why the desk refused."""

    NOT_JOINED = "not-joined"
    OFFER_UNKNOWN = "offer-unknown"
    STANDING_REFUSED = "plan-standing-refused"
    PLAN_TAKEN = "plan-approved-already"
    CANNOT_TAKE_PART = "plan-cannot-be-approved"
    OUTSIDE_PLAN = "approval-outside-plan"
    REASON_NOT_YOURS = "reason-not-yours"
    NO_DAY_CLOSED = "no-day-closed"
    WALL_UNREACHABLE = "wall-unreachable"
    CALL_REFUSED = "wall-call-refused"


class DeskRefused(NodeError):
    """The desk did not do what was asked; `detail` is a code that says more, or empty."""

    def __init__(self, problem: DeskProblem, detail: str = "") -> None:
        super().__init__(f"{problem.value} {detail}".strip())
        self.problem = problem
        self.detail = detail


class PlanDesk(Protocol):
    """Plans, and what this hospital says to them. Raises: DeskRefused."""

    def plans(self) -> list[PlanView]:
        """Every plan that was offered, the latest first."""
        ...

    def plan(self, offer_sha256: str) -> PlanDetail:
        """One plan in words."""
        ...

    def approve(self, offer_sha256: str, form: ApprovalForm, *, person_id: str) -> ApprovalView:
        """The approval, which holds from now on."""
        ...

    def withdraw(self, offer_sha256: str, form: WithdrawalForm, *, person_id: str) -> ApprovalView:
        """The approval, which no longer holds."""
        ...


class SightDesk(Protocol):
    """What left, how the line stands, what was found. Raises: DeskRefused."""

    def federation(self) -> FederationView:
        """Whether and how this node belongs to a federation."""
        ...

    def ledger(self, after: int, limit: int) -> LedgerPage:
        """A page of what left."""
        ...

    def ledger_lines(self, after: int, limit: int) -> list[str]:
        """Lines of the export, in order."""
        ...

    def verdicts(self) -> list[VerdictView]:
        """The benefit verdict of every run."""
        ...


class WallDesk(PlanDesk, SightDesk, Protocol):
    """The whole desk."""
