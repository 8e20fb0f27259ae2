"""The wall's desk: everything people and other processes may ask of it, and nothing else.

Two ports, so that a page needs no more than it shows. A refusal is one `DeskRefused` with a code; what it means for a
status or a sentence is the edge's business.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol

from node.flows.ledger_views import LedgerPage
from node.flows.peer_views import ComparisonForm, ComparisonView, HeardForm, PeersView, PeerView
from node.flows.taking_part_views import TakingPartView
from node.flows.wall_views import (
    ApprovalForm,
    ApprovalView,
    FederationView,
    FirstYesView,
    LiftForm,
    PlanDetail,
    PlanView,
    StopForm,
    StopView,
    VerdictView,
)
from node.ground.audit import Actor
from node.ground.errors import NodeError


class DeskProblem(StrEnum):
    """Why the desk refused."""

    NOT_JOINED = "not-joined"
    OFFER_UNKNOWN = "offer-unknown"
    STANDING_REFUSED = "plan-standing-refused"
    PLAN_TAKEN = "plan-approved-already"
    CANNOT_TAKE_PART = "plan-cannot-be-approved"
    OUTSIDE_PLAN = "approval-outside-plan"
    OFFICE_NOT_YOURS = "office-not-yours"
    PLAN_STOPPED = "plan-stopped"
    STOPPED_ALREADY = "plan-stopped-already"
    NOT_STOPPED = "plan-not-stopped"
    SECOND_YES_NEEDED = "second-yes-needed"
    SECOND_YES_IS_YOURS = "second-yes-is-yours"
    FIRST_YES_GONE = "first-yes-gone"
    EPSILON_TOO_SMALL = "epsilon-too-small"
    NO_DAY_CLOSED = "no-day-closed"
    PEER_REFUSED = "peer-refused"
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

    def say_first_yes(self, offer_sha256: str, form: ApprovalForm, *, person_id: str) -> FirstYesView:
        """The first yes, which waits for a second steward."""
        ...

    def confirm(self, offer_sha256: str, yes_id: str, *, person_id: str) -> ApprovalView:
        """The approval that another steward wished for, which holds from now on."""
        ...

    def drop_first_yes(self, offer_sha256: str, yes_id: str, *, person_id: str) -> None:
        """The first yes waits no more."""
        ...

    def stop(self, offer_sha256: str, form: StopForm, *, by: Actor) -> StopView:
        """The office's stop, which stands from now on."""
        ...

    def lift(self, offer_sha256: str, form: LiftForm, *, by: Actor) -> StopView:
        """The office's stop, which stands no more."""
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

    def taking_part(self, patients: Collection[int]) -> TakingPartView:
        """What these patients, by the node's own numbers, had a part in."""
        ...


class PeerDesk(Protocol):
    """Other hospitals' keys. Raises: DeskRefused."""

    def peers(self) -> PeersView:
        """Every member of the roster."""
        ...

    def compare_peer(self, site_id: str, form: ComparisonForm, *, person_id: str) -> ComparisonView:
        """A comparison is under way; what to read out."""
        ...

    def sign_peer(self, site_id: str, form: HeardForm, *, person_id: str) -> PeerView:
        """The member whose key this hospital vouches for from now on."""
        ...

    def revoke_peer(self, site_id: str, *, person_id: str) -> PeerView:
        """The member whose key this hospital believes no more."""
        ...


class WallDesk(PlanDesk, SightDesk, Protocol):
    """The whole desk."""

    @property
    def peer_desk(self) -> PeerDesk:
        """The part about other hospitals' keys."""
        ...
