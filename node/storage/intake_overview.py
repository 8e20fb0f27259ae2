"""What the page shows of intake: how many images stand where, and why the quarantined ones do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, or_, select

from node.ground.audit import ActorKind, AuditEvent
from node.intake.received import ReceivedState
from node.storage.audit import events
from node.storage.database_errors import refusing
from node.storage.engine import reading
from node.storage.intake_tables import AUDIT, RECEIVED
from node.storage.quarantine_store import HELD


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """How many received images there are, and how many of them stand where."""

    received: int
    waiting: int
    clean: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class QuarantinedImage:
    """One quarantined image: its identifier, the key of the reason's text, and since when."""

    image_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SettledImage:
    """The verdict on one image: the codes of what was done to it, or the key of the reason it is quarantined for."""

    image_id: str
    done: tuple[str, ...]
    reason: str
    at: datetime


class IntakeOverview:
    """Counts and the quarantine list of `intake.db`; reads only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def counts(self) -> IntakeCounts:
        """The images by state; a deleted one is not counted. Raises: StoreFailed."""
        here = or_(RECEIVED.c.state != ReceivedState.QUARANTINED.value, HELD)
        query = select(RECEIVED.c.state, func.count()).where(here).group_by(RECEIVED.c.state)
        with refusing(), reading(self._engine) as connection:
            found = {ReceivedState(state): count for state, count in connection.execute(query)}
        return IntakeCounts(
            received=sum(found.values()),
            waiting=found.get(ReceivedState.WAITING, 0),
            clean=found.get(ReceivedState.CLEAN, 0),
            quarantined=found.get(ReceivedState.QUARANTINED, 0),
        )

    def quarantined(self, *, limit: int = 200) -> Sequence[QuarantinedImage]:
        """The latest quarantined images, newest first. Raises: StoreFailed."""
        query = (
            select(RECEIVED.c.received_id, RECEIVED.c.reason, RECEIVED.c.settled_at)
            .where(HELD)
            .order_by(RECEIVED.c.settled_at.desc(), RECEIVED.c.received_id)
            .limit(limit)
        )
        with refusing(), reading(self._engine) as connection:
            return [QuarantinedImage(row.received_id, row.reason, row.settled_at) for row in connection.execute(query)]

    def acts_of_people(self, *, limit: int = 200) -> Sequence[AuditEvent]:
        """What people did with received images, the newest first. Raises: StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            return list(events(connection, AUDIT, limit=limit, actor_kind=ActorKind.PERSON))

    def settled(self, *, limit: int = 50) -> Sequence[SettledImage]:
        """The latest verdicts, newest first. Raises: StoreFailed."""
        query = (
            select(RECEIVED.c.received_id, RECEIVED.c.done, RECEIVED.c.reason, RECEIVED.c.settled_at)
            .where(or_(RECEIVED.c.state == ReceivedState.CLEAN.value, HELD))
            .order_by(RECEIVED.c.settled_at.desc(), RECEIVED.c.received_id)
            .limit(limit)
        )
        with refusing(), reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [
            SettledImage(row.received_id, tuple(filter(None, row.done.split(","))), row.reason, row.settled_at)
            for row in rows
        ]
