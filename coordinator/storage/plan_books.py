"""The books of plans: offers, approvals, receipts, releases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from coordinator.flows.books import HeldReceipt
from coordinator.ground.audit import AuditEvent
from coordinator.offers.approval import HeldApproval
from coordinator.offers.offer import Offer
from coordinator.publication.release import Release
from coordinator.storage import tables
from coordinator.storage.rows import columns_of, keep, of, record, values


class PlanBook:
    """Offers by their plan."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, offer: Offer, event: AuditEvent) -> None:
        """The offer is kept."""
        keep(self._connection, tables.plan, offer)
        record(self._connection, event)

    def find(self, plan_id: str) -> Offer | None:
        """The offer, or none."""
        query = of(Offer, tables.plan).where(tables.plan.c.plan_id == plan_id)
        return next(iter(values(self._connection, Offer, query)), None)

    def all(self) -> tuple[Offer, ...]:
        """Every offer, the latest first."""
        return values(self._connection, Offer, of(Offer, tables.plan).order_by(tables.plan.c.number.desc()))


class ApprovalBook:
    """Approvals, withdrawn ones too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, approval: HeldApproval, event: AuditEvent) -> None:
        """The approval is kept."""
        keep(self._connection, tables.approval, approval)
        record(self._connection, event)

    def save(self, approval: HeldApproval, event: AuditEvent) -> None:
        """The approval is as given."""
        named = tables.approval.c.approval_id == approval.approval_id
        self._connection.execute(update(tables.approval).where(named).values(**columns_of(approval)))
        record(self._connection, event)

    def find(self, approval_id: str) -> HeldApproval | None:
        """The approval, or none."""
        query = of(HeldApproval, tables.approval).where(tables.approval.c.approval_id == approval_id)
        return next(iter(values(self._connection, HeldApproval, query)), None)

    def of_plan(self, plan_id: str) -> tuple[HeldApproval, ...]:
        """Every approval of a plan, the first first."""
        query = of(HeldApproval, tables.approval).where(tables.approval.c.plan_id == plan_id)
        return values(self._connection, HeldApproval, query.order_by(tables.approval.c.number))


class ReceiptBook:
    """Receipts for what sites sent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, receipt: HeldReceipt) -> None:
        """The receipt is kept."""
        keep(self._connection, tables.receipt, receipt)

    def find(self, site_id: str, sent_sha256: str) -> HeldReceipt | None:
        """The receipt for these bytes of this site, or none."""
        receipt = tables.receipt
        query = of(HeldReceipt, receipt).where(receipt.c.site_id == site_id, receipt.c.sent_sha256 == sent_sha256)
        return next(iter(values(self._connection, HeldReceipt, query)), None)

    def latest(self, site_id: str, *, since: datetime, limit: int) -> tuple[HeldReceipt, ...]:
        """The site's latest receipts from that moment on, the latest first."""
        receipt = tables.receipt
        query = of(HeldReceipt, receipt).where(receipt.c.site_id == site_id, receipt.c.received_at >= since)
        return values(self._connection, HeldReceipt, query.order_by(receipt.c.number.desc()).limit(limit))


class ReleaseBook:
    """Published models."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, release: Release, event: AuditEvent) -> None:
        """The release is kept."""
        keep(self._connection, tables.release, release)
        record(self._connection, event)

    def all(self) -> tuple[Release, ...]:
        """Every release, the latest first."""
        return values(self._connection, Release, of(Release, tables.release).order_by(tables.release.c.number.desc()))
