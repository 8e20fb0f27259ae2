"""Sealed bytes: AES-256-GCM (NIST SP 800-38D), each seal bound to the place it belongs to.

A sealed value moved to another row or file does not open. Nonces are 96 random bits: good for 2**32 seals of a key.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.intake.errors import SealBroken

_MAGIC: Final = b"IMSEAL1\n"
_NONCE_BYTES: Final = 12
_START: Final = len(_MAGIC) + _NONCE_BYTES


class GrowingSeal:
    """A sealed value that comes into being piece by piece; what its pieces give is opened as any other."""

    def __init__(self, key: bytes, bound_to: str) -> None:
        nonce = os.urandom(_NONCE_BYTES)
        self._cipher = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
        self._cipher.authenticate_additional_data(bound_to.encode())
        self.head = _MAGIC + nonce

    def piece(self, plain: bytes | memoryview, room: memoryview) -> int:
        """How many bytes the next piece, sealed, took of the room; that must be 15 bytes larger than the piece."""
        return self._cipher.update_into(plain, room)

    def end(self) -> bytes:
        """What stands after the last piece."""
        return self._cipher.finalize() + self._cipher.tag


class Sealer:
    """Seals and opens with one key of the node's key tree."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, *, bound_to: str) -> bytes:
        """`plain` for nobody without the key, tied to the name of its place."""
        nonce = os.urandom(_NONCE_BYTES)
        return b"".join((_MAGIC, nonce, self._cipher.encrypt(nonce, plain, bound_to.encode())))

    def growing(self, *, bound_to: str) -> GrowingSeal:
        """The same seal, made piece by piece."""
        return GrowingSeal(self._key, bound_to)

    def open(self, sealed: bytes, *, bound_to: str) -> bytes:
        """What was sealed for this place.

        Raises:
            SealBroken: the bytes, the place or the key is another.
        """
        if not sealed.startswith(_MAGIC) or len(sealed) < _START:
            raise SealBroken("not a sealed value")
        try:
            return self._cipher.decrypt(sealed[len(_MAGIC) : _START], sealed[_START:], bound_to.encode())
        except InvalidTag:
            raise SealBroken("the sealed value was changed, moved, or sealed with another key") from None
