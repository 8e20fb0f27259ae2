"""What a reader of the figures of receiving must know; goes into every result."""

from __future__ import annotations

from typing import Final

_TOLD = """
The sender is dcmtk's storescu on the same machine, PDUs of 128 KiB, TCP_NODELAY on at both ends of every run. Every
run begins on an empty store with a receiver started for it; sides take turns, the peer first.

A run ends when every instance was answered with success and is indexed; what is missing then fails the benchmark.

Ours is the node's receive process as the supervisor starts it: bytes sealed (AES-256-GCM), digest, fdatasync of the
file that holds image and record of its row before each answer, its name synced before that with those of others, rows
in SQLite with synchronous=FULL after it. De-identification is another process and does not run here; the peers have
none. All CPU of the process and its threads counts.

Orthanc is Debian's, SQLite index, SyncStorageArea as said, everything else at its defaults; it does not seal. storescp
keeps bytes as they come in plain files and has no index.
"""

NOTES: Final = tuple(" ".join(paragraph.split()) for paragraph in _TOLD.split("\n\n"))
