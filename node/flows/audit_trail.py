"""What was done in the ward, by whom and when, for the auditor."""

from __future__ import annotations

from node.flows.ward import Ward
from node.ground.audit import AuditEvent


def latest_events(ward: Ward, limit: int) -> list[AuditEvent]:
    """The latest events, the newest first."""
    with ward.reading() as work:
        return work.audit.latest(limit)
