"""The send: one transaction that checks the approval again, puts the exact bytes in the outbox and enters the ledger.

Only after it ended may bytes leave. When it fails at any step, nothing of it holds. Bytes that are already there for
the same exchange are the answer, whatever was made since.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.clock import Clock
from node.release.approvals import HeldApproval, in_force
from node.release.gate import Passed
from node.release.outbox import Origin, Parcel
from node.release.refusals import ApprovalMissing
from protocols.receipts import LedgerEntry
from protocols.signing import Identity, PublicIdentity

WALL = Actor(ActorKind.NODE, "wall")


@dataclass(frozen=True, slots=True)
class OwnSite:
    """This hospital towards its coordinator: identifier, identity, and whom it believes."""

    site_id: str
    identity: Identity
    coordinator: PublicIdentity


class Sending(Protocol):
    """An open writing transaction of the wall's database; nothing holds before it ends well."""

    def held_approval(self, plan_id: str) -> HeldApproval | None:
        """The latest approval of a plan, as this transaction sees it."""
        ...

    def stored(self, parcel: Parcel) -> bytes | None:
        """The bytes that were put in the outbox for the same exchange, or these very bytes.

        Raises:
            AnswerEmptied: the exchange was answered with other bytes, which are no longer kept.
        """
        ...

    def put(self, parcel: Parcel) -> None:
        """The bytes are in the outbox, released."""
        ...

    def enter(self, parcel: Parcel, event: AuditEvent) -> LedgerEntry:
        """The ledger's next entry names the bytes."""
        ...


class SendUnit(Protocol):
    """Opens transactions for sends."""

    def sending(self) -> AbstractContextManager[Sending]:
        """One transaction: everything in it holds, or nothing."""
        ...


def parcel_of(passed: Passed, origin: Origin, at: datetime) -> Parcel:
    """What passed the gate, as a parcel."""
    return Parcel(
        sealed=passed.sealed,
        message_kind=passed.kind,
        channel=passed.row.channel,
        origin=origin,
        released_at=at,
    )


def send(unit: SendUnit, parcel: Parcel, *, needs_approval: bool, clock: Clock) -> bytes:
    """The bytes that may now leave: the parcel's, or those stored for the same exchange before.

    Raises:
        ApprovalMissing, ApprovalWithdrawn, ApprovalExpired: the approval no longer holds; nothing was stored.
        AnswerEmptied: the exchange was answered with bytes that are no longer kept; nothing was stored.
    """
    with unit.sending() as door:
        return release(door, parcel, needs_approval=needs_approval, now=clock.now())


def release(door: Sending, parcel: Parcel, *, needs_approval: bool, now: datetime) -> bytes:
    """The steps of a send inside its transaction, in their order.

    Raises:
        ApprovalMissing, ApprovalWithdrawn, ApprovalExpired: the approval no longer holds.
        AnswerEmptied: the exchange was answered with bytes that are no longer kept.
    """
    if needs_approval:
        _check_again(door, parcel, now)
    stored = door.stored(parcel)
    if stored is not None:
        return stored
    door.put(parcel)
    door.enter(parcel, _released(parcel, now))
    return parcel.sealed


def _check_again(door: Sending, parcel: Parcel, now: datetime) -> None:
    held = None if parcel.origin.plan_id is None else door.held_approval(parcel.origin.plan_id)
    if in_force(held, now).approval_id != parcel.origin.approval_id:
        raise ApprovalMissing("the message was made under an earlier approval")


def _released(parcel: Parcel, now: datetime) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor=WALL,
        action="message.released",
        subject=f"message:{parcel.sent_sha256}",
        reason=parcel.message_kind,
    )
