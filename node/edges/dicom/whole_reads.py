"""A peer's line read in whole pieces: the system waits until a piece is there, not this process piece by piece.

A read that waits in the system costs one call where one with a timeout of Python's own costs two for every packet. TLS
has no such read: there Python waits. Who drips gets no more time than who says nothing. Source: recv(2), MSG_WAITALL;
socket(7), SO_RCVTIMEO and SO_SNDTIMEO.
"""

from __future__ import annotations

import socket
import ssl
import struct
from time import monotonic

_TIMEVAL = struct.Struct("@ll")


class WholeReads:
    """One connection, its reads and its time limit."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._by_system = not isinstance(line, ssl.SSLSocket)
        self._flags = socket.MSG_WAITALL if self._by_system else 0
        self._seconds = 0.0
        if self._by_system:
            line.setblocking(True)

    def limit(self, seconds: float) -> None:
        """From now on whoever has not said a piece, or taken one, in so long is cut off."""
        if seconds == self._seconds:
            return
        self._seconds = seconds
        if not self._by_system:
            self._line.settimeout(seconds)
            return
        timeval = _TIMEVAL.pack(int(seconds), int(seconds % 1 * 1e6))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._line.setsockopt(socket.SOL_SOCKET, option, timeval)

    def read(self, into: memoryview) -> bool:
        """The whole of `into` was read; False when the peer hung up.

        Raises:
            TimeoutError: it was not whole within the limit, however much of it came.
            OSError: the line broke.
        """
        at, end = 0, monotonic() + self._seconds
        while at < len(into):
            try:
                received = self._line.recv_into(into[at:], 0, self._flags)
            except BlockingIOError:
                raise TimeoutError from None
            if not received:
                return False
            at += received
            if at < len(into) and monotonic() >= end:
                raise TimeoutError
        return True
