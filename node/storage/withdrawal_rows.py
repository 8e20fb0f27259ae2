"""Images of excluded patients on their way out of what readers, DICOMweb and training see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, case, delete, or_, select, update

from node.flows.exclude_parts import Withdrawal
from node.ground.audit import AuditEvent
from node.intake.received import IntakeReason, ReceivedState
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.exclusion_rows import EXCLUDED_NOW, HELD_BY_LAW, tell_held
from node.storage.header_tables import CLEAN_INSTANCE, CLEAN_SERIES, CLEAN_STUDY
from node.storage.intake_tables import AUDIT, IMAGE, RECEIVED


@dataclass(frozen=True, slots=True)
class WithdrawalRowsStore:
    """Implements `WithdrawalRows`."""

    engine: Engine

    def due(self, limit: int) -> Sequence[Withdrawal]:
        """Images of excluded patients that are clean, or were under a hold that ended. Raises: StoreFailed."""
        left_over = and_(RECEIVED.c.reason == IntakeReason.EXCLUDED.text_key, IMAGE.c.cleaned_at.is_not(None))
        held = case((RECEIVED.c.received_id.in_(HELD_BY_LAW), 1), else_=0).label("held")
        query = (
            select(RECEIVED.c.received_id, IMAGE.c.image_id, held)
            .join(IMAGE, IMAGE.c.received_id == RECEIVED.c.received_id)
            .where(IMAGE.c.patient_number.in_(EXCLUDED_NOW))
            .where(or_(RECEIVED.c.state == ReceivedState.CLEAN.value, left_over))
            .limit(limit)
        )
        with refusing(), reading(self.engine) as connection:
            return [Withdrawal(row.received_id, row.image_id, bool(row.held)) for row in connection.execute(query)]

    def withdrawn(self, batch: Sequence[Withdrawal], events: Sequence[AuditEvent]) -> None:
        """The images stand in quarantine; headers of those not held are gone. Raises: StoreFull, StoreFailed."""
        received_ids = [one.received_id for one in batch]
        gone = [one.image_id for one in batch if not one.held]
        with refusing(), writing(self.engine) as connection:
            row = update(RECEIVED).where(RECEIVED.c.received_id.in_(received_ids))
            standing = {"state": ReceivedState.QUARANTINED.value, "reason": IntakeReason.EXCLUDED.text_key, "done": ""}
            connection.execute(row.values(**standing, settled_at=events[0].at))
            tell_held(connection, received_ids)
            forget_headers(connection, gone)
            record(connection, AUDIT, *events)


def forget_headers(connection: Connection, image_ids: Sequence[str]) -> None:
    """No header of these images is left, and of their patients' studies and series none without an image."""
    connection.execute(delete(CLEAN_INSTANCE).where(CLEAN_INSTANCE.c.image_id.in_(image_ids)))
    patients = select(IMAGE.c.patient_number).where(IMAGE.c.image_id.in_(image_ids))
    for table in (CLEAN_SERIES, CLEAN_STUDY):
        left = select(CLEAN_INSTANCE.c.number).where(CLEAN_INSTANCE.c.patient_number == table.c.patient_number)
        connection.execute(delete(table).where(table.c.patient_number.in_(patients), ~left.exists()))
    connection.execute(update(IMAGE).where(IMAGE.c.image_id.in_(image_ids)).values(cleaned_at=None, described_at=None))
