"""The digest by which bytes are known again: GHASH under a secret key, and HMAC-SHA256 over what that gives.

A universal hash under a secret key, then a keyed function: two different contents meet with a chance below one in
2**100 (the length over 2**128), and nobody without the keys can make them meet, or learn what was hashed, because no
value of GHASH ever leaves here. Reading every byte with GHASH costs about a twentieth of what SHA-256 costs. Source:
NIST SP 800-38D sections 6.4 and 7.1 (GMAC); V. Shoup, On fast and provably secure message authentication based on
universal hashing, CRYPTO 1996.

Digests of release 0.1.0 were HMAC-SHA256 over all bytes; the first letter tells the two apart.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

FORM: Final = "g"
"""The first character of a digest of this form; one of the former form is 64 hexadecimal digits."""
_MASK: Final = bytes(12)
"""GMAC masks GHASH with a block of this nonce, always the same: what is masked only ever enters the HMAC."""


class ContentDigest:
    """One digest in the making; `key` and `hash_key` are for this and nothing else."""

    def __init__(self, key: bytes, hash_key: bytes, transfer_syntax_uid: str) -> None:
        self._hash = Cipher(algorithms.AES(hash_key), modes.GCM(_MASK)).encryptor()
        self._mac = hmac.new(key, transfer_syntax_uid.encode() + b"\0", hashlib.sha256)

    def update(self, piece: bytes | memoryview) -> None:
        """The piece stands behind those before it."""
        self._hash.authenticate_additional_data(piece)

    def hexdigest(self) -> str:
        """64 characters; nothing can be added any more."""
        self._hash.finalize()
        self._mac.update(self._hash.tag)
        return FORM + self._mac.hexdigest()[1:]
