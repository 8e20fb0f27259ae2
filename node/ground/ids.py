"""New identifiers: random, so that no order, count or time can be read from them."""

from __future__ import annotations

import secrets
import uuid


def new_id() -> str:
    """A random UUID version 4 in lower case. Source: RFC 9562 section 5.4."""
    return str(uuid.uuid4())


def new_secret() -> str:
    """A one-time secret of 256 bits, 43 characters, safe in a URL's fragment and on a command line."""
    return secrets.token_urlsafe(32)
