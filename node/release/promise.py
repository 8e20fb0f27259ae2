"""What was promised about a message before it was made; the gate holds the message against it."""

from __future__ import annotations

from dataclasses import dataclass

from node.release.bounds import Terms
from node.release.budget import Reservation
from node.release.closing import Closing
from protocols.encoding import Wire
from protocols.masking import MaskingRound


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that wants to leave, and its blob."""

    message: Wire
    blob: bytes = b""


@dataclass(frozen=True, slots=True)
class Promise:
    """Who this site is, and for some types the terms, the reservation and the attempt the message must keep to."""

    own_key: bytes
    site_id: str | None = None
    terms: Terms | None = None
    reservation: Reservation | None = None
    attempt: MaskingRound | None = None
    """The attempt of a secure round that was asked for."""
    closing: Closing | None = None
    """The day of the ledger that is closed, as the ledger stands."""
    peer: tuple[str, bytes] | None = None
    """Another hospital and its key, as people compared it or took their word on it back."""
