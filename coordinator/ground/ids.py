"""New identifiers: random, so that no order, count or time can be read from them."""

from __future__ import annotations

import hashlib
import secrets
import uuid

_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_id() -> str:
    """A random UUID version 4 in lower case. Source: RFC 9562 section 5.4."""
    return str(uuid.uuid4())


def new_secret() -> str:
    """A one-time secret of 256 bits, 43 characters."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """A one-time code of 100 bits that a person can type: four groups of five letters and digits."""
    return "-".join("".join(secrets.choice(_CODE_LETTERS) for _ in range(5)) for _ in range(4))


def secret_digest(secret: str) -> str:
    """What is stored in place of a one-time secret; hexadecimal."""
    return hashlib.sha256(b"intramuros/secret/1" + secret.encode()).hexdigest()
