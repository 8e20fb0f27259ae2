"""The chain of readings: each entry binds the one before, so no reading can change, vanish or move unseen.

An entry holds SHA-256 of a random salt and the reading's canonical bytes. Should a reading ever have to be destroyed,
its salt and text go and the digest stays, with who destroyed it, when and why: the chain still verifies, and the digest
tells nothing. A body that is missing without such a note breaks the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from node.labeling.errors import ChainBroken
from node.labeling.reading import Reading
from protocols.encoding import canonical_json

GENESIS = "0" * 64
SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last entry: its number (0 before the first) and its hash."""

    number: int
    entry_hash: str


class DestroyReason(StrEnum):
    """Why the bodies of readings are destroyed."""

    PATIENT_ASKED = "patient-asked"
    COURT_ORDER = "court-order"
    PROJECT_ENDED = "project-ended"


@dataclass(frozen=True, slots=True)
class Destruction:
    """When, by whom and why a reading's body was destroyed."""

    at: datetime
    by: str
    """The identifier of a person."""
    reason: DestroyReason


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One reading in the chain. Salt and reading are absent once it was destroyed."""

    number: int
    digest: str
    entry_hash: str
    salt: bytes | None = None
    reading: Reading | None = None
    destroyed: Destruction | None = None


@dataclass(frozen=True, slots=True)
class ChainProof:
    """What a verified chain says: its head, and the entries whose bodies were destroyed, by number."""

    head: ChainHead
    destroyed: tuple[tuple[int, Destruction], ...]


def next_entry(head: ChainHead, reading: Reading, salt: bytes) -> ChainEntry:
    """The entry of a reading after the head."""
    digest = salted_digest(reading, salt)
    number = head.number + 1
    return ChainEntry(number, digest, _entry_hash(head.entry_hash, number, digest), salt, reading)


def salted_digest(reading: Reading, salt: bytes) -> str:
    """SHA-256 of the salt and the reading's canonical bytes, hexadecimal."""
    words: dict[str, object] = {
        "reading": reading.reading_id,
        "assignment": reading.assignment_id,
        "project": reading.project_id,
        "case": reading.case_id,
        "person": reading.person_id,
        "submitted_at": reading.submitted_at.isoformat(),
        "content": reading.content.words(),
    }
    if reading.basis is None and reading.amendment is None:
        return hashlib.sha256(b"intramuros/reading/1" + salt + canonical_json(words)).hexdigest()
    words["basis"] = None if reading.basis is None else asdict(reading.basis)
    words["amendment"] = None if reading.amendment is None else asdict(reading.amendment)
    return hashlib.sha256(b"intramuros/reading/2" + salt + canonical_json(words)).hexdigest()


def verify_chain(entries: Iterable[ChainEntry]) -> ChainProof:
    """What the entries, in order from the first, prove.

    Raises:
        ChainBroken: naming the first entry that is missing, out of order, or not what was chained.
    """
    head, destroyed = ChainHead(0, GENESIS), []
    for entry in entries:
        expected = head.number + 1
        linked = entry.entry_hash == _entry_hash(head.entry_hash, expected, entry.digest)
        if entry.number != expected or not _whole(entry) or not linked:
            raise ChainBroken(expected)
        head = ChainHead(entry.number, entry.entry_hash)
        if entry.destroyed is not None:
            destroyed.append((entry.number, entry.destroyed))
    return ChainProof(head, tuple(destroyed))


def _whole(entry: ChainEntry) -> bool:
    if entry.destroyed is not None:
        return entry.salt is None and entry.reading is None
    if entry.salt is None or entry.reading is None:
        return False
    return salted_digest(entry.reading, entry.salt) == entry.digest


def _entry_hash(previous: str, number: int, digest: str) -> str:
    return hashlib.sha256(f"intramuros/reading-chain/1\n{previous}\n{number}\n{digest}".encode("ascii")).hexdigest()
