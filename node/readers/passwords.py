"""Passwords: long enough to be set, kept only as Argon2id. There is no default password and none is ever generated."""

from __future__ import annotations

from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from node.readers.errors import PasswordTooWeak

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256
_MIN_DISTINCT = 5


class Passwords(Protocol):
    """How a password is kept and compared."""

    def digest(self, password: str) -> str:
        """What is stored instead of the password."""
        ...

    def matches(self, digest: str | None, password: str) -> bool:
        """True for the password of the digest; as slow for no digest as for a wrong one."""
        ...


class Argon2Passwords:
    """Argon2id. Source: RFC 9106; the library's defaults are its low-memory profile."""

    def __init__(self, *, time_cost: int = 3, memory_kib: int = 65_536) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib)
        self._nobody = self._hasher.hash("nobody's password")

    def digest(self, password: str) -> str:
        """The Argon2id string with its own salt."""
        return self._hasher.hash(password)

    def matches(self, digest: str | None, password: str) -> bool:
        """True for the password of the digest; a missing digest takes the same time."""
        try:
            self._hasher.verify(digest or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return digest is not None


def check_password(password: str) -> None:
    """Return when the password may be set.

    Raises:
        PasswordTooWeak: fewer than twelve characters, or hardly any different ones.
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS or len(set(password)) < _MIN_DISTINCT:
        raise PasswordTooWeak(f"a password has at least {MIN_CHARACTERS} characters, {_MIN_DISTINCT} of them different")
