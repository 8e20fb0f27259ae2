"""What a reader of the DICOMweb figures must know; goes into every result."""

from __future__ import annotations

from typing import Final

from benchmarks.dicomweb.series import INSTANCES, PIXELS

_TOLD = f"""
A sample is the time from sending one request to having its whole answer, on a line that stays open; the ratio is that
of the medians. One client, one request at a time, on loopback without TLS. The client is a bare socket: a library's
work on the answer would be measured with both sides.

Both sides hold the same {INSTANCES} invented CT slices of {PIXELS}x{PIXELS} and 16 bits, byte for byte, with the
attributes of clean ones. Ours were put into the store of clean images, with the headers that cleaning leaves beside it.

Our side is the whole node with its guard: every request looks up its session, role and the opt-outs in the databases.
The peer asks for no password, which favours it. Its index is SQLite; SyncStorageArea and TcpNoDelay are on, everything
else is as Debian ships it. Our server sets TCP_NODELAY too.

Answers differ in size: each side tells of an instance what its defaults are. Both were checked to be about all
{INSTANCES} instances, and each frame to be whole.
"""

NOTES: Final = tuple(" ".join(paragraph.split()) for paragraph in _TOLD.split("\n\n"))
