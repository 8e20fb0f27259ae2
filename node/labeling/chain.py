"""The chain of readings: each entry binds the one before, so no reading can change, vanish or move unseen.

An entry holds SHA-256 of a random salt and the reading's canonical bytes. Should a reading ever have to be erased, its
salt and text go and the digest stays: the chain still verifies, and the digest tells nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One reading in the chain. Salt and reading are absent after an erasure."""

    number: int
    digest: str
    entry_hash: str
    salt: bytes | None = None
    reading: Reading | None = None


def next_entry(head: ChainHead, reading: Reading, salt: bytes) -> ChainEntry:
    """The entry of a reading after the head."""
    digest = salted_digest(reading, salt)
    number = head.number + 1
    return ChainEntry(number, digest, _entry_hash(head.entry_hash, number, digest), salt, reading)


def salted_digest(reading: Reading, salt: bytes) -> str:
    """SHA-256 of the salt and the reading's canonical bytes, hexadecimal."""
    words = {
        "reading": reading.reading_id,
        "assignment": reading.assignment_id,
        "project": reading.project_id,
        "case": reading.case_id,
        "person": reading.person_id,
        "submitted_at": reading.submitted_at.isoformat(),
        "content": reading.content.model_dump(mode="json"),
    }
    return hashlib.sha256(b"intramuros/reading/1" + salt + canonical_json(words)).hexdigest()


def verify_chain(entries: Iterable[ChainEntry]) -> ChainHead:
    """The head that the entries, in order from the first, lead to.

    Raises:
        ChainBroken: naming the first entry that is missing, out of order, or not what was chained.
    """
    head = ChainHead(0, GENESIS)
    for entry in entries:
        expected = head.number + 1
        whole = entry.salt is None or entry.reading is None or salted_digest(entry.reading, entry.salt) == entry.digest
        linked = entry.entry_hash == _entry_hash(head.entry_hash, expected, entry.digest)
        if entry.number != expected or not whole or not linked:
            raise ChainBroken(expected)
        head = ChainHead(entry.number, entry.entry_hash)
    return head


def _entry_hash(previous: str, number: int, digest: str) -> str:
    return hashlib.sha256(f"intramuros/reading-chain/1\n{previous}\n{number}\n{digest}".encode("ascii")).hexdigest()
