"""Which sites an instruction goes to: admitted, let in by the SuperLink, with an approval in force that covers it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from coordinator.membership.site import Site
from coordinator.offers.approval import HeldApproval


@dataclass(frozen=True, slots=True)
class Participant:
    """One site with the approval it takes part under."""

    site: Site
    approval: HeldApproval
    node_id: int


def participants(
    sites: Iterable[Site], approvals: Iterable[HeldApproval], *, round_number: int, attempt: int, now: datetime
) -> tuple[Participant, ...]:
    """Every site whose latest approval in force covers this round and attempt, in the order of their identifiers."""
    latest = {held.site_id: held for held in sorted(approvals, key=lambda held: held.approved_at) if held.in_force(now)}
    chosen = []
    for site in sorted(sites, key=lambda site: site.site_id):
        approval = latest.get(site.site_id)
        if approval is None or site.node_id is None or not site.reachable:
            continue
        if round_number <= approval.max_rounds and attempt <= approval.max_attempts:
            chosen.append(Participant(site, approval, site.node_id))
    return tuple(chosen)
