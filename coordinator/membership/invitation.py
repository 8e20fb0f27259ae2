"""Invitations: issued for one named site, used once, for a limited time. Only the digest of the token is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordinator.ground.errors import CoordinatorError
from coordinator.ground.ids import secret_digest
from protocols.enrolment import EnrolmentRequest


class InvitationRefused(CoordinatorError):
    """A request that no valid invitation covers."""


class InvitationUnknown(InvitationRefused):
    """No invitation has this token."""


class InvitationExpired(InvitationRefused):
    """The invitation was not used in time; the operator can issue another."""


class InvitationUsed(InvitationRefused):
    """Another request used the invitation before; the operator must find out whose it was."""


class InvitationForOther(InvitationRefused):
    """The invitation was issued for a site of another name."""


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """What the coordinator remembers of an invitation."""

    token_sha256: str
    site_name: str
    issued_at: datetime
    expires_at: datetime
    used_by: str | None = None
    """The site that joined with it."""


def issue(token: str, site_name: str, *, now: datetime, expires_at: datetime) -> IssuedInvitation:
    """The record of an invitation whose token only the invited site will hold."""
    return IssuedInvitation(secret_digest(token), site_name, issued_at=now, expires_at=expires_at)


def check_invitation(
    invitation: IssuedInvitation | None, request: EnrolmentRequest, *, now: datetime
) -> IssuedInvitation:
    """The invitation, once it covers the request.

    Raises:
        InvitationUnknown, InvitationUsed, InvitationExpired, InvitationForOther: by name.
    """
    if invitation is None or invitation.token_sha256 != secret_digest(request.token):
        raise InvitationUnknown("no invitation has this token")
    if invitation.used_by is not None:
        raise InvitationUsed("the invitation was used before")
    if now >= invitation.expires_at:
        raise InvitationExpired("the invitation has expired")
    if invitation.site_name != request.site_name:
        raise InvitationForOther("the invitation is for a site of another name")
    return invitation
