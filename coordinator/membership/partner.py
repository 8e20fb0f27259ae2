"""A partner: an AI firm whose key the operator entered by hand."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from datetime import datetime

from coordinator.ground.errors import CoordinatorError
from coordinator.ground.told import Told
from protocols.errors import SignatureRefused
from protocols.signing import PublicIdentity

_PREFIX = "intramuros-partner-key:"


class PartnerKeyRefused(Told):
    """A text that is no partner key."""

    text_key = "refusals.partner-key"


class PartnerUnknown(CoordinatorError):
    """No partner has this identifier or key."""


class PartnerExists(Told):
    """A partner of this name or key is already there."""

    text_key = "refusals.partner-exists"


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner."""

    partner_id: str
    partner_name: str
    identity_key: bytes
    added_at: datetime

    @property
    def identity(self) -> PublicIdentity:
        """What the partner's plans and requests are signed with."""
        return PublicIdentity(self.identity_key)


def read_partner_key(text: str) -> PublicIdentity:
    """The key of the line that `intramuros partner key` prints. Raises: PartnerKeyRefused."""
    stripped = "".join(text.split())
    try:
        return PublicIdentity(binascii.unhexlify(stripped.removeprefix(_PREFIX)))
    except (binascii.Error, SignatureRefused):
        raise PartnerKeyRefused from None
