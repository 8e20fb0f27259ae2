"""The book of daily roots: one witnessed root a site and day, and the first refused one of each fault."""

from __future__ import annotations

from sqlalchemy import Connection

from coordinator.ground.audit import AuditEvent
from coordinator.membership.ledger_root import HeldRoot, RefusedRoot
from coordinator.storage import tables
from coordinator.storage.rows import keep, of, record, values
from protocols.ledger_roots import RootFault


class RootBook:
    """Daily roots of sites."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, root: HeldRoot, event: AuditEvent) -> None:
        """The root and its witness are kept."""
        keep(self._connection, tables.ledger_root, root)
        record(self._connection, event)

    def find(self, site_id: str, sent_sha256: str) -> HeldRoot | None:
        """The root that came as exactly these bytes, or none."""
        root = tables.ledger_root
        query = of(HeldRoot, root).where(root.c.site_id == site_id, root.c.sent_sha256 == sent_sha256)
        return next(iter(values(self._connection, HeldRoot, query)), None)

    def latest(self, site_id: str) -> HeldRoot | None:
        """The site's latest root, or none."""
        root = tables.ledger_root
        query = of(HeldRoot, root).where(root.c.site_id == site_id).order_by(root.c.day.desc()).limit(1)
        return next(iter(values(self._connection, HeldRoot, query)), None)

    def refuse(self, root: RefusedRoot, event: AuditEvent) -> None:
        """The refused root is kept as evidence."""
        keep(self._connection, tables.refused_root, root)
        record(self._connection, event)

    def refused(self, site_id: str, fault: RootFault) -> RefusedRoot | None:
        """The first refused root of this fault of the site, or none."""
        refused = tables.refused_root
        query = of(RefusedRoot, refused).where(refused.c.site_id == site_id, refused.c.fault == fault)
        return next(iter(values(self._connection, RefusedRoot, query)), None)

    def evidence(self) -> tuple[RefusedRoot, ...]:
        """Every refused root that is kept, the first to come first."""
        refused = tables.refused_root
        return values(self._connection, RefusedRoot, of(RefusedRoot, refused).order_by(refused.c.received_at))
