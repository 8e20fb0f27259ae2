"""A hospital's approval and withdrawal arrive: checked, kept, and answered with a receipt.

The same bytes sent again get the same receipt and change nothing.
"""

from __future__ import annotations

from datetime import datetime

from coordinator.flows.books import Books, UnitOfWork
from coordinator.flows.receipts import earlier_receipt, receipt_for
from coordinator.ground.audit import Actor, ActorKind, AuditEvent
from coordinator.ground.face import Face
from coordinator.membership.site import Site, SiteUnknown, check_admitted
from coordinator.offers.approval import (
    ApprovalReason,
    ApprovalRefused,
    hold,
    read_approval,
    read_withdrawal,
    withdrawn,
)
from protocols.errors import SignatureRefused
from protocols.signing import Purpose, unseal_any


def receive_approval(work: UnitOfWork, face: Face, sealed: bytes, *, now: datetime) -> bytes:
    """The sealed receipt of an approval that now counts.

    Raises:
        SiteUnknown, SiteNotAdmitted: not sealed by a site that may approve.
        ApprovalRefused: by reason.
    """
    with work.writing() as books:
        site = sender(books, sealed, Purpose.APPROVAL)
        check_admitted(site)
        earlier = earlier_receipt(books, site.site_id, sealed)
        if earlier is not None:
            return earlier
        approval = read_approval(sealed, site)
        if books.approvals.find(approval.approval_id) is not None:
            raise ApprovalRefused(ApprovalReason.APPROVAL_REPEATS)
        held = hold(approval, books.plans.find(approval.plan_id), now=now)
        books.approvals.add(held, _event(site, "approval.received", held.approval_id, now))
        return receipt_for(books, site.site_id, sealed, face.identity, now=now)


def receive_withdrawal(work: UnitOfWork, face: Face, sealed: bytes, *, now: datetime) -> bytes:
    """The sealed receipt of a withdrawal; a site that was removed may still withdraw.

    Raises:
        SiteUnknown: not sealed by a site.
        ApprovalRefused: by reason.
    """
    with work.writing() as books:
        site = sender(books, sealed, Purpose.WITHDRAWAL)
        earlier = earlier_receipt(books, site.site_id, sealed)
        if earlier is not None:
            return earlier
        withdrawal = read_withdrawal(sealed, site)
        held = withdrawn(books.approvals.find(withdrawal.approval_id), withdrawal, now=now)
        books.approvals.save(held, _event(site, "approval.withdrawn", held.approval_id, now))
        return receipt_for(books, site.site_id, sealed, face.identity, now=now)


def sender(books: Books, sealed: bytes, purpose: Purpose) -> Site:
    """The site whose seal the bytes carry. Raises: SiteUnknown, ApprovalRefused for bytes without a good seal."""
    try:
        signer = unseal_any(sealed, purpose).signer
    except SignatureRefused:
        raise ApprovalRefused(ApprovalReason.UNREADABLE) from None
    for site in reversed(books.sites.all()):  # a site that was removed and joined again is the later one
        if site.identity == signer:
            return site
    raise SiteUnknown(site=signer.fingerprint)


def _event(site: Site, action: str, approval_id: str, now: datetime) -> AuditEvent:
    return AuditEvent(now, Actor(ActorKind.SITE, site.site_id), action, f"approval:{approval_id}")
