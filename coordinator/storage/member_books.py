"""The books of members: invitations, sites, partners, and the operator's sign-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from coordinator.ground.audit import AuditEvent
from coordinator.membership.invitation import IssuedInvitation
from coordinator.membership.partner import Partner
from coordinator.membership.site import Site
from coordinator.storage import tables
from coordinator.storage.rows import columns_of, keep, of, record, values


class InvitationBook:
    """Invitations by the digest of their token."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, invitation: IssuedInvitation, event: AuditEvent) -> None:
        """The invitation is kept."""
        keep(self._connection, tables.invitation, invitation)
        record(self._connection, event)

    def find(self, token_sha256: str) -> IssuedInvitation | None:
        """The invitation, or none."""
        query = of(IssuedInvitation, tables.invitation).where(tables.invitation.c.token_sha256 == token_sha256)
        return next(iter(values(self._connection, IssuedInvitation, query)), None)

    def mark_used(self, token_sha256: str, site_id: str, event: AuditEvent) -> None:
        """The invitation is used by this site."""
        named = tables.invitation.c.token_sha256 == token_sha256
        self._connection.execute(update(tables.invitation).where(named).values(used_by=site_id))
        record(self._connection, event)


class SiteBook:
    """Sites, removed ones too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, site: Site, event: AuditEvent) -> None:
        """The site is kept."""
        keep(self._connection, tables.site, site)
        record(self._connection, event)

    def save(self, site: Site, event: AuditEvent) -> None:
        """The site is as given."""
        named = tables.site.c.site_id == site.site_id
        self._connection.execute(update(tables.site).where(named).values(**columns_of(site)))
        record(self._connection, event)

    def all(self) -> tuple[Site, ...]:
        """Every site, the first to enrol first."""
        return values(self._connection, Site, of(Site, tables.site).order_by(tables.site.c.number))


class PartnerBook:
    """Partners."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, partner: Partner, event: AuditEvent) -> None:
        """The partner is kept."""
        keep(self._connection, tables.partner, partner)
        record(self._connection, event)

    def all(self) -> tuple[Partner, ...]:
        """Every partner, the first first."""
        return values(self._connection, Partner, of(Partner, tables.partner).order_by(tables.partner.c.number))


class SignInBook:
    """One-time codes and sessions of the operator, by digest."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_code(self, code_sha256: str, expires_at: datetime, event: AuditEvent) -> None:
        """The code can be used once."""
        row = {"code_sha256": code_sha256, "expires_at": expires_at, "used": False}
        self._connection.execute(insert(tables.login_code).values(**row))
        record(self._connection, event)

    def take_code(self, code_sha256: str, *, now: datetime) -> bool:
        """Whether the code was good; it is not any more."""
        code = tables.login_code
        unused = (code.c.code_sha256 == code_sha256) & code.c.used.is_(False) & (code.c.expires_at > now)
        return self._connection.execute(update(code).where(unused).values(used=True)).rowcount == 1

    def add_session(self, token_sha256: str, expires_at: datetime, event: AuditEvent) -> None:
        """The session is open."""
        row = {"token_sha256": token_sha256, "expires_at": expires_at}
        self._connection.execute(insert(tables.session).values(**row))
        record(self._connection, event)

    def session_open(self, token_sha256: str, *, now: datetime) -> bool:
        """Whether the session is open."""
        session = tables.session
        query = select(session).where(session.c.token_sha256 == token_sha256, session.c.expires_at > now)
        return self._connection.execute(query).first() is not None
