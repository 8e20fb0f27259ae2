"""The partner's home directory: its Ed25519 key, and the card of the one coordinator it is connected to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from coordinator.partner.errors import NotReady
from protocols.cards import PartnerCard
from protocols.errors import FrameRefused, SignatureRefused
from protocols.signing import Identity, PublicIdentity

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class PartnerHome:
    """Two files: `identity.key`, readable by its owner only, and `card.txt`."""

    path: Path

    def make_identity(self) -> Identity:
        """A new identity, stored. Raises: NotReady when there is one already."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity = Identity.generate()
        try:
            descriptor = os.open(self._key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise NotReady(f"{self.path} has a key already; nothing was changed") from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(identity.raw_secret())
        return identity

    def identity(self) -> Identity:
        """The stored identity. Raises: NotReady."""
        try:
            raw = self._key.read_bytes()
        except OSError:
            raise NotReady(f"{self.path} has no key; `intramuros partner init` makes one") from None
        if len(raw) != _SECRET_BYTES:
            raise NotReady(f"the key in {self.path} is damaged; restore it from your backup")
        return Identity.from_raw(raw)

    def connect(self, card: PartnerCard) -> None:
        """The card is stored; it replaces an earlier one."""
        temporary = self._card.with_suffix(".new")
        temporary.write_text(card.to_text() + "\n", encoding="ascii")
        temporary.replace(self._card)

    def card(self) -> PartnerCard:
        """The stored card. Raises: NotReady."""
        try:
            return read_card(self._card.read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError):
            raise NotReady("not connected; `intramuros partner connect --card` does, with your card") from None

    @property
    def _key(self) -> Path:
        return self.path / "identity.key"

    @property
    def _card(self) -> Path:
        return self.path / "card.txt"


def read_card(text: str) -> PartnerCard:
    """The card of a line. Raises: NotReady when it is none, or its key is none."""
    try:
        card = PartnerCard.from_text(text)
        PublicIdentity(card.coordinator_key)
    except (FrameRefused, SignatureRefused) as refusal:
        raise NotReady(f"the card is damaged ({refusal}); ask the coordinator's operator for it again") from None
    return card


def key_text(identity: PublicIdentity) -> str:
    """The line the coordinator's operator enters for this partner."""
    return f"intramuros-partner-key:{identity.raw.hex()}"
