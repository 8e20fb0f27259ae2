"""The scrub's stand in a small file of the node's home, written whole or not at all; its findings in `intake.db`.

A stand that is lost or damaged only makes the scrub begin its round anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, select

from node.flows.scrub import DAMAGED, ScrubStand
from node.ground.audit import AuditEvent
from node.intake.damage import Damage, Found
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.intake_tables import AUDIT

_MOST_TOLD: Final = 50


class ScrubBookStore:
    """Implements `ScrubBook`."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine

    def stand(self) -> ScrubStand:
        """The stand that was kept last."""
        return kept_stand(self._path)

    def keep(self, stand: ScrubStand) -> None:
        """The stand replaces the one before."""
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(stand), default=datetime.isoformat), encoding="utf-8")
        draft.replace(self._path)

    def record(self, event: AuditEvent) -> None:
        """The event is in intake's audit trail. Raises: StoreFull, StoreFailed."""
        with refusing(), writing(self._engine) as connection:
            record(connection, AUDIT, event)

    def damaged(self, limit: int = _MOST_TOLD) -> Sequence[Found]:
        """What the round that runs, or ended last, found damaged, the latest first. Raises: StoreFailed."""
        began_at = self.stand().began_at
        if began_at is None:
            return []
        query = (
            select(AUDIT.c.subject, AUDIT.c.reason)
            .where(AUDIT.c.action == DAMAGED, AUDIT.c.at >= began_at)
            .order_by(AUDIT.c.number.desc())
            .limit(limit)
        )
        with refusing(), reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [Found("received", row.subject.removeprefix("received:"), Damage(row.reason)) for row in rows]


def kept_stand(path: Path) -> ScrubStand:
    """The stand a file holds; a new one where there is none that can be read."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        moments = {name: held[name] and datetime.fromisoformat(held[name]) for name in ("began_at", "ended_at")}
        return ScrubStand(held["name"], examined=held["examined"], damaged=held["damaged"], **moments)
    except (OSError, ValueError, KeyError, TypeError):
        return ScrubStand()
