"""What a lay labeler needs beside a task: the signed pledge, certificates, and to be in the house.

The pledge is a text with a version; a new version is signed anew. A certificate opens one task, which is a label schema
by its code, until a day. A labeler is heard only from the hospital's own networks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address

from node.readers.errors import CertificateRefused, PledgeOutdated
from node.readers.roles import Role

PLEDGE_VERSION = 1
"""The version of `readers.pledge` in the texts."""
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Pledge:
    """A person's signature under one version of the text."""

    version: int
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Certificate:
    """One task open to one labeler; whoever issued it answers for the exam."""

    person_id: str
    task: str
    issued_by: str
    issued_at: datetime
    valid_until: date
    course: str | None = None
    """Whose exam was passed for it; none where a trainer issued it."""
    course_version: int | None = None
    probation_until: date | None = None
    """Its last day as long as no trainer has confirmed it; none once one has, or where there is no probation."""

    @property
    def last_day(self) -> date:
        """The day it ends as it stands."""
        return min(self.valid_until, self.probation_until or self.valid_until)

    def holds(self, now: datetime) -> bool:
        """True until the end of its last day (UTC)."""
        return now.date() <= self.last_day


def signed(version: int, now: datetime) -> Pledge:
    """The pledge, signed now. Raises: PledgeOutdated when the text has another version meanwhile."""
    if version != PLEDGE_VERSION:
        raise PledgeOutdated
    return Pledge(version, now)


def check_certificate(roles: Collection[Role], *, until: date, now: datetime) -> None:
    """Return when such a certificate may be issued. Raises: CertificateRefused for no labeler, or a day that passed."""
    if Role.LABELER not in roles or until < now.date():
        raise CertificateRefused


def in_the_house(address: str, networks: Iterable[Network]) -> bool:
    """True when the address lies in one of the networks; what is no address does not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in networks)
