"""pynetdicom's server with what it lacks: no Nagle delay, bounded PDUs, bounded instances, no stalled or leaking peers.

pynetdicom reads a PDU of any announced length into memory and in pieces of 4 KiB; here a PDU has a bound and comes in
large pieces. Source: PS3.8 section 9.3.5; fo-dicom issue 2110 for the 40 ms that Nagle's delay costs.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import Any, Final

from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from node.ground.logs import log

MAX_PDU_BYTES: Final = 256 * 1024
_PIECE_BYTES: Final = 128 * 1024
_STALLED_SECONDS: Final = 60.0
_GREETING_SECONDS: Final = 10.0
_HEAD: Final = struct.Struct(">BBL")
_A_ASSOCIATE_RQ: Final = 0x01


class BoundedSocket(AssociationSocket):
    """A peer's connection that announces no PDU larger than agreed and does not stall."""

    def recv(self, nr_bytes: int) -> bytearray:
        """Exactly `nr_bytes`, or fewer when the peer closed.

        Raises:
            OSError: the peer announced a PDU larger than negotiated, or stalled in the middle of one.
        """
        if nr_bytes > MAX_PDU_BYTES:
            raise OSError("the peer announced a PDU larger than negotiated")
        connection: socket.socket = self.socket  # type: ignore[assignment]  # pynetdicom: None only before connecting
        received = bytearray(nr_bytes)
        left = memoryview(received)
        while left:
            count = connection.recv_into(left, min(len(left), _PIECE_BYTES))
            if not count:
                return received[: nr_bytes - len(left)]
            left = left[count:]
        return received

    def _shutdown_socket(self) -> None:
        """The connection is closed, also when the peer closed it first: pynetdicom then leaves it open."""
        if self.socket is None:
            return
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class PeerConnection(RequestHandler):
    """One accepted connection on its way to becoming an association."""

    def handle(self) -> None:
        """The association runs in its own thread on a bounded socket; a mere health probe never becomes one."""
        if not self._asks_for_an_association():
            self.server.shutdown_request(self.request)
            return
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request.settimeout(_STALLED_SECONDS)
        association = self._create_association()
        # A second AssociationSocket would announce the connection twice: the one there is becomes bounded.
        association.dul.socket.__class__ = BoundedSocket
        association.start()

    def _asks_for_an_association(self) -> bool:
        """Whether the first thing the peer says is the head of an A-ASSOCIATE-RQ of a sane length."""
        self.request.settimeout(_GREETING_SECONDS)
        try:
            head = self.request.recv(_HEAD.size, socket.MSG_PEEK | socket.MSG_WAITALL)
        except OSError:
            return False
        if len(head) < _HEAD.size:
            return False
        kind, _, length = _HEAD.unpack(head)
        return bool(kind == _A_ASSOCIATE_RQ and length <= MAX_PDU_BYTES)


class PeerServer(ThreadedAssociationServer):
    """Listens; what goes wrong with a connection is logged by its type only."""

    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The connection is dropped; the log says so, not why in the words of outside code."""
        log().warning("connection dropped", state="before association")
