"""What was promised about a message before it was made; the gate holds the message against it."""

from __future__ import annotations

from dataclasses import dataclass

from node.release.bounds import Terms
from node.release.budget import Reservation
from protocols.encoding import Wire


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that wants to leave, and its blob."""

    message: Wire
    blob: bytes = b""


@dataclass(frozen=True, slots=True)
class Promise:
    """Who this site is, and for some types the terms and the reservation the message must keep to."""

    own_key: bytes
    site_id: str | None = None
    terms: Terms | None = None
    reservation: Reservation | None = None
