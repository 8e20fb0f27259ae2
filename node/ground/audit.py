"""The audit event: who did what to which thing, when. A required argument of every stored decision.

Carries identifiers and codes only, never a name, a tag value or free text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActorKind(StrEnum):
    """Who can act."""

    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - the name of a kind of actor, not a password
    PEER = "peer"
    NODE = "node"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: a person's or token's identifier, a peer's AE title, a process of this node, or the coordinator."""

    kind: ActorKind
    actor_id: str


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One act, ready to be stored in the transaction of the decision it belongs to."""

    at: datetime
    actor: Actor
    action: str
    """A dotted code, e.g. `reading.submitted`."""
    subject: str
    """Kind and identifier of what was acted on, e.g. `case:5f0c…`."""
    reason: str = ""
    """A code, never free text."""
