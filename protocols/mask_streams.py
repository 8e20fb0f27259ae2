"""What masks are made of: keys agreed by two members, streams of mask bytes, and what seals shares on their way.

Every key is derived for one use and one direction: the context holds run, round, attempt and membership, the digest of
the round's adverts and the names, length before every part. The masks of a pair, and a member's own, are also bound to
the model it received: members that were given different models have masks that do not cancel, so that nothing but
noise comes of their sum (Pasquini et al., Eluding Secure Aggregation, arXiv 2111.07380, section 7).
Source: Bonawitz et al., Practical Secure Aggregation, CCS 2017, section 4 (the double mask) and figure 4; RFC 7748
(X25519), RFC 5869 (HKDF), NIST SP 800-38A (AES-CTR) and 800-38D (AES-GCM). A stream's key is used once, so its counter
begins at zero.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocols.encoding import canonical_json
from protocols.errors import ProtocolError
from protocols.masking import SEALED_SHARES_BYTES, MaskingRound
from protocols.secret_shares import SHARE_BYTES, RandomBytes

_LABEL = b"intramuros/masking/1"
_NONCE_BYTES = 12
_ZERO_COUNTER = bytes(16)


class KeyRefused(ProtocolError):
    """A public key that agrees on nothing (a point of low order)."""


class SharesDamaged(ProtocolError):
    """Sealed shares that do not open: another sender, another receiver, another round, or changed bytes."""


@dataclass(frozen=True, slots=True)
class MaskContext:
    """Which masks: those of one attempt, over one sheet of adverts."""

    about: MaskingRound
    adverts_sha256: str

    def key_of(self, agreed: bytes, use: str, *names: str) -> bytes:
        """32 bytes for one use by the named, from a secret. Source: RFC 5869."""
        return HKDF(SHA256(), 32, salt=None, info=self._info(use, *names)).derive(agreed)

    def _info(self, use: str, *names: str) -> bytes:
        round_bytes = canonical_json(self.about.model_dump(mode="json"))
        parts = (_LABEL, use.encode("ascii"), round_bytes, self.adverts_sha256.encode("ascii"))
        named = tuple(name.encode("ascii") for name in names)
        return b"".join(struct.pack(">Q", len(part)) + part for part in (*parts, *named))


def public_of(private: bytes) -> bytes:
    """The public key of 32 private bytes."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def commitment_of(seed: bytes) -> str:
    """What an advert says of a self-mask seed, so that shares of another are seen. Seeds are random: nothing leaks."""
    return hashlib.sha256(b"intramuros/mask-seed/1" + seed).hexdigest()


def pair_seed(context: MaskContext, private: bytes, peer_key: bytes, *, pair: tuple[str, str], model: str) -> bytes:
    """The mask seed two members share, the same on both sides. `model` is the digest of the received model.

    Raises:
        KeyRefused: the peer's key agrees on nothing.
    """
    low, high = sorted(pair)
    return context.key_of(_agreed(private, peer_key), "pair-mask", low, high, model)


def self_seed(context: MaskContext, seed: bytes, *, site_id: str, model: str) -> bytes:
    """The mask seed only its member knows, until it survives."""
    return context.key_of(seed, "self-mask", site_id, model)


def stream(seed: bytes, length: int) -> bytes:
    """So many mask bytes of a seed of 256 bits. Source: NIST SP 800-38A section 6.5."""
    encryptor = Cipher(AES256(seed), CTR(_ZERO_COUNTER)).encryptor()
    return encryptor.update(bytes(length)) + encryptor.finalize()


@dataclass(frozen=True, slots=True)
class SharePair:
    """What one peer holds of one member: a share of its self-mask seed and one of its mask key."""

    seed_share: bytes
    key_share: bytes


@dataclass(frozen=True, slots=True)
class ShareLine:
    """The line from one member to one peer, for one pair of shares."""

    context: MaskContext
    sender: str
    receiver: str

    def seal(self, shares: SharePair, *, private: bytes, peer_key: bytes, random_bytes: RandomBytes) -> bytes:
        """The shares as only this receiver reads them. Raises: KeyRefused."""
        nonce = random_bytes(_NONCE_BYTES)
        plain = shares.seed_share + shares.key_share
        return nonce + self._cipher(private, peer_key).encrypt(nonce, plain, self._bound())

    def open(self, sealed: bytes, *, private: bytes, peer_key: bytes) -> SharePair:
        """The shares that this sender sealed for this receiver in this attempt. Raises: SharesDamaged, KeyRefused."""
        if len(sealed) != SEALED_SHARES_BYTES:
            raise SharesDamaged("not a pair of shares")
        cipher = self._cipher(private, peer_key)
        try:
            plain = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound())
        except InvalidTag:
            raise SharesDamaged("the shares do not open") from None
        return SharePair(plain[:SHARE_BYTES], plain[SHARE_BYTES:])

    def _cipher(self, private: bytes, peer_key: bytes) -> AESGCM:
        return AESGCM(self.context.key_of(_agreed(private, peer_key), "shares", self.sender, self.receiver))

    def _bound(self) -> bytes:
        return f"{self.context.adverts_sha256}|{self.sender}|{self.receiver}".encode("ascii")


def _agreed(private: bytes, peer_key: bytes) -> bytes:
    try:
        return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(peer_key))
    except ValueError:
        raise KeyRefused("a key that agrees on nothing") from None
