"""A partner: an AI firm whose key the operator entered by hand."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from datetime import datetime

from coordinator.ground.errors import CoordinatorError
from protocols.errors import SignatureRefused
from protocols.signing import PublicIdentity

_PREFIX = "intramuros-partner-key:"


class PartnerKeyRefused(CoordinatorError):
    """A text that is no partner key."""


class PartnerUnknown(CoordinatorError):
    """No partner has this identifier or key."""


class PartnerExists(CoordinatorError):
    """A partner of this name or key is already there."""


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
        raise PartnerKeyRefused("not a partner key; `intramuros partner key` prints one") from None
