"""Which received bytes may go early, as far as intake knows: clean, settled, unprotected, under no legal hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, or_, select

from node.flows.make_room import Purgeable
from node.intake.received import ReceivedState
from node.storage.database_errors import refusing
from node.storage.engine import reading
from node.storage.exclusion_rows import HELD_BY_LAW
from node.storage.intake_tables import IMAGE, RECEIVED


@dataclass(frozen=True, slots=True)
class PurgeableRowsStore:
    """Implements `PurgeableRows`."""

    engine: Engine

    def purgeable(self, settled_before: datetime, after: Purgeable | None, limit: int) -> Sequence[Purgeable]:
        """The next clean, unprotected images whose bytes are kept, the longest settled first. Raises: StoreFailed."""
        query = (
            select(RECEIVED.c.received_id, IMAGE.c.image_id, RECEIVED.c.settled_at)
            .join(IMAGE, IMAGE.c.received_id == RECEIVED.c.received_id)
            .where(RECEIVED.c.state == ReceivedState.CLEAN.value, RECEIVED.c.settled_at < settled_before)
            .where(RECEIVED.c.dropped_at.is_(None), RECEIVED.c.protected.is_(False))
            .where(RECEIVED.c.received_id.not_in(HELD_BY_LAW))
        )
        if after is not None:
            same = and_(RECEIVED.c.settled_at == after.settled_at, RECEIVED.c.received_id > after.received_id)
            query = query.where(or_(RECEIVED.c.settled_at > after.settled_at, same))
        query = query.order_by(RECEIVED.c.settled_at, RECEIVED.c.received_id).limit(limit)
        with refusing(), reading(self.engine) as connection:
            return [Purgeable(row.received_id, row.image_id, row.settled_at) for row in connection.execute(query)]
