"""Tokens: what a workstation or a script shows instead of a person's session, and for images over DICOMweb only.

A token has one role, ends on a day, can be revoked, and is shown once: a digest is all that is kept of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from node.readers.errors import TokenRefused
from node.readers.roles import Role

TOKEN_ROLES: Final = frozenset({Role.STEWARD, Role.LEAD, Role.IT})
"""The roles DICOMweb's rules name: a steward's token looks and stores, a lead's looks, IT's stores."""
LONGEST_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is known here; the name is for people."""

    token_id: str
    name: str
    role: Role
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        """Whether whoever shows it is let in."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is asked of a token that is to be made."""

    name: str
    role: Role
    days: int


def token_digest(secret: str) -> str:
    """What is stored instead of the token; nothing can be guessed among 2^256 equally likely ones."""
    return hashlib.sha256(b"intramuros/token/1" + secret.encode("utf-8")).hexdigest()


def check_new(new: NewToken) -> None:
    """Return when such a token may be made. Raises: TokenRefused."""
    named = 0 < len(new.name) <= 120 and new.name.isprintable() and new.name.strip() == new.name
    if not named or new.role not in TOKEN_ROLES or not 1 <= new.days <= LONGEST_DAYS:
        raise TokenRefused(days=LONGEST_DAYS)


def end_of(new: NewToken, now: datetime) -> datetime:
    """The moment from which it no longer works."""
    return now + timedelta(days=new.days)
