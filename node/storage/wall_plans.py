"""Offers and approvals in `wall.db`. An offer is opened anew at every read: what was changed on disk is no offer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from node.flows.plan_book import KnownOffer
from node.ground.audit import AuditEvent
from node.release.approvals import Act, ActRefused, HeldApproval, Standing
from node.release.bounds import Offer
from node.release.offers import open_offer
from node.release.stops import standing_stops
from node.storage.audit import record
from node.storage.engine import reading, writing
from node.storage.wall_first_yes import first_yes_of
from node.storage.wall_stops import stops_of
from node.storage.wall_tables import approval, audit, offer
from protocols.approvals import Approval, Withdrawal, WithdrawalReason
from protocols.signing import PublicIdentity


class WallPlans:
    """Implements `PlanBook`."""

    def __init__(self, engine: Engine, coordinator: PublicIdentity) -> None:
        self._engine = engine
        self._coordinator = coordinator

    def keep(self, offered: Offer, sealed: bytes, event: AuditEvent) -> bool:
        """The offer is kept; False when it was already."""
        with writing(self._engine) as connection:
            known = connection.scalar(select(offer.c.offer_sha256).where(offer.c.offer_sha256 == offered.sha256))
            if known is not None:
                return False
            connection.execute(
                insert(offer).values(
                    offer_sha256=offered.sha256, plan_id=offered.plan.plan_id, sealed=sealed, received_at=event.at
                )
            )
            record(connection, audit, event)
            return True

    def offers(self) -> list[KnownOffer]:
        """Every offer, the latest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(offer).order_by(offer.c.received_at.desc(), offer.c.offer_sha256))
            return [self._known(connection, row) for row in rows.all()]

    def offer(self, offer_sha256: str) -> KnownOffer | None:
        """The offer of this digest."""
        with reading(self._engine) as connection:
            row = connection.execute(select(offer).where(offer.c.offer_sha256 == offer_sha256)).one_or_none()
            return None if row is None else self._known(connection, row)

    def approved(self, plan_id: str) -> KnownOffer | None:
        """The offer of this plan that was approved, whether or not the approval still holds."""
        with reading(self._engine) as connection:
            held = latest_approval(connection, plan_id)
            if held is None:
                return None
            found = select(offer).where(offer.c.offer_sha256 == held.approval.offer_sha256)
            row = connection.execute(found).one()
            stops = stops_of(connection, plan_id)
            return KnownOffer(open_offer(row.sealed, self._coordinator), held, row.received_at, stops)

    def _known(self, connection: Connection, row: Row[Any]) -> KnownOffer:
        held = latest_approval(connection, row.plan_id, offer_sha256=row.offer_sha256)
        stops, first = stops_of(connection, row.plan_id), first_yes_of(connection, row.plan_id)
        if first is not None and first.wish.offer_sha256 != row.offer_sha256:
            first = None
        return KnownOffer(open_offer(row.sealed, self._coordinator), held, row.received_at, stops, first)


def latest_approval(
    connection: Connection, plan_id: str, *, offer_sha256: str | None = None, locked: bool = False
) -> HeldApproval | None:
    """The latest approval of a plan, or of one offer of it, with the plan's stops that stand; locked until the
    transaction ends where asked."""
    found = select(approval).where(approval.c.plan_id == plan_id)
    if offer_sha256 is not None:
        found = found.where(approval.c.offer_sha256 == offer_sha256)
    found = found.order_by(approval.c.given_order.desc()).limit(1)
    row = connection.execute(found.with_for_update() if locked else found).one_or_none()
    if row is None:
        return None
    reason = None if row.withdrawal_reason is None else WithdrawalReason(row.withdrawal_reason)
    stops = standing_stops(stops_of(connection, plan_id))
    return HeldApproval(Approval.model_validate_json(row.body), row.withdrawn_at, reason, stops)


def hold_approval(connection: Connection, given: Approval, event: AuditEvent) -> None:
    """The approval is the latest of its plan."""
    order = connection.scalar(select(func.coalesce(func.max(approval.c.given_order), 0))) or 0
    connection.execute(
        insert(approval).values(
            approval_id=given.approval_id,
            offer_sha256=given.offer_sha256,
            plan_id=given.plan_id,
            body=given.model_dump_json(),
            given_order=order + 1,
        )
    )
    record(connection, audit, event)


def end_approval(connection: Connection, withdrawal: Withdrawal, event: AuditEvent) -> None:
    """The approval is withdrawn.

    Raises:
        ActRefused: it was withdrawn before.
    """
    ended = connection.execute(
        update(approval)
        .where(approval.c.approval_id == withdrawal.approval_id, approval.c.withdrawn_at.is_(None))
        .values(withdrawn_at=withdrawal.withdrawn_at, withdrawal_reason=withdrawal.reason.value)
    )
    if ended.rowcount != 1:
        raise ActRefused(Standing.WITHDRAWN, Act.WITHDRAW)
    record(connection, audit, event)
