"""Who acts and when: what every storing flow is told, and what its audit events are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.ground.audit import Actor, ActorKind, AuditEvent


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one actor at one moment."""

    by: Actor
    now: datetime

    def event(self, action: str, subject: str, reason: str = "") -> AuditEvent:
        """The audit event of something done in this act."""
        return AuditEvent(at=self.now, actor=self.by, action=action, subject=subject, reason=reason)


def act_of(person_id: str, now: datetime) -> Act:
    """An act of a person."""
    return Act(Actor(ActorKind.PERSON, person_id), now)
