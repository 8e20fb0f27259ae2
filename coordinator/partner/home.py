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
        identity = Identity.generate()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise NotReady("key-exists", home=self.path) from None
        except OSError as error:
            raise NotReady("home-unusable", home=self.path, reason=error.strerror) from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(identity.raw_secret())
        return identity

    def identity(self) -> Identity:
        """The stored identity. Raises: NotReady."""
        try:
            raw = self._key.read_bytes()
        except OSError:
            raise NotReady("key-missing", home=self.path) from None
        if len(raw) != _SECRET_BYTES:
            raise NotReady("key-damaged", home=self.path)
        return Identity.from_raw(raw)

    def connect(self, card: PartnerCard) -> None:
        """The card is stored; it replaces an earlier one. Raises: NotReady."""
        temporary = self._card.with_suffix(".new")
        try:
            temporary.write_text(card.to_text() + "\n", encoding="ascii")
            temporary.replace(self._card)
        except OSError as error:
            raise NotReady("home-unusable", home=self.path, reason=error.strerror) from None

    def card(self) -> PartnerCard:
        """The stored card. Raises: NotReady."""
        try:
            return read_card(self._card.read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError):
            raise NotReady("not-connected") from None

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
    except (FrameRefused, SignatureRefused):
        raise NotReady("card-damaged") from None
    return card


def key_text(identity: PublicIdentity) -> str:
    """The line the coordinator's operator enters for this partner."""
    return f"intramuros-partner-key:{identity.raw.hex()}"
