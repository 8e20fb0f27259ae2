"""The plans this hospital was offered, and what it said to each; the port of every flow that needs one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from node.ground.audit import AuditEvent
from node.release.approvals import HeldApproval, Standing, standing_of
from node.release.bounds import Offer
from node.release.stops import Stop
from node.release.wish import FirstYes


@dataclass(frozen=True, slots=True)
class KnownOffer:
    """An offer, the latest approval this hospital gave to it, if any, and every stop of its plan."""

    offered: Offer
    held: HeldApproval | None
    received_at: datetime
    stops: tuple[Stop, ...] = ()
    first_yes: FirstYes | None = None
    """A steward's wish for this very offer that waits for a second steward."""

    def standing(self, now: datetime) -> Standing:
        """Where the offer stands at this moment."""
        return standing_of(self.held, plan_expires_at=self.offered.plan.expires_at, now=now)


class PlanBook(Protocol):
    """Where offers are kept."""

    def keep(self, offered: Offer, sealed: bytes, event: AuditEvent) -> bool:
        """The offer is kept; False when it was already."""
        ...

    def offers(self) -> list[KnownOffer]:
        """Every offer, the latest first."""
        ...

    def offer(self, offer_sha256: str) -> KnownOffer | None:
        """The offer of this digest."""
        ...

    def approved(self, plan_id: str) -> KnownOffer | None:
        """The offer of this plan that was approved, whether or not the approval still holds."""
        ...
