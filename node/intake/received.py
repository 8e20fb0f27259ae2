"""The received image: one instance as it came, known inside the node by a random identifier only.

States: waiting (for de-identification) to clean or quarantined; a person may send a quarantined one back to waiting. A
clean one goes to quarantine when its patient is excluded, or when a reader sees an identity in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from node.ground.audit import AuditEvent


class ReceivedState(StrEnum):
    """Where a received image stands."""

    WAITING = "waiting"
    CLEAN = "clean"
    QUARANTINED = "quarantined"


NEXT_STATES: Final[Mapping[ReceivedState, frozenset[ReceivedState]]] = {
    ReceivedState.WAITING: frozenset({ReceivedState.CLEAN, ReceivedState.QUARANTINED}),
    ReceivedState.CLEAN: frozenset({ReceivedState.QUARANTINED}),
    ReceivedState.QUARANTINED: frozenset({ReceivedState.WAITING}),
}


class Outcome(StrEnum):
    """What became of one instance that was offered; each of them is a success for its sender."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    """The same bytes are stored already."""
    CONFLICT = "conflict"
    """The same instance UID came with other bytes: both are kept, this one in quarantine."""
    SET_ASIDE = "set_aside"
    """The file cannot be read: kept, in quarantine."""


class IntakeReason(StrEnum):
    """Why intake itself quarantines an image; each is the key of a text in `intake.toml`."""

    SAME_UID_OTHER_BYTES = "same_uid_other_bytes"
    UID_MISMATCH = "uid_mismatch"
    FILE_BROKEN = "file_broken"
    BYTES_DAMAGED = "bytes_damaged"
    EXCLUDED = "excluded"
    """The patient's images are not used; the bytes go when their retention ends."""
    LEGAL_HOLD = "legal_hold"
    """The patient's images are not used, and not deleted either."""
    BYTES_GONE = "bytes_gone"
    """The patient's exclusion ended after the received bytes had gone; nothing can be made of the image any more."""
    IDENTITY_SEEN = "identity_seen"
    """A reader saw who the patient is: the image was clean, and is held until a steward decides."""
    CLEANING_FAILED = "cleaning_failed"
    DELETED = "deleted"
    """A person deleted the image: its bytes are gone, and the same bytes sent again stay deleted."""

    @property
    def text_key(self) -> str:
        """The reason as it is stored and shown: the key of its text."""
        return f"intake.{self.value}"


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance as its sender encoded it. `data_set` are the bytes after the file meta information."""

    sop_class_uid: str
    sop_instance_uid: str = field(repr=False)
    transfer_syntax_uid: str
    data_set: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewReceived:
    """A row to be: everything the index keeps of one instance, its identity sealed."""

    received_id: str
    instance_lookup: str
    """Keyed digest of the instance UID."""
    content_digest: str
    """Keyed digest of the bytes; equal bytes of one instance have equal digests."""
    byte_count: int
    sealed_identity: bytes = field(repr=False)
    broken: bool
    """True for a file that cannot be read and goes to quarantine at once."""
    event: AuditEvent
