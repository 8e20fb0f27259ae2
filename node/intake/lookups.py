"""Keyed digests: an instance or its bytes found again without the UID or the bytes being readable in the index.

HMAC-SHA256 (RFC 2104), one key per use. Without the node's keys nobody can confirm that an image is stored here.
"""

from __future__ import annotations

import hashlib
import hmac

from node.ground.keyring import KeyPurpose, Keyring
from node.intake.received import Instance


class Lookups:
    """The digests of one node."""

    def __init__(self, keyring: Keyring) -> None:
        self._instance_key = keyring.derive(KeyPurpose.PATIENT_LOOKUP, b"instance")
        self._content_key = keyring.derive(KeyPurpose.RECEIVED_STORE, b"digest")

    def instance(self, sop_instance_uid: str) -> str:
        """64 hex digits for an instance UID, padding not counted."""
        return hmac.digest(self._instance_key, sop_instance_uid.strip(" \0").encode(), "sha256").hex()

    def content(self, instance: Instance) -> str:
        """64 hex digits for the encoded data set and its transfer syntax; the file meta information does not count."""
        digest = hmac.new(self._content_key, instance.transfer_syntax_uid.encode() + b"\0", hashlib.sha256)
        digest.update(instance.data_set)
        return digest.hexdigest()

    def file(self, contents: bytes) -> str:
        """64 hex digits for a file that cannot be opened."""
        return hmac.digest(self._content_key, b"file\0" + contents, "sha256").hex()
