"""A hospital's daily root arrives: checked against the root held, countersigned, kept; or refused and kept as evidence.

The same bytes sent again get the same witness. Of one day of one site there is never a second witness.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordinator.flows.approve import sender
from coordinator.flows.books import Books, UnitOfWork
from coordinator.ground.audit import Actor, ActorKind, AuditEvent
from coordinator.ground.face import Face
from coordinator.membership.ledger_root import (
    EVIDENCE,
    HeldRoot,
    RefusedRoot,
    RootRefused,
    check_next,
    read_root,
    sent_digest,
)
from coordinator.membership.site import Site
from coordinator.offers.approval import ApprovalRefused
from protocols.encoding import encode
from protocols.ledger_roots import LedgerRoot, RootFault, witness_of
from protocols.signing import Purpose, seal


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A root, the very bytes it came as, and when."""

    root: LedgerRoot
    sealed: bytes
    at: datetime


def receive_root(work: UnitOfWork, face: Face, sealed: bytes, *, now: datetime) -> bytes:
    """The sealed witness of a root that follows; a site that was removed is witnessed too.

    Raises:
        SiteUnknown: not sealed by a site.
        RootRefused: by fault; what is evidence is kept.
    """
    with work.writing() as books:
        site = _sender(books, sealed)
        root = read_root(sealed, site)
        latest = books.roots.latest(site.site_id)
        earlier = books.roots.find(site.site_id, sent_digest(sealed))
        if earlier is not None:
            return earlier.sealed_witness
        try:
            check_next(root, latest, site, now=now)
        except RootRefused as reason:
            refusal = reason
        else:
            return _witnessed(books, face, _Arrival(root, sealed, now))
        _keep_evidence(books, _Arrival(root, sealed, now), refusal.fault)
    raise refusal


def _sender(books: Books, sealed: bytes) -> Site:
    try:
        return sender(books, sealed, Purpose.LEDGER_ROOT)
    except ApprovalRefused:
        raise RootRefused(RootFault.UNREADABLE) from None


def _witnessed(books: Books, face: Face, came: _Arrival) -> bytes:
    root = came.root
    witness = seal(encode(witness_of(root, now=came.at)), face.identity, Purpose.LEDGER_WITNESS)
    held = HeldRoot(root.site_id, root.day, sent_digest(came.sealed), came.sealed, witness, came.at)
    books.roots.add(held, _event(came, "ledger.witnessed"))
    return witness


def _keep_evidence(books: Books, came: _Arrival, fault: RootFault) -> None:
    root = came.root
    if fault in EVIDENCE and books.roots.refused(root.site_id, fault) is None:
        kept = RefusedRoot(root.site_id, fault, root.day, came.sealed, came.at)
        books.roots.refuse(kept, _event(came, "ledger.root-refused", reason=fault.value))


def _event(came: _Arrival, action: str, *, reason: str = "") -> AuditEvent:
    site_id = came.root.site_id
    subject = f"ledger:{site_id}:{came.root.day.isoformat()}"
    return AuditEvent(came.at, Actor(ActorKind.SITE, site_id), action, subject, reason)
