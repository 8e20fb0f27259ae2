"""The audit event: who did what to which thing, when. A required argument of every stored decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActorKind(StrEnum):
    """Who can act."""

    OPERATOR = "operator"
    SITE = "site"
    PARTNER = "partner"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: the operator, a site or a partner by identifier, or a process of the coordinator."""

    kind: ActorKind
    actor_id: str = ""


OPERATOR = Actor(ActorKind.OPERATOR)
COORDINATOR = Actor(ActorKind.COORDINATOR)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One act, ready to be stored in the transaction of the decision it belongs to."""

    at: datetime
    actor: Actor
    action: str
    """A dotted code, e.g. `site.admitted`."""
    subject: str
    """Kind and identifier of what was acted on, e.g. `site:5f0c…`."""
    reason: str = ""
    """A code, never free text."""
