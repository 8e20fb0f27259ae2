"""The background scrub: one received object after another is read and proven, slowly, round after round.

Where it stands is kept, so that a restart goes on and does not begin anew. Damage is an audit event and a line in the
log at once; a round ends with an event of its own, and the next one begins when its time has come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from node.flows.clean_endings import JOBS
from node.flows.fsck import Shelf
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.logs import log
from node.intake.damage import Damage

_KEPT_EVERY: Final = 50
DAMAGED: Final = "received.damaged"
"""The act in the audit trail; its subject is the object, its reason the damage."""


@dataclass(frozen=True, slots=True)
class ScrubStand:
    """Where the scrub stands: the last name examined, since when this round runs, and what it has met."""

    name: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None
    examined: int = 0
    damaged: int = 0


class ScrubBook(Protocol):
    """Where the stand is kept over restarts."""

    def stand(self) -> ScrubStand:
        """The stand that was kept last; a new one where none was."""
        ...

    def keep(self, stand: ScrubStand) -> None:
        """The stand is kept."""
        ...

    def record(self, event: AuditEvent) -> None:
        """The event is in the audit trail. Raises: StoreFull, StoreFailed."""
        ...


class Scrub:
    """Steps through one shelf; a step examines one object, or finds that the next round's time has not come."""

    def __init__(self, shelf: Shelf, book: ScrubBook, clock: Clock, *, every: timedelta) -> None:
        self._shelf = shelf
        self._book = book
        self._clock = clock
        self._every = every
        self._stand = book.stand()

    def step(self) -> None:
        """One object more was examined. Raises: StoreFull, StoreFailed; the object is then examined again."""
        now, stand = self._clock.now(), self._stand
        if stand.ended_at is not None:
            if stand.began_at is not None and now < stand.began_at + self._every:
                return
            stand = ScrubStand()
        if stand.began_at is None:
            stand = replace(stand, began_at=now)
        following = self._shelf.after(stand.name, 1)
        if not following:
            self._end(replace(stand, ended_at=now), now)
            return
        (shelved,) = following
        damage = self._shelf.examine(shelved)
        if damage is not None:
            self._tell(shelved.name, damage, now)
        stand = replace(stand, name=shelved.name, examined=stand.examined + 1, damaged=stand.damaged + bool(damage))
        self._stand = stand
        if damage is not None or stand.examined % _KEPT_EVERY == 0:
            self._book.keep(stand)

    def _tell(self, name: str, damage: Damage, now: datetime) -> None:
        log().error("stored bytes damaged", reason=damage.value)
        self._book.record(AuditEvent(now, JOBS, DAMAGED, f"received:{name}", damage.value))

    def _end(self, stand: ScrubStand, now: datetime) -> None:
        reason = "damage_found" if stand.damaged else "all_whole"
        self._book.record(AuditEvent(now, JOBS, "store.scrubbed", "store:received", reason))
        log().info("store scrubbed", count=stand.examined, reason=reason)
        self._stand = stand
        self._book.keep(stand)
