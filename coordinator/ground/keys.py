"""The coordinator's identity on disk: 32 secret bytes in a file that only its owner can read."""

from __future__ import annotations

import stat
from pathlib import Path

from coordinator.ground.errors import CoordinatorError
from protocols.signing import Identity

_SECRET_BYTES = 32


class IdentityMissing(CoordinatorError):
    """There is no identity file, it is damaged, or others can read it."""


def read_identity(path: Path) -> Identity:
    """The identity of the file.

    Raises:
        IdentityMissing: no file, not 32 bytes, or readable by others than its owner.
    """
    try:
        raw, mode = path.read_bytes(), path.stat().st_mode
    except FileNotFoundError:
        raise IdentityMissing(f"{path} is missing; `intramuros coordinator init` makes it") from None
    if stat.S_IMODE(mode) & 0o077:
        raise IdentityMissing(f"{path} can be read by others; chmod 600 it")
    if len(raw) != _SECRET_BYTES:
        raise IdentityMissing(f"{path} is damaged; restore it from the backup")
    return Identity.from_raw(raw)
