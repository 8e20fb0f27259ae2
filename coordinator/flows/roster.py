"""Words on keys arrive, and versions of the roster are handed round.

A version is made when a site asks for the one after the last and there is something new to say, so that whatever
changes (a site admitted or removed, a word said or taken back) is told without anybody having to think of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from coordinator.flows.approve import sender
from coordinator.flows.books import Books, UnitOfWork
from coordinator.flows.receipts import earlier_receipt, receipt_for
from coordinator.ground.audit import COORDINATOR, Actor, ActorKind, AuditEvent
from coordinator.ground.face import Face
from coordinator.membership.roster import (
    HeldRoster,
    PeerWordRefused,
    RosterMissing,
    believing_each_other,
    check_place,
    next_roster,
    read_taken_back,
    read_word,
)
from coordinator.membership.site import Site, check_admitted
from coordinator.offers.approval import ApprovalRefused
from protocols.encoding import decode, encode
from protocols.enrolment import EnrolmentState
from protocols.plans import AggregationMode, TrainingPlan
from protocols.roster import ROSTER_BYTES_MAX, Roster
from protocols.signing import Purpose, seal, unseal


def receive_peer_key(work: UnitOfWork, face: Face, sealed: bytes, *, now: datetime) -> bytes:
    """The sealed receipt of a word that the next version carries.

    Raises:
        SiteUnknown, SiteNotAdmitted: not sealed by a site that may take part.
        PeerWordRefused: not its word, or on a key that no member has.
        RosterFull: the roster holds no more words.
    """
    with work.writing() as books:
        site = _sender(books, sealed, Purpose.PEER_KEY)
        check_admitted(site)
        if earlier := earlier_receipt(books, site.site_id, sealed):
            return earlier
        word = read_word(sealed, site, now=now)
        check_place(word, books.sites.all(), books.rosters.words())
        books.rosters.say(word, _event(site, "peer.signed", word.peer_site_id, now))
        return receipt_for(books, site.site_id, sealed, face.identity, now=now)


def receive_revocation(work: UnitOfWork, face: Face, sealed: bytes, *, now: datetime) -> bytes:
    """The sealed receipt of a word taken back; a site that was removed may still do that.

    Raises:
        SiteUnknown: not sealed by a site.
        PeerWordRefused: not its word.
    """
    with work.writing() as books:
        site = _sender(books, sealed, Purpose.PEER_KEY_REVOCATION)
        if earlier := earlier_receipt(books, site.site_id, sealed):
            return earlier
        peer, key = read_taken_back(sealed, site)
        books.rosters.take_back(site.site_id, (peer, key), now, _event(site, "peer.revoked", peer, now))
        return receipt_for(books, site.site_id, sealed, face.identity, now=now)


def roster_version(work: UnitOfWork, face: Face, number: int, *, now: datetime) -> bytes:
    """The sealed version of this number; the one after the last is made now, if it says something new.

    Raises:
        RosterMissing: there is none.
    """
    with work.reading() as books:
        held = books.rosters.find(number)
        made = held is None and _next(books, face, now) is not None
    if held is None and made:
        with work.writing() as books:
            _renew(books, face, now)
            held = books.rosters.find(number)
    if held is None:
        raise RosterMissing(f"no version {number}")
    return held.sealed


def last_roster(books: Books, face: Face) -> Roster | None:
    """The latest version that was handed round."""
    held = books.rosters.last()
    if held is None:
        return None
    roster, _ = decode(unseal(held.sealed, face.identity.public, Purpose.ROSTER), Roster, max_bytes=ROSTER_BYTES_MAX)
    return roster


def vouched_sites(books: Books, face: Face, plan: TrainingPlan, among: Iterable[str] | None = None) -> tuple[str, ...]:
    """The admitted sites, of those `among` where it is given, who could be members of a run of the plan together."""
    if plan.aggregation.mode is not AggregationMode.SECURE:
        return ()
    roster = last_roster(books, face)
    admitted = [site.site_id for site in books.sites.all() if site.state is EnrolmentState.ADMITTED]
    able = admitted if among is None else set(among).intersection(admitted)
    return believing_each_other(roster, able, vouchers=plan.aggregation.colluders_c + 1)


def _next(books: Books, face: Face, now: datetime) -> Roster | None:
    return next_roster(last_roster(books, face), books.sites.all(), books.rosters.words(), now=now)


def _renew(books: Books, face: Face, now: datetime) -> None:
    roster = _next(books, face, now)
    if roster is not None:
        sealed = seal(encode(roster), face.identity, Purpose.ROSTER)
        event = AuditEvent(now, COORDINATOR, "roster.made", f"roster:{roster.number}")
        books.rosters.add(HeldRoster(roster.number, sealed, now), event)


def _sender(books: Books, sealed: bytes, purpose: Purpose) -> Site:
    try:
        return sender(books, sealed, purpose)
    except ApprovalRefused:
        raise PeerWordRefused("not sealed for this") from None


def _event(site: Site, action: str, peer_site_id: str, now: datetime) -> AuditEvent:
    return AuditEvent(now, Actor(ActorKind.SITE, site.site_id), action, f"site:{peer_site_id}")
