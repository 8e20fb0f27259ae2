"""Sessions and one-time log-in codes: secrets of 256 bits, of which only digests are kept.

A digest without a salt is enough here: nothing can be guessed among 2^256 equally likely secrets.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from node.readers.person import Person

CODE_LIFETIME = timedelta(hours=24)
MAX_SECRET_CHARACTERS = 64


class Proof(StrEnum):
    """How a session was opened."""

    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - the name of a proof, not a password


@dataclass(frozen=True, slots=True)
class Session:
    """An open session of a person; the digest stands for the cookie's secret."""

    digest: str
    person: Person
    proof: Proof
    expires_at: datetime


def secret_digest(secret: str) -> str:
    """What is stored instead of a session's secret or a log-in code."""
    return hashlib.sha256(b"intramuros/secret/1" + secret.encode("utf-8")).hexdigest()


def csrf_token(session_secret: str) -> str:
    """The token a page must send beside the cookie; another site can neither read nor compute it."""
    mac = hmac.new(session_secret.encode("utf-8"), b"intramuros/csrf/1", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode("ascii").rstrip("=")


def csrf_matches(session_secret: str, sent: str | None) -> bool:
    """True when the token sent is the session's; compared in constant time."""
    return sent is not None and hmac.compare_digest(csrf_token(session_secret).encode(), sent.encode("utf-8"))
