"""Roster versions are fetched one after another; one that does not follow is refused, and the one held stays.

A coordinator that was set back, or tells two pasts, hands over a version that does not follow. The node then goes on
with what it held and asks again later; people of the hospitals have to compare what each of them holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from node.flows.coordinator_line import CoordinatorRefused, CoordinatorUnreachable
from node.flows.inbox import COORDINATOR
from node.flows.peers import RosterBook
from node.flows.send import OwnSite
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.logs import log
from node.release.peers import read_roster
from protocols.roster import Roster, RosterRefused

REFUSED_SECONDS = 60.0
_VERSIONS_AT_ONCE = 100


class RosterLine(Protocol):
    """The coordinator's roster. Raises: CoordinatorUnreachable, CoordinatorRefused."""

    def roster(self, number: int) -> bytes | None:
        """The sealed version of this number, or none while there is none."""
        ...


@dataclass(frozen=True, slots=True)
class RosterMail:
    """What fetching needs."""

    site: OwnSite
    line: RosterLine
    rosters: RosterBook
    clock: Clock


def fetch_rosters(mail: RosterMail, *, base_seconds: float) -> float:
    """Every version the coordinator has was taken; the seconds until the next look."""
    try:
        for _ in range(_VERSIONS_AT_ONCE):
            if not fetch_next(mail):
                return base_seconds
    except RosterRefused:
        log().warning("roster refused", reason="seal or chain")
        return max(base_seconds, REFUSED_SECONDS)
    except (CoordinatorUnreachable, CoordinatorRefused):  # the mail round says so, and to people
        return max(base_seconds, REFUSED_SECONDS)
    return 0.0


def fetch_next(mail: RosterMail) -> bool:
    """Whether there was a version after the last, which is now the last.

    Raises:
        RosterRefused: it does not follow, or is not this coordinator's.
        CoordinatorUnreachable, CoordinatorRefused: there was no answer.
    """
    last = mail.rosters.last()
    sealed = mail.line.roster(1 if last is None else last.number + 1)
    if sealed is None:
        return False
    take_roster(mail, sealed, last)
    return True


def take_roster(mail: RosterMail, sealed: bytes, last: Roster | None) -> Roster:
    """The version is the latest. Raises: RosterRefused."""
    own = mail.site.site_id, mail.site.identity.public
    roster = read_roster(sealed, mail.site.coordinator, last, own=own)
    event = AuditEvent(mail.clock.now(), COORDINATOR, "roster.taken", f"roster:{roster.number}")
    mail.rosters.keep(roster, sealed, event)
    log().info("roster taken", version=roster.number, count=len(roster.members))
    return roster
