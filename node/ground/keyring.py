"""The node's keys: one master secret on disk, everything else derived from it or certified by the identity.

`keys/master.key` is the root of a tree; each purpose gets its own key by HKDF-SHA256 (RFC 5869), so one derived key
tells nothing of another. `keys/identity.key` is the hospital's Ed25519 identity: made once, never given to Flower. It
certifies `keys/transport.key`, the SuperNode's P-384 key, which can be replaced alone.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from node.ground.errors import NodeError
from protocols.encoding import encode
from protocols.enrolment import TransportKey
from protocols.signing import Identity, Purpose, seal

KEY_BYTES = 32
_KEY_FILES = ("identity.key", "transport.key", "master.key")


class KeyPurpose(StrEnum):
    """The branches of the key tree; a new use gets a new branch, never an old key."""

    RECEIVED_STORE = "received-store"
    IDENTITY_MAP = "identity-map"
    PATIENT_LOOKUP = "patient-lookup"
    PSEUDONYM = "pseudonym"
    COHORT_SPLIT = "cohort-split"
    SESSION = "session"
    ROUND_STATE = "round-state"


class KeysMissing(NodeError):
    """The home directory holds no keys; `intramuros node init` makes them."""


class KeysExist(NodeError):
    """The home directory already holds keys; they are never overwritten."""


class KeysExposed(NodeError):
    """A key file can be read by others than its owner."""


class Keyring:
    """The keys of one node, read from its home directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._master = _read_private(directory / "master.key")
        if len(self._master) != KEY_BYTES:
            raise KeysMissing("master.key does not have 32 bytes")

    def derive(self, purpose: KeyPurpose, context: bytes = b"") -> bytes:
        """The 32 byte key of a purpose and a context. Source: RFC 5869."""
        info = b"intramuros/node/1/" + purpose.value.encode("ascii") + b"/" + context
        return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._master)

    def identity(self) -> Identity:
        """The hospital's identity."""
        return Identity.from_raw(_read_private(self._directory / "identity.key"))

    @property
    def transport_key_path(self) -> Path:
        """The SuperNode's private key file (P-384, OpenSSH format), the only key Flower sees."""
        return self._directory / "transport.key"

    def transport_certificate(self, serial: int, made_at: datetime) -> bytes:
        """The SuperNode's public key, sealed by the hospital's identity."""
        private = load_ssh_private_key(_read_private(self.transport_key_path), password=None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise KeysMissing("transport.key is no elliptic-curve key")
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
        message = TransportKey(serial=serial, public_key_pem=pem, made_at=made_at)
        return seal(encode(message), self.identity(), Purpose.TRANSPORT_KEY)


def make_keys(directory: Path) -> Keyring:
    """A keyring with new keys in files only their owner can read.

    Raises:
        KeysExist: the directory already holds a key, also one of an `init` that was cut off.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any((directory / name).exists() for name in _KEY_FILES):
        raise KeysExist(
            "keys exist already and are never overwritten; "
            "if an earlier `init` was cut off, remove the home and begin anew"
        )
    transport = ec.generate_private_key(ec.SECP384R1())
    _write_private(directory / "identity.key", Identity.generate().raw_secret())
    _write_private(
        directory / "transport.key",
        transport.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
    )
    _write_private(directory / "master.key", secrets.token_bytes(KEY_BYTES))
    return Keyring(directory)


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_private(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except FileNotFoundError:
        raise KeysMissing(f"{path.name} is missing; `intramuros node init` makes it") from None
    if mode & 0o077:
        raise KeysExposed(f"{path.name} can be read by others; set its mode to 0600")
    return content
