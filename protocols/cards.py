"""What the operator hands to a partner, outside the network: where the coordinator is and which keys to believe."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from protocols.encoding import Base64, Name, Wire, decode, encode
from protocols.errors import FrameRefused
from protocols.ids import Uuid

_PREFIX = "intramuros-card:"


class PartnerCard(Wire):
    """One partner's way in; holds no secret."""

    kind: ClassVar[str] = "partner-card"
    version: ClassVar[int] = 1

    coordinator_name: Name
    coordinator_key: Base64
    address: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.\-\[\]:]{1,200}:[0-9]{1,5}$")]
    """Host and port of the coordinator's front."""
    authority_pem: Annotated[str, StringConstraints(max_length=8192)]
    partner_id: Uuid
    partner_name: Name

    def to_text(self) -> str:
        """One line that can be mailed or typed into `intramuros partner connect`."""
        return _PREFIX + base64.urlsafe_b64encode(encode(self)).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> PartnerCard:
        """The card of a line.

        Raises:
            FrameRefused: the line is no card.
        """
        stripped = "".join(text.split())
        if not stripped.startswith(_PREFIX):
            raise FrameRefused("not a partner card")
        try:
            frame = base64.b64decode(stripped[len(_PREFIX) :], altchars=b"-_", validate=True)
        except binascii.Error:
            raise FrameRefused("the partner card is damaged") from None
        message, _ = decode(frame, cls, max_bytes=65_536)
        return message
