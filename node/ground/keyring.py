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

from node.ground.faults import system_fault
from node.ground.told import Told
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
    STROKES = "strokes"
    """What a page keeps of unsaved work on a shared PC, a key for each person."""


class KeysMissing(Told):
    """The home directory holds no keys; `intramuros node init` makes them."""

    text_key = "ground.keys_missing"


class KeysDamaged(Told):
    """A key file does not hold the kind of key it is for; only a backup can bring it back."""

    text_key = "ground.keys_damaged"


class KeysUnreadable(Told):
    """A key file is there and the system does not give it."""

    text_key = "ground.keys_unreadable"


class KeysExist(Told):
    """The home directory already holds keys, also of an `init` that was cut off; they are never overwritten."""

    text_key = "ground.keys_exist"


class KeysExposed(Told):
    """A key file can be read by others than its owner."""

    text_key = "ground.keys_exposed"


class Keyring:
    """The keys of one node, read from its home directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._master = _read_private(directory / "master.key")
        if len(self._master) != KEY_BYTES:
            raise KeysDamaged(file=directory / "master.key")

    def derive(self, purpose: KeyPurpose, context: bytes = b"") -> bytes:
        """The 32 byte key of a purpose and a context. Source: RFC 5869."""
        info = b"intramuros/node/1/" + purpose.value.encode("ascii") + b"/" + context
        return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._master)

    def identity(self) -> Identity:
        """The hospital's identity."""
        path = self._directory / "identity.key"
        try:
            return Identity.from_raw(_read_private(path))
        except ValueError:
            raise KeysDamaged(file=path) from None

    @property
    def transport_key_path(self) -> Path:
        """The SuperNode's private key file (P-384, OpenSSH format), the only key Flower sees."""
        return self._directory / "transport.key"

    def transport_certificate(self, serial: int, made_at: datetime) -> bytes:
        """The SuperNode's public key, sealed by the hospital's identity."""
        try:
            private = load_ssh_private_key(_read_private(self.transport_key_path), password=None)
        except ValueError:
            raise KeysDamaged(file=self.transport_key_path) from None
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise KeysDamaged(file=self.transport_key_path)
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
        raise KeysExist(home=directory.parent)
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
        raise KeysMissing(file=path) from None
    except OSError as error:
        raise KeysUnreadable(file=path, reason=system_fault(error)) from None
    if mode & 0o077:
        raise KeysExposed(file=path)
    return content
