"""The first thing a peer says, and the answer of a node that does not take it.

An A-ASSOCIATE-RQ is read whole and bounded before anything else happens with a connection, so that titles decide before
a thread, a place or a parser is spent on a stranger. Source: PS3.8 tables 9-11 and 9-21.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from time import monotonic
from typing import Final

from node.edges.dicom.peers import Rejection

GREETING_SECONDS: Final = 10.0
LONGEST_OPENING_BYTES: Final = 256 * 1024
_HEAD: Final = struct.Struct(">BBL")
_TITLES: Final = struct.Struct(">HH16s16s")
_A_ASSOCIATE_RQ: Final = 0x01
_REJECT: Final = struct.Struct(">BBLBBBB")
_A_ASSOCIATE_RJ: Final = 0x03


def opening(connection: socket.socket) -> bytes | None:
    """The whole A-ASSOCIATE-RQ a connection begins with; None for what says anything else, or nothing in time."""
    end = monotonic() + GREETING_SECONDS
    head = _exactly(connection, _HEAD.size, end)
    if head is None:
        return None
    kind, _, length = _HEAD.unpack(head)
    if kind != _A_ASSOCIATE_RQ or not _TITLES.size <= length <= LONGEST_OPENING_BYTES:
        return None
    body = _exactly(connection, length, end)
    return None if body is None else head + body


def titles(opened: bytes) -> tuple[str, str]:
    """The calling and the called AE title of an A-ASSOCIATE-RQ, as text without padding."""
    _, _, called, calling = _TITLES.unpack_from(opened, _HEAD.size)
    return _title(calling), _title(called)


def reject(connection: socket.socket, rejection: Rejection) -> None:
    """The peer was told why it gets no association; it hangs up, or is hung up on."""
    result, source, reason = rejection.value
    with suppress(OSError):
        connection.settimeout(GREETING_SECONDS)
        connection.sendall(_REJECT.pack(_A_ASSOCIATE_RJ, 0, 4, 0, result, source, reason))
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)


def _exactly(connection: socket.socket, count: int, end: float) -> bytes | None:
    """So many bytes, or None when the peer hung up or took longer than until `end`."""
    received = b""
    while len(received) < count:
        connection.settimeout(max(end - monotonic(), 0.001))
        try:
            piece = connection.recv(count - len(received))
        except OSError:
            return None
        if not piece:
            return None
        received += piece
    return received


def _title(padded: bytes) -> str:
    return padded.decode("latin-1").strip(" \0")
