"""One connection on its way to an association: heard out, held to its peer's rule, in line for a place, then served.

Strangers and health probes never take a place, a parser or a second thread, and no more of them are heard out at once
than `MOST_UNHEARD`: a flood of connections costs a bounded number of threads, and a peer that speaks at once gets
through it. TLS, where a connection has it, is known by its socket: a rule that asks for it finds it there. Plain
storage is served by `StoreAssociation`, all else by pynetdicom.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

from node.edges.dicom.agreement import agreement
from node.edges.dicom.opening import opening, reject, titles
from node.edges.dicom.peers import Caller, PeerRules, Rejection
from node.edges.dicom.slots import Slots
from node.edges.dicom.sockets import BoundedSocket
from node.edges.dicom.store_association import StoreAssociation
from node.flows.accept import Accepting
from node.ground.config import DicomPeer
from node.ground.logs import log

MOST_UNHEARD: Final = 64
"""Connections at once that have not said who they are, or are being sent away."""
HANGING_UP_SECONDS: Final = 1.0
"""How long a new connection waits for the thread of the one that was hung up on for it."""
TELLING_SECONDS: Final = 60.0
"""The log tells of a flood no more often."""


class Unheard:
    """Counts connections, each by the thread that serves it, until it was heard out.

    Where there is no room, the one that has been silent longest is hung up on. One thread alone lets connections enter.
    """

    def __init__(self, most: int = MOST_UNHEARD) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._mine = threading.local()
        self._silent: dict[socket.socket, socket.socket] = {}
        """A second handle of each, which outlives that TLS takes the first; the longest silent comes first."""
        self._turn = threading.Lock()
        self._told: float | None = None
        self._dropped = 0

    def enter(self, connection: socket.socket) -> bool:
        """Whether there is room for one more, which is then counted."""
        if not self._free.acquire(blocking=False):
            self._hang_up()
            if not self._free.acquire(timeout=HANGING_UP_SECONDS):
                return False
        try:
            handle = connection.dup()
        except OSError:  # the machine has no descriptor to give
            self._free.release()
            return False
        with self._turn:
            self._silent[connection] = handle
        return True

    def begin(self, connection: socket.socket) -> None:
        """This thread serves a connection that entered."""
        self._mine.connection = connection

    def leave(self, connection: socket.socket) -> None:
        """The connection counts no more; it entered and has not left."""
        with self._turn:
            handle = self._silent.pop(connection, None)
        if handle is not None:
            handle.close()
        self._free.release()

    def heard(self) -> None:
        """This thread's connection counts no more."""
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            self._mine.connection = None
            self.leave(connection)

    def _hang_up(self) -> None:
        """The thread of the longest silent one hears the end of its connection, and will count it no more."""
        with self._turn:
            longest = next(iter(self._silent), None)
            handle = None if longest is None else self._silent.pop(longest)
        if handle is not None:
            with suppress(OSError), handle:
                handle.shutdown(socket.SHUT_RDWR)
        self._dropped += 1
        if self._told is None or monotonic() - self._told >= TELLING_SECONDS:
            log().warning("connection dropped", state="too many unheard", count=self._dropped)
            self._told, self._dropped = monotonic(), 0


class PeerServer(ThreadedAssociationServer):
    """Listens; what goes wrong with a connection is logged by its type only."""

    request_queue_size = 64
    daemon_threads = True
    rules: PeerRules
    slots: Slots
    accepting: Accepting
    longest_bytes: int

    def __init__(self, *settings: Any, **named: Any) -> None:  # `Any`: those of pynetdicom's server
        self.stores: set[StoreAssociation] = set()
        self.unheard = Unheard()
        super().__init__(*settings, **named)

    def process_request(self, request: Any, client_address: Any) -> None:
        """The connection has a thread, in place of the longest silent one where too many say nothing."""
        if not self.unheard.enter(request):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # the machine has no thread to give
            self.unheard.leave(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The connection was served, and counts among those unheard no longer than it was one."""
        self.unheard.begin(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.unheard.heard()

    def service_actions(self) -> None:
        """Nothing: pynetdicom's server collects garbage here every few seconds, a tenth of a second of all threads."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The connection is dropped; the log says so, not why in the words of outside code."""
        log().warning("connection dropped", state="before association")


class PeerConnection(RequestHandler):
    """One accepted connection."""

    server: PeerServer

    def handle(self) -> None:
        """The association has ended, or the peer got none and was told why."""
        opened = opening(self.request)
        if opened is None:
            self.server.shutdown_request(self.request)
            return
        calling, called = titles(opened)
        encrypted = isinstance(self.request, ssl.SSLSocket)
        rule = self.server.rules.rule_for(Caller(calling, called, str(self.client_address[0]), encrypted))
        if isinstance(rule, DicomPeer):
            self.server.unheard.heard()
            rule = rule if self.server.slots.take() else Rejection.ALL_TAKEN
        if isinstance(rule, Rejection):
            log().warning("association rejected", reason=rule.name.lower(), host=str(self.client_address[0]))
            reject(self.request, rule)
            self.server.shutdown_request(self.request)
            return
        try:
            self._serve(opened, rule)
        finally:
            self.server.slots.give_back()

    def _serve(self, opened: bytes, rule: DicomPeer) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        agreed = agreement(opened)
        if agreed is None:
            self._serve_by_pynetdicom(opened, rule)
            return
        bound = self.server.longest_bytes
        association = StoreAssociation(self.request, agreed, rule, self.server.accepting, longest_bytes=bound)
        self.server.stores.add(association)
        try:
            with self.server.accepting.sender():
                association.serve()
        finally:
            self.server.stores.discard(association)
            self.server.shutdown_request(self.request)

    def _serve_by_pynetdicom(self, opened: bytes, rule: DicomPeer) -> None:
        """The association ran in its own thread on a bounded socket, and has ended."""
        self.request.settimeout(rule.stalled_seconds)
        association = self._create_association()
        association.network_timeout = rule.idle_seconds
        # A second AssociationSocket would announce the connection twice: the one there is becomes bounded.
        line = association.dul.socket
        line.__class__ = BoundedSocket
        if isinstance(line, BoundedSocket):
            line.heard = opened
        with self.server.accepting.sender():
            association.start()
            association.join()
