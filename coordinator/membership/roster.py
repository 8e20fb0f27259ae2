"""The roster the coordinator keeps: admitted sites, and what hospitals said of each other's keys, version by version.

The coordinator believes none of it and signs only that it is one list, told to all alike. A word counts once it is
sealed by the site it speaks for; a word taken back is left out of every later version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coordinator.ground.audit import AuditEvent
from coordinator.ground.errors import CoordinatorError
from coordinator.membership.site import Site
from protocols.enrolment import EnrolmentState
from protocols.roster import (
    GENESIS,
    MEMBERS_MAX,
    SIGNATURES_MAX,
    Roster,
    RosterMember,
    RosterRefused,
    believed,
    read_peer_key,
    read_revocation,
    roster_digest,
)


class PeerWordRefused(CoordinatorError):
    """A word on another hospital's key that is not its signer's, or of nobody here."""


class RosterFull(CoordinatorError):
    """One version of the roster holds no more words on keys; the word is taken once another is taken back."""


class RosterMissing(CoordinatorError):
    """There is no version of this number."""


@dataclass(frozen=True, slots=True)
class HeldRoster:
    """One version as it was sealed."""

    number: int
    sealed: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PeerWord:
    """What one site said of another's key, perhaps taken back."""

    signer_site_id: str
    peer_site_id: str
    peer_key: bytes
    sealed: bytes
    said_at: datetime
    revoked_at: datetime | None = None


class Rosters(Protocol):
    """Versions of the roster, and what sites said of each other's keys."""

    def last(self) -> HeldRoster | None:
        """The latest version, or none."""
        ...

    def find(self, number: int) -> HeldRoster | None:
        """The version of this number, or none."""
        ...

    def add(self, roster: HeldRoster, event: AuditEvent) -> None:
        """The version is kept."""
        ...

    def words(self) -> tuple[PeerWord, ...]:
        """Every word, those taken back too, the oldest first."""
        ...

    def say(self, word: PeerWord, event: AuditEvent) -> None:
        """The word stands, in place of an earlier one of the signer on the same key."""
        ...

    def take_back(self, signer: str, named: tuple[str, bytes], at: datetime, event: AuditEvent) -> None:
        """The signer's word on this site and key is taken back."""
        ...


def read_word(sealed: bytes, site: Site, *, now: datetime) -> PeerWord:
    """The word of a site. Raises: PeerWordRefused."""
    try:
        signer, word = read_peer_key(sealed)
    except RosterRefused as reason:
        raise PeerWordRefused(str(reason)) from None
    if (signer, word.signer_site_id) != (site.identity, site.site_id):
        raise PeerWordRefused("not this site's word")
    return PeerWord(site.site_id, word.peer_site_id, word.peer_key, sealed, now)


def check_place(word: PeerWord, sites: Iterable[Site], words: Iterable[PeerWord]) -> None:
    """Return when the word is on a member's key and the next version has a place for it.

    So a site says as many words as there are members, and none that was taken is ever left out of the roster.

    Raises:
        PeerWordRefused: no member has that key.
        RosterFull: as many words stand as a version holds.
    """
    keys = {site.site_id: site.identity_key for site in sites if site.state is EnrolmentState.ADMITTED}
    if keys.get(word.peer_site_id) != word.peer_key:
        raise PeerWordRefused("no member has that key")
    named = word.signer_site_id, word.peer_site_id
    others = [one for one in _standing(keys, words) if (one.signer_site_id, one.peer_site_id) != named]
    if len(others) >= SIGNATURES_MAX:
        raise RosterFull(f"{SIGNATURES_MAX} words stand")


def read_taken_back(sealed: bytes, site: Site) -> tuple[str, bytes]:
    """Of whom, and on which key, the site takes its word back. Raises: PeerWordRefused."""
    try:
        signer, said = read_revocation(sealed)
    except RosterRefused as reason:
        raise PeerWordRefused(str(reason)) from None
    if (signer, said.signer_site_id) != (site.identity, site.site_id):
        raise PeerWordRefused("not this site's word")
    return said.peer_site_id, said.peer_key


def next_roster(
    last: Roster | None, sites: Iterable[Site], words: Iterable[PeerWord], *, now: datetime
) -> Roster | None:
    """The version after the last, or nothing while it would say the same."""
    belonging = [site for site in sites if site.state is EnrolmentState.ADMITTED]
    belonging.sort(key=lambda site: site.site_id)
    if not belonging:
        return None
    members = tuple(
        RosterMember(site_id=site.site_id, site_name=site.site_name, identity_key=site.identity_key)
        for site in belonging[:MEMBERS_MAX]
    )
    standing = _standing({member.site_id: member.identity_key for member in members}, words)
    said = tuple(word.sealed for word in standing[:SIGNATURES_MAX])
    if last is not None and (last.members, last.sealed_peer_keys) == (members, said):
        return None
    return Roster(
        number=1 if last is None else last.number + 1,
        previous_sha256=GENESIS if last is None else roster_digest(last),
        made_at=now,
        members=members,
        sealed_peer_keys=said,
    )


def believing_each_other(roster: Roster | None, sites: Iterable[str], *, vouchers: int) -> tuple[str, ...]:
    """Those of the sites who each believe all others among them, ascending, as far as the roster tells.

    Where not all do, whoever is believed by the fewest, or believes the fewest, is left out first.
    """
    if roster is None:
        return ()
    named = {member.site_id: member.identity for member in roster.members}
    left = set(sites) & set(named)
    seen = {site: set(believed(roster, own=(site, named[site]), vouchers=vouchers)) for site in left}
    while True:
        mutual = {site: sum(one in seen[site] and site in seen[one] for one in left) for site in left}
        weakest = min(sorted(left), key=lambda site: mutual[site], default=None)
        if weakest is None or mutual[weakest] == len(left):
            return tuple(sorted(left))
        left.remove(weakest)


def _standing(keys: Mapping[str, bytes], words: Iterable[PeerWord]) -> list[PeerWord]:
    """Words that stand, of members on the keys members have now, the oldest first."""
    standing = [
        word
        for word in words
        if word.revoked_at is None and word.signer_site_id in keys and keys.get(word.peer_site_id) == word.peer_key
    ]
    standing.sort(key=lambda word: (word.said_at, word.signer_site_id, word.peer_site_id))
    return standing
