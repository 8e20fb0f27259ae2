"""Ed25519 identities and sealed frames: who says what, and for which purpose.

A sealed frame is `SEAL_MAGIC`, the purpose, the signer's public key, the signature and the frame. The signature covers
a pre-authentication encoding of purpose and frame, so a seal for one purpose never verifies for another.
Source: RFC 8032 (Ed25519); the encoding follows DSSE v1 (length before every part).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from protocols.errors import SignatureRefused

SEAL_MAGIC = b"IMURS1\n"
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_CONTEXT = b"intramuros/seal/1"


class Purpose(StrEnum):
    """What a seal is for; a signature made for one never counts for another."""

    ENROLMENT = "enrolment"
    ENROLMENT_ANSWER = "enrolment-answer"
    TRANSPORT_KEY = "transport-key"
    PLAN = "plan"
    OFFER = "offer"
    APPROVAL = "approval"
    WITHDRAWAL = "withdrawal"
    INSTRUCTION = "instruction"
    UPDATE = "update"
    RESULT = "result"
    REFUSAL = "refusal"
    RECEIPT = "receipt"
    INBOX = "inbox"
    REQUEST = "request"
    PASSPORT = "passport"
    LEDGER_ROOT = "ledger-root"
    LEDGER_WITNESS = "ledger-witness"
    PEER_KEY = "peer-key"
    PEER_KEY_REVOCATION = "peer-key-revocation"
    ROSTER = "roster"
    MASKING_ADVERT = "masking-advert"
    MASKING_SHARES = "masking-shares"
    MASKED_STATEMENT = "masked-statement"
    MASKED_UPDATE = "masked-update"
    SURVIVOR_VOTE = "survivor-vote"
    UNMASKING = "unmasking"
    STATEMENT = "statement"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """A public Ed25519 key: 32 raw bytes."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != _KEY_BYTES:
            raise SignatureRefused("an Ed25519 public key has 32 bytes")

    @property
    def fingerprint(self) -> str:
        """Eight groups of four hexadecimal digits (128 bits of SHA-256), to be compared by voice."""
        digest = hashlib.sha256(b"intramuros/identity/1" + self.raw).hexdigest()[:32]
        return " ".join(digest[start : start + 4] for start in range(0, 32, 4))

    def verify(self, signature: bytes, purpose: Purpose, content: bytes) -> None:
        """Return when the signature over purpose and content is this identity's.

        Raises:
            SignatureRefused: it is not.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, _signed_bytes(purpose, content))
        except (InvalidSignature, ValueError):
            raise SignatureRefused(f"signature for {purpose.value} does not verify") from None


class Identity:
    """A private Ed25519 key that signs for exactly one purpose at a time."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> Identity:
        """A new identity from the operating system's random source."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_raw(cls, raw: bytes) -> Identity:
        """The identity of 32 stored secret bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    def raw_secret(self) -> bytes:
        """The 32 secret bytes, for storing them in a file of their own."""
        return self._key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    @property
    def public(self) -> PublicIdentity:
        """What others verify with."""
        return PublicIdentity(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, purpose: Purpose, content: bytes) -> bytes:
        """The 64 signature bytes over purpose and content."""
        return self._key.sign(_signed_bytes(purpose, content))


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A frame whose seal was verified, and who sealed it."""

    signer: PublicIdentity
    frame: bytes


def seal(frame: bytes, identity: Identity, purpose: Purpose) -> bytes:
    """The frame with its signature in front."""
    name = purpose.value.encode("ascii")
    head = SEAL_MAGIC + struct.pack(">B", len(name)) + name
    return head + identity.public.raw + identity.sign(purpose, frame) + frame


def unseal(sealed: bytes, trusted: PublicIdentity, purpose: Purpose) -> bytes:
    """The frame, once its seal is proven to be the trusted identity's for this purpose.

    Raises:
        SignatureRefused: another signer, another purpose, or changed bytes.
    """
    opened = unseal_any(sealed, purpose)
    if opened.signer != trusted:
        raise SignatureRefused(f"sealed by another identity than the trusted one ({purpose.value})")
    return opened.frame


def unseal_any(sealed: bytes, purpose: Purpose) -> Unsealed:
    """The frame and whoever sealed it; for first contact only, where the signer is then checked by other means.

    Raises:
        SignatureRefused: not sealed, another purpose, or changed bytes.
    """
    name = purpose.value.encode("ascii")
    head = SEAL_MAGIC + struct.pack(">B", len(name)) + name
    start = len(head) + _KEY_BYTES
    if not sealed.startswith(head) or len(sealed) < start + _SIGNATURE_BYTES:
        raise SignatureRefused(f"not sealed for {purpose.value}")
    signer = PublicIdentity(sealed[len(head) : start])
    frame = sealed[start + _SIGNATURE_BYTES :]
    signer.verify(sealed[start : start + _SIGNATURE_BYTES], purpose, frame)
    return Unsealed(signer, frame)


def _signed_bytes(purpose: Purpose, content: bytes) -> bytes:
    name = purpose.value.encode("ascii")
    digest = hashlib.sha256(content).digest()
    return b"".join((struct.pack(">Q", len(part)) + part) for part in (_CONTEXT, name, digest))
