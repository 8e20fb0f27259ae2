"""Which received bytes may be dropped, and which a person protects from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, and_, or_, select, update

from node.ground.audit import AuditEvent
from node.intake.received import IntakeReason, ReceivedState
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.exclusion_rows import HELD_BY_LAW
from node.storage.intake_tables import AUDIT, RECEIVED


class RetainedRowsStore:
    """Implements `RetainedRows`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def droppable(self, settled_before: datetime, limit: int) -> Sequence[str]:
        """Deleted images, and clean or excluded ones settled before that moment, whose bytes are kept.

        Of a patient under a legal hold none. Raises: StoreFailed.
        """
        excluded = RECEIVED.c.reason == IntakeReason.EXCLUDED.text_key
        ended = and_(or_(RECEIVED.c.state == ReceivedState.CLEAN.value, excluded), RECEIVED.c.protected.is_(False))
        old_enough = and_(ended, RECEIVED.c.settled_at < settled_before)
        query = (
            select(RECEIVED.c.received_id)
            .where(or_(old_enough, RECEIVED.c.reason == IntakeReason.DELETED.text_key))
            .where(RECEIVED.c.dropped_at.is_(None), RECEIVED.c.received_id.not_in(HELD_BY_LAW))
            .order_by(RECEIVED.c.settled_at)
            .limit(limit)
        )
        with refusing(), reading(self._engine) as connection:
            return connection.scalars(query).all()

    def mark_dropped(self, received_ids: Sequence[str], events: Sequence[AuditEvent]) -> None:
        """The rows say that their bytes are gone. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            for received_id, event in zip(received_ids, events, strict=True):
                row = update(RECEIVED).where(RECEIVED.c.received_id == received_id)
                connection.execute(row.values(dropped_at=event.at))
            record(connection, AUDIT, *events)

    def protect(self, received_id: str, event: AuditEvent, *, protected: bool = True) -> None:
        """The image's received bytes are kept whatever their age, or no longer. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            row = update(RECEIVED).where(RECEIVED.c.received_id == received_id)
            connection.execute(row.values(protected=protected))
            record(connection, AUDIT, event)
