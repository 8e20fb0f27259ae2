"""What can be wrong between the index and the stored bytes: four kinds, and nothing in between."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Damage(StrEnum):
    """What is wrong with one stored object; each has a text `intake.damage_…`."""

    MISSING = "missing"
    """The index expects bytes that are not there."""
    CHANGED = "changed"
    """The bytes are not those that were stored."""
    ORPHANED = "orphaned"
    """Bytes stand in the store that the index does not know."""
    UNREADABLE = "unreadable"
    """The disk does not give the bytes."""

    @property
    def text_key(self) -> str:
        """The key of its text."""
        return f"intake.damage_{self.value}"


@dataclass(frozen=True, slots=True)
class Shelved:
    """What the index knows of one stored object that must be there."""

    name: str
    """The node's own identifier, which is also the file's name."""
    instance_lookup: str
    content_digest: str
    """Keyed digests, as in `NewReceived`; empty for a clean image, which the index knows by name only."""


@dataclass(frozen=True, slots=True)
class Found:
    """One damaged object of one store."""

    store: str
    name: str
    damage: Damage
