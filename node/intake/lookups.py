"""Keyed digests: an instance or its bytes found again without the UID or the bytes being readable in the index.

HMAC-SHA256 (RFC 2104), one key per use; bytes are hashed under a key of their own before (`content_digest`). Without
the node's keys nobody can confirm that an image is stored here.
"""

from __future__ import annotations

import hmac

from node.ground.keyring import KeyPurpose, Keyring
from node.intake.content_digest import FORM, ContentDigest
from node.intake.exclusion import canonical_number
from node.intake.received import Instance


class Lookups:
    """The digests of one node."""

    def __init__(self, keyring: Keyring) -> None:
        self._instance_key = keyring.derive(KeyPurpose.PATIENT_LOOKUP, b"instance")
        self._file_key = keyring.derive(KeyPurpose.RECEIVED_STORE, b"digest")
        self._content_key = keyring.derive(KeyPurpose.RECEIVED_STORE, b"content")
        self._hash_key = keyring.derive(KeyPurpose.RECEIVED_STORE, b"hash")
        self._transaction_key = keyring.derive(KeyPurpose.PATIENT_LOOKUP, b"transaction")
        self._number_key = keyring.derive(KeyPurpose.PATIENT_LOOKUP, b"number")

    def instance(self, sop_instance_uid: str) -> str:
        """64 hex digits for an instance UID, padding not counted."""
        return hmac.digest(self._instance_key, sop_instance_uid.strip(" \0").encode(), "sha256").hex()

    def transaction(self, peer: str, transaction_uid: str) -> str:
        """64 hex digits for a peer's storage commitment transaction, padding not counted."""
        told = peer.strip().encode() + b"\0" + transaction_uid.strip(" \0").encode()
        return hmac.digest(self._transaction_key, told, "sha256").hex()

    def patient_number(self, number: str) -> str:
        """64 hex digits for a hospital's patient number, however it is written; empty where there is none."""
        canonical = canonical_number(number)
        return hmac.digest(self._number_key, canonical.encode(), "sha256").hex() if canonical else ""

    def content(self, instance: Instance) -> str:
        """64 characters for the encoded data set and its transfer syntax; the file meta information does not count."""
        digest = self.growing_content(instance.transfer_syntax_uid)
        digest.update(instance.data_set)
        return digest.hexdigest()

    def growing_content(self, transfer_syntax_uid: str) -> ContentDigest:
        """The digest of `content`, fed with the data set piece by piece as it comes."""
        return ContentDigest(self._content_key, self._hash_key, transfer_syntax_uid)

    def former_content(self, instance: Instance) -> str:
        """What `content` was in release 0.1.0: 64 hex digits."""
        told = instance.transfer_syntax_uid.encode() + b"\0" + instance.data_set
        return hmac.digest(self._file_key, told, "sha256").hex()

    def is_content(self, digest: str, instance: Instance) -> bool:
        """Whether a digest, of either form, is that of the instance."""
        made = self.content(instance) if digest.startswith(FORM) else self.former_content(instance)
        return hmac.compare_digest(made, digest)

    def file(self, contents: bytes) -> str:
        """64 hex digits for a file that cannot be opened."""
        return hmac.digest(self._file_key, b"file\0" + contents, "sha256").hex()
