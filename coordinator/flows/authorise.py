"""Who signed a request without content: a site or a partner, proven by its key."""

from __future__ import annotations

from datetime import datetime

from coordinator.flows.books import UnitOfWork
from coordinator.membership.partner import Partner, PartnerUnknown
from coordinator.membership.site import Site, SiteUnknown
from protocols.errors import SignatureRefused
from protocols.requests import SignedRequest, parse_authorization


def authorised_site(work: UnitOfWork, header: str, path: str, *, now: datetime) -> Site:
    """The site that signed the request. Raises: SignatureRefused, SiteUnknown."""
    request = _parsed(header, "site")
    with work.reading() as books:
        site = next((held for held in books.sites.all() if held.site_id == request.caller_id), None)
    if site is None:
        raise SiteUnknown(site=request.caller_id)
    request.verify(site.identity, path, now_unix_seconds=int(now.timestamp()))
    return site


def authorised_partner(work: UnitOfWork, header: str, path: str, *, now: datetime) -> Partner:
    """The partner that signed the request. Raises: SignatureRefused, PartnerUnknown."""
    request = _parsed(header, "partner")
    with work.reading() as books:
        partner = next((held for held in books.partners.all() if held.partner_id == request.caller_id), None)
    if partner is None:
        raise PartnerUnknown("no partner has this identifier")
    request.verify(partner.identity, path, now_unix_seconds=int(now.timestamp()))
    return partner


def _parsed(header: str, role: str) -> SignedRequest:
    request = parse_authorization(header)
    if request.role != role:
        raise SignatureRefused(f"only a {role} may ask this")
    return request
