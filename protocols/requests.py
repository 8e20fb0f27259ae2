"""How a site or a partner signs a request that carries no content: who, when, and for which path."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from protocols.errors import SignatureRefused
from protocols.signing import Identity, PublicIdentity, Purpose

MAX_SKEW_SECONDS = 300
_HEADER = re.compile(
    r"^Intramuros (?P<role>site|partner)=(?P<caller>[0-9a-f-]{36}),"
    r"at=(?P<at>[0-9]{1,12}),signature=(?P<sig>[A-Za-z0-9_-]{86})$"
)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A parsed Authorization header: nothing in it is proven until `verify` returned."""

    role: str
    caller_id: str
    at_unix_seconds: int
    signature: bytes

    def verify(self, key: PublicIdentity, path: str, *, now_unix_seconds: int) -> None:
        """Return when the header is this key's, for this path, and made within five minutes.

        Raises:
            SignatureRefused: otherwise.
        """
        if abs(now_unix_seconds - self.at_unix_seconds) > MAX_SKEW_SECONDS:
            raise SignatureRefused("the request's time is more than five minutes off")
        content = _content(self.role, self.caller_id, self.at_unix_seconds, path)
        key.verify(self.signature, Purpose.REQUEST, content)


def authorization(identity: Identity, role: str, caller_id: str, path: str, at_unix_seconds: int) -> str:
    """The Authorization header for one request of `role` ("site" or "partner") to `path`."""
    signature = identity.sign(Purpose.REQUEST, _content(role, caller_id, at_unix_seconds, path))
    encoded = base64.urlsafe_b64encode(signature).decode("ascii").rstrip("=")
    return f"Intramuros {role}={caller_id},at={at_unix_seconds},signature={encoded}"


def parse_authorization(header: str) -> SignedRequest:
    """The header's parts.

    Raises:
        SignatureRefused: it is no such header.
    """
    match = _HEADER.match(header)
    if match is None:
        raise SignatureRefused("no Intramuros authorization header")
    try:
        signature = base64.urlsafe_b64decode(match["sig"] + "==")
    except binascii.Error:
        raise SignatureRefused("signature is not base64") from None
    return SignedRequest(match["role"], match["caller"], int(match["at"]), signature)


def _content(role: str, caller_id: str, at_unix_seconds: int, path: str) -> bytes:
    return f"{role}\n{caller_id}\n{at_unix_seconds}\n{path}".encode()
