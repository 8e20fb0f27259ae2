"""What was done in the ward, and by people with received images, by whom and when, for the auditor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from node.flows.ward import Ward
from node.ground.audit import AuditEvent


class ActsOnImages(Protocol):
    """What people did with received images; the machine's own steps are too many to read."""

    def acts_of_people(self, *, limit: int = 200) -> Sequence[AuditEvent]:
        """The newest first."""
        ...


def latest_events(ward: Ward, images: ActsOnImages, limit: int) -> list[AuditEvent]:
    """The latest events of both databases, the newest first."""
    with ward.reading() as work:
        events = [*work.audit.latest(limit), *images.acts_of_people(limit=limit)]
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]
