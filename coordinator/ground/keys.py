"""The coordinator's identity on disk: 32 secret bytes in a file that only its owner can read; and its authority."""

from __future__ import annotations

import stat
from pathlib import Path

from coordinator.ground.faults import system_fault
from coordinator.ground.told import Told
from protocols.signing import Identity

_SECRET_BYTES = 32


class IdentityMissing(Told):
    """A file that `init` made is gone."""

    text_key = "refusals.identity-missing"


class IdentityUnreadable(Told):
    """The file is there and the system does not give it."""

    text_key = "refusals.identity-unreadable"


class IdentityExposed(Told):
    """Others than its owner can read the identity file."""

    text_key = "refusals.identity-exposed"


class IdentityDamaged(Told):
    """The identity file does not hold an identity; only a backup can bring it back."""

    text_key = "refusals.identity-damaged"


def read_identity(path: Path) -> Identity:
    """The identity of the file.

    Raises:
        IdentityMissing, IdentityUnreadable: no file, or not for this user.
        IdentityExposed, IdentityDamaged: readable by others than its owner, or not 32 bytes.
    """
    raw, mode = _content(path)
    if stat.S_IMODE(mode) & 0o077:
        raise IdentityExposed(file=path)
    if len(raw) != _SECRET_BYTES:
        raise IdentityDamaged(file=path)
    return Identity.from_raw(raw)


def read_authority(path: Path) -> str:
    """The authority's certificate (PEM), as hospitals are given it. Raises: IdentityMissing, IdentityUnreadable."""
    return _content(path)[0].decode("ascii", errors="replace")


def _content(path: Path) -> tuple[bytes, int]:
    try:
        return path.read_bytes(), path.stat().st_mode
    except FileNotFoundError:
        raise IdentityMissing(file=path) from None
    except OSError as error:
        raise IdentityUnreadable(file=path, reason=system_fault(error)) from None
