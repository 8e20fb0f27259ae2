"""Images of withdrawn cases on their way into quarantine, and which series were cleaned like them, in `intake.db`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, Row, Select, case, func, select, update

from node.deidentify.verdict import CleaningStep
from node.flows.exclude_parts import Withdrawal
from node.ground.audit import AuditEvent
from node.intake.received import IntakeReason, ReceivedState
from node.labeling.concern import AlikeSeries, CleaningRule
from node.storage.audit import record
from node.storage.clean_index import visible
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.exclusion_rows import HELD_BY_LAW
from node.storage.header_tables import CLEAN_INSTANCE, CLEAN_SERIES
from node.storage.intake_tables import AUDIT, IMAGE, RECEIVED
from node.storage.withdrawal_rows import forget_headers

_MAKER: Final = "00080070"
_OF_PICTURES: Final = frozenset({CleaningStep.AREAS_BLANKED, CleaningStep.TEXT_BLANKED, CleaningStep.TEXT_SEARCHED})


@dataclass(frozen=True, slots=True)
class IncidentRows:
    """Implements `ImagesOut` and `CleanedAlike`."""

    engine: Engine

    def still_clean(self, image_ids: Sequence[str]) -> Sequence[Withdrawal]:
        """Those of the images that stand as clean. Raises: StoreFailed."""
        held = case((RECEIVED.c.received_id.in_(HELD_BY_LAW), 1), else_=0).label("held")
        query = (
            select(RECEIVED.c.received_id, IMAGE.c.image_id, held)
            .join(IMAGE, IMAGE.c.received_id == RECEIVED.c.received_id)
            .where(IMAGE.c.image_id.in_(image_ids), RECEIVED.c.state == ReceivedState.CLEAN.value)
        )
        with refusing(), reading(self.engine) as connection:
            return [Withdrawal(row.received_id, row.image_id, bool(row.held)) for row in connection.execute(query)]

    def hold(self, batch: Sequence[Withdrawal], events: Sequence[AuditEvent]) -> None:
        """The images stand in quarantine; headers of those not held by law are gone. Raises: StoreFull, StoreFailed."""
        standing = {"state": ReceivedState.QUARANTINED.value, "reason": IntakeReason.IDENTITY_SEEN.text_key}
        rows = update(RECEIVED).where(RECEIVED.c.received_id.in_([one.received_id for one in batch]))
        with refusing(), writing(self.engine) as connection:
            connection.execute(rows.values(**standing, settled_at=events[0].at))
            forget_headers(connection, [one.image_id for one in batch if not one.held])
            record(connection, AUDIT, *events)

    def rule_of(self, image_ids: list[str]) -> CleaningRule | None:
        """By which rule the images were cleaned, by the first that has a header. Raises: StoreFailed."""
        query = _cleaned().where(CLEAN_INSTANCE.c.image_id.in_(image_ids)).order_by(CLEAN_INSTANCE.c.number).limit(1)
        with refusing(), reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else _rule_of(row)

    def series(self, rule: CleaningRule, limit: int) -> list[AlikeSeries]:
        """The series that the rule cleaned too, the latest first. Raises: StoreFailed."""
        query = _cleaned().where(
            CLEAN_SERIES.c.modality == rule.modality,
            CLEAN_INSTANCE.c.sop_class_uid == rule.sop_class_uid,
            visible(CLEAN_INSTANCE.c.patient_number),
        )
        grouped = query.add_columns(func.count().label("images")).group_by(*query.selected_columns)
        with refusing(), reading(self.engine) as connection:
            rows = connection.execute(grouped.order_by(func.max(CLEAN_INSTANCE.c.number).desc()))
            alike = [AlikeSeries(row.study_uid, row.series_uid, row.images) for row in rows if _rule_of(row) == rule]
        return alike[:limit]


def _cleaned() -> Select[Any]:
    same = (
        (CLEAN_SERIES.c.study_uid == CLEAN_INSTANCE.c.study_uid)
        & (CLEAN_SERIES.c.series_uid == CLEAN_INSTANCE.c.series_uid)
        & (CLEAN_SERIES.c.patient_number == CLEAN_INSTANCE.c.patient_number)
    )
    columns = (CLEAN_INSTANCE.c.study_uid, CLEAN_INSTANCE.c.series_uid, CLEAN_INSTANCE.c.sop_class_uid)
    return (
        select(*columns, CLEAN_SERIES.c.modality, CLEAN_SERIES.c.attributes, RECEIVED.c.done)
        .join(CLEAN_SERIES, same)
        .join(IMAGE, IMAGE.c.image_id == CLEAN_INSTANCE.c.image_id)
        .join(RECEIVED, RECEIVED.c.received_id == IMAGE.c.received_id)
    )


def _rule_of(row: Row[Any]) -> CleaningRule:
    maker = json.loads(row.attributes).get(_MAKER, {}).get("Value") or [""]
    steps = sorted(_OF_PICTURES.intersection(row.done.split(",")))
    return CleaningRule(row.modality, str(maker[0]), row.sop_class_uid, tuple(steps))
