"""A hospital joins: invited, enrolled with its invitation, admitted once fingerprints were compared; or is removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import ValidationError

from coordinator.flows.books import Books, UnitOfWork
from coordinator.flows.receipts import receipt_for
from coordinator.ground.audit import OPERATOR, Actor, ActorKind, AuditEvent
from coordinator.ground.face import Face
from coordinator.ground.faults import faults
from coordinator.ground.ids import new_id, new_secret, secret_digest
from coordinator.ground.told import Told
from coordinator.membership.invitation import check_invitation, issue
from coordinator.membership.site import Enrolment, Site, SiteUnknown, admitted, new_site, read_enrolment, removed
from protocols.encoding import encode
from protocols.enrolment import EnrolmentAnswer, EnrolmentState, Invitation
from protocols.signing import Purpose, seal


class SiteExists(Told):
    """A site of this name or with this identity already belongs to the federation."""

    text_key = "refusals.site-exists"


class InvitationInvalid(Told):
    """What an invitation was asked for with is no name or no address."""

    text_key = "refusals.invitation-invalid"


def invite(work: UnitOfWork, face: Face, site_name: str, *, hours: int, now: datetime) -> Invitation:
    """A new invitation for one site; only its holder knows the token in it.

    Raises:
        InvitationInvalid: the name or the address is none.
        SiteExists: a site of this name is waiting or admitted.
    """
    token, expires_at = new_secret(), now + timedelta(hours=hours)
    invitation = _invitation(face, site_name, token, expires_at)
    with work.writing() as books:
        _check_new(books, site_name)
        event = AuditEvent(now, OPERATOR, "invitation.issued", f"expires:{expires_at.isoformat()}")
        books.invitations.add(issue(token, site_name, now=now, expires_at=expires_at), event)
    return invitation


def enrol(work: UnitOfWork, face: Face, sealed: bytes, *, now: datetime) -> bytes:
    """The sealed answer to a sealed request; the same bytes sent again get the same site.

    Raises:
        EnrolmentRefused: the request or its transport key is not what it says.
        InvitationRefused: no valid invitation covers it.
        SiteExists: its name or identity is that of a site which already belongs.
    """
    enrolment = read_enrolment(sealed)
    with work.writing() as books:
        site = _enrolled_before(books, enrolment) or _new(books, enrolment, now)
        receipt_for(books, site.site_id, sealed, face.identity, now=now)
    answer = EnrolmentAnswer(site_id=site.site_id, state=site.shown_state)
    return seal(encode(answer), face.identity, Purpose.ENROLMENT_ANSWER)


def admit(work: UnitOfWork, site_name_or_id: str, fingerprint: str, *, now: datetime) -> Site:
    """The site admitted. Raises: SiteUnknown, FingerprintDiffers, SiteChangeRefused."""
    with work.writing() as books:
        site = admitted(find_site(books, site_name_or_id), fingerprint, now=now)
        books.sites.save(site, AuditEvent(now, OPERATOR, "site.admitted", f"site:{site.site_id}"))
    return site


def remove(work: UnitOfWork, site_name_or_id: str, *, now: datetime) -> Site:
    """The site removed for good. Raises: SiteUnknown, SiteChangeRefused."""
    with work.writing() as books:
        site = removed(find_site(books, site_name_or_id), now=now)
        books.sites.save(site, AuditEvent(now, OPERATOR, "site.removed", f"site:{site.site_id}"))
    return site


def find_site(books: Books, site_name_or_id: str) -> Site:
    """The site of this identifier or name; of a name held twice the one that is not removed. Raises: SiteUnknown."""
    named = [site for site in books.sites.all() if site_name_or_id in (site.site_id, site.site_name)]
    named.sort(key=lambda site: site.state is EnrolmentState.REMOVED)
    if not named:
        raise SiteUnknown(site=site_name_or_id)
    return named[0]


def _invitation(face: Face, site_name: str, token: str, expires_at: datetime) -> Invitation:
    try:
        return Invitation(
            coordinator_name=face.name,
            coordinator_key=face.identity.public.raw,
            address=face.address,
            authority_pem=face.authority_pem,
            site_name=site_name,
            token=token,
            expires_at=expires_at,
        )
    except ValidationError as error:
        raise InvitationInvalid(faults=faults(error)) from None


def _enrolled_before(books: Books, enrolment: Enrolment) -> Site | None:
    return next((site for site in books.sites.all() if site.request_sha256 == enrolment.sent_sha256), None)


def _new(books: Books, enrolment: Enrolment, now: datetime) -> Site:
    site = new_site(new_id(), enrolment, now=now)
    invitation = check_invitation(
        books.invitations.find(secret_digest(enrolment.request.token)), enrolment.request, now=now
    )
    _check_new(books, site.site_name, site.identity_key)
    event = AuditEvent(now, Actor(ActorKind.SITE, site.site_id), "site.enrolled", f"site:{site.site_id}")
    books.sites.add(site, event)
    books.invitations.mark_used(invitation.token_sha256, site.site_id, replace(event, action="invitation.used"))
    return site


def _check_new(books: Books, site_name: str, identity_key: bytes = b"") -> None:
    belonging = [site for site in books.sites.all() if site.state is not EnrolmentState.REMOVED]
    for site in belonging:
        if site_name == site.site_name or identity_key == site.identity_key:
            raise SiteExists(site=site.site_name)
