"""How the coordinator shows itself: its name, its identity, where its front is and which authority certifies it."""

from __future__ import annotations

from dataclasses import dataclass

from protocols.signing import Identity


@dataclass(frozen=True, slots=True)
class Face:
    """What invitations, cards, offers, instructions, receipts and passports are made with."""

    name: str
    address: str
    authority_pem: str
    identity: Identity
