"""pynetdicom's server with what it lacks: no Nagle delay, bounded PDUs, bounded instances, no stalled or leaking peers.

pynetdicom reads a PDU of any announced length into memory and in pieces of 4 KiB; here a PDU has a bound and comes in
large pieces. Source: PS3.8 section 9.3.5; fo-dicom issue 2110 for the 40 ms that Nagle's delay costs.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from time import monotonic
from typing import Final

from pynetdicom.transport import AssociationSocket

MAX_PDU_BYTES: Final = 256 * 1024
_PIECE_BYTES: Final = 128 * 1024


class BoundedSocket(AssociationSocket):
    """A peer's connection that announces no PDU larger than agreed and does not stall; `heard` was read before."""

    heard: bytes = b""

    @property
    def ready(self) -> bool:
        """Whether there is something to read."""
        return bool(self.heard) or super().ready

    def recv(self, nr_bytes: int) -> bytearray:
        """Exactly `nr_bytes`, or fewer when the peer closed.

        Raises:
            OSError: the peer announced a PDU larger than negotiated, stalled in the middle of one, or dripped.
        """
        if nr_bytes > MAX_PDU_BYTES:
            raise OSError("the peer announced a PDU larger than negotiated")
        if self.heard:
            received, self.heard = bytearray(self.heard[:nr_bytes]), self.heard[nr_bytes:]
            return received
        connection: socket.socket = self.socket  # type: ignore[assignment]  # pynetdicom: None only before connecting
        received = bytearray(nr_bytes)
        left = memoryview(received)
        patience = connection.gettimeout()
        end = None if patience is None else monotonic() + patience
        while left:
            count = connection.recv_into(left, min(len(left), _PIECE_BYTES))
            if not count:
                return received[: nr_bytes - len(left)]
            left = left[count:]
            if left and end is not None and monotonic() >= end:
                raise TimeoutError("the peer drips")
        return received

    def _shutdown_socket(self) -> None:
        """The connection is closed, also when the peer closed it first: pynetdicom then leaves it open."""
        if self.socket is None:
            return
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
