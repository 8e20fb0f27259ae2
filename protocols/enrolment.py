"""A hospital asks to join: an invitation used once, keys made on the node, fingerprints compared by voice."""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from protocols.encoding import Base64, Instant, Name, Wire, decode, encode
from protocols.errors import FrameRefused
from protocols.ids import Uuid

_PREFIX = "intramuros-invitation:"


class Invitation(Wire):
    """What the coordinator's operator hands to one hospital, outside the network."""

    kind: ClassVar[str] = "invitation"
    version: ClassVar[int] = 1

    coordinator_name: Name
    coordinator_key: Base64
    address: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.\-\[\]:]{1,200}:[0-9]{1,5}$")]
    """Host and port of the coordinator's front, as this hospital reaches it."""
    authority_pem: Annotated[str, StringConstraints(max_length=8192)]
    site_name: Name
    token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
    expires_at: Instant

    def to_text(self) -> str:
        """One line that can be mailed or typed into `intramuros node join`."""
        return _PREFIX + base64.urlsafe_b64encode(encode(self)).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> Invitation:
        """The invitation of a line.

        Raises:
            FrameRefused: the line is no invitation.
        """
        stripped = "".join(text.split())
        if not stripped.startswith(_PREFIX):
            raise FrameRefused("not an invitation")
        try:
            frame = base64.b64decode(stripped[len(_PREFIX) :], altchars=b"-_", validate=True)
        except binascii.Error:
            raise FrameRefused("invitation is damaged") from None
        message, _ = decode(frame, cls, max_bytes=65_536)
        return message


class TransportKey(Wire):
    """The SuperNode's P-384 public key, certified by the hospital's identity (sealed for `transport-key`)."""

    kind: ClassVar[str] = "transport-key"
    version: ClassVar[int] = 1

    serial: Annotated[int, Field(ge=1)]
    public_key_pem: Annotated[str, StringConstraints(max_length=1024)]
    made_at: Instant


class EnrolmentRequest(Wire):
    """A hospital's request to join, sealed by its new identity."""

    kind: ClassVar[str] = "enrolment-request"
    version: ClassVar[int] = 1

    token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
    site_name: Name
    identity_key: Base64
    sealed_transport_key: Base64
    requested_at: Instant


class EnrolmentState(StrEnum):
    """Where a site stands with the coordinator."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    REMOVED = "removed"


class EnrolmentAnswer(Wire):
    """The coordinator's answer: the site's identifier; admission follows once fingerprints were compared."""

    kind: ClassVar[str] = "enrolment-answer"
    version: ClassVar[int] = 1

    site_id: Uuid
    state: EnrolmentState
