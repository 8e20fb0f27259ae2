"""One association of storage, from its acceptance to its end: every fragment of an instance goes on as it arrives.

Nothing of an instance is collected in memory: the piece of each PDU is hashed, sealed and written while the sender
sends the next. A buffer of one PDU and one of the file serve an association, so a peer makes the node hold no more.
A message that comes slower than any network is cut off, in however many whole PDUs it drips in.
Only C-STORE and C-ECHO are served here; what breaks the protocol is aborted. Source: PS3.8 sections 9.3.5 to 9.3.8.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from enum import IntEnum
from time import monotonic
from typing import Final

from node.edges.dicom.agreement import Agreement
from node.edges.dicom.messages import COMMAND, LAST, Asked, MessageBroken, Request, request_of, response_pdu
from node.edges.dicom.sockets import MAX_PDU_BYTES
from node.edges.dicom.storing import Status, refusal
from node.edges.dicom.whole_reads import WholeReads
from node.flows.accept import Accepting, Arriving, Head
from node.ground.audit import Actor, ActorKind
from node.ground.config import DicomPeer
from node.ground.logs import log

_HEAD: Final = struct.Struct(">BBL")
_VALUE: Final = struct.Struct(">LBB")
_RELEASED: Final = _HEAD.pack(0x06, 0, 4) + bytes(4)
_ABORTED: Final = _HEAD.pack(0x07, 0, 4) + bytes((0, 0, 2, 0))
_LONGEST_COMMAND_BYTES: Final = 16 * 1024
LEAST_BYTES_A_SECOND: Final = 4096
"""What a message must come at, once its peer's own time for a stall is over."""
_PARTING_SECONDS: Final = 0.5
_PARTING_READS: Final = 8


class Pdu(IntEnum):
    """The PDUs a peer may send on an association."""

    P_DATA_TF = 0x04
    RELEASE = 0x05
    ABORT = 0x07


class StoreAssociation:
    """Serves one peer on its own thread."""

    def __init__(
        self, line: socket.socket, agreed: Agreement, rule: DicomPeer, accepting: Accepting, *, longest_bytes: int
    ) -> None:
        self._line = line
        self._reads = WholeReads(line)
        self._agreed = agreed
        self._rule = rule
        self._accepting = accepting
        self._longest_bytes = longest_bytes
        self._sender = Actor(ActorKind.PEER, agreed.calling)
        self._buffer = memoryview(bytearray(MAX_PDU_BYTES))
        self._command = b""
        self._request: Request | None = None
        self._context_id = 0
        self._weight = 0
        self._began = 0.0
        self._status = Status.SUCCESS
        self._arriving: Arriving | None = None

    def serve(self) -> None:
        """The association has ended, released, aborted or cut off; what had no answer yet is not kept."""
        try:
            self._reads.limit(self._rule.stalled_seconds)
            self._line.sendall(self._agreed.answer)
            while self._one_pdu():
                pass
        except MessageBroken:
            self._abort("protocol")
        except TimeoutError:
            self._abort("nothing_said" if self._request is None else "stalled")
        except OSError as error:
            log().warning("association cut off", error_type=type(error).__name__)
        finally:
            if self._arriving is not None:
                self._arriving.abandon()

    def end(self) -> None:
        """The peer is hung up on, from another thread; an instance being committed still is."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def _abort(self, reason: str) -> None:
        """The peer was told; what it had already sent is let fall for a moment, or its system would drop the word."""
        log().warning("association aborted", reason=reason)
        with suppress(OSError):
            self._line.sendall(_ABORTED)
            self._line.shutdown(socket.SHUT_WR)
            self._reads.limit(_PARTING_SECONDS)
            for _ in range(_PARTING_READS):
                if not self._reads.read(self._buffer):
                    break

    def _one_pdu(self) -> bool:
        """False once the association has ended."""
        self._reads.limit(self._rule.idle_seconds if self._request is None else self._rule.stalled_seconds)
        if not self._reads.read(self._buffer[: _HEAD.size]):
            return False
        kind, _, length = _HEAD.unpack_from(self._buffer)
        if length > MAX_PDU_BYTES:
            raise MessageBroken("a PDU larger than agreed")
        self._reads.limit(self._rule.stalled_seconds)
        if not self._reads.read(self._buffer[:length]):
            return False
        if kind == Pdu.P_DATA_TF:
            self._values(length)
            if self._is_dripping():
                raise TimeoutError
            if self._request is not None:  # a sender with Nagle's delay waits for this before it sends the rest
                self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            return True
        if kind == Pdu.RELEASE:
            self._line.sendall(_RELEASED)
        elif kind != Pdu.ABORT:
            raise MessageBroken("no PDU of an association")
        return False

    def _is_dripping(self) -> bool:
        """Whether the message under way has had more time than its bytes explain."""
        if self._request is None and not self._command:
            return False
        return monotonic() - self._began > self._rule.stalled_seconds + self._weight / LEAST_BYTES_A_SECOND

    def _values(self, length: int) -> None:
        """Every presentation data value of the PDU in the buffer went where it belongs."""
        at = 0
        while at < length:
            if at + _VALUE.size > length:
                raise MessageBroken("a value is cut off")
            size, context_id, control = _VALUE.unpack_from(self._buffer, at)
            start, at = at + _VALUE.size, at + 4 + size
            if at < start or at > length or context_id not in self._agreed.syntaxes:
                raise MessageBroken("a value is cut off, or of no context")
            if control & COMMAND:
                self._take_command(self._buffer[start:at], context_id, last=bool(control & LAST))
            else:
                self._take_data(self._buffer[start:at], last=bool(control & LAST))

    def _take_command(self, fragment: memoryview, context_id: int, *, last: bool) -> None:
        if not self._command:
            self._began, self._weight = monotonic(), 0
        self._command += fragment
        if self._request is not None or len(self._command) > _LONGEST_COMMAND_BYTES:
            raise MessageBroken("a command within another message, or without end")
        if not last:
            return
        request, self._command = request_of(self._command), b""
        if request.command == Asked.CANCEL:
            return
        self._request, self._context_id = request, context_id
        self._status = self._begun(request)
        if not request.has_data_set:
            self._answer()

    def _begun(self, request: Request) -> Status:
        """The status so far: what is already known to be refused still comes in, and is let fall."""
        if request.command == Asked.ECHO:
            return Status.SUCCESS
        if request.command != Asked.STORE:
            return Status.UNRECOGNIZED_OPERATION
        if not request.has_data_set:
            return Status.CANNOT_UNDERSTAND
        syntax = self._agreed.syntaxes[self._context_id]
        try:
            head = Head(request.sop_class_uid, request.sop_instance_uid, syntax)
            self._arriving = self._accepting.begin(head, self._sender)
        except Exception as error:  # noqa: BLE001 - whatever it was, the sender must learn of it
            return refusal(error)
        return Status.SUCCESS

    def _take_data(self, fragment: memoryview, *, last: bool) -> None:
        if self._request is None:
            raise MessageBroken("a data set without a command")
        self._weight += len(fragment)
        if self._weight > self._longest_bytes:
            raise MessageBroken("an instance that outgrows every bound")
        if self._arriving is not None:
            try:
                self._arriving.take(fragment)
            except Exception as error:  # noqa: BLE001 - whatever it was, the sender must learn of it
                self._status, self._arriving = refusal(error), None
        if last:
            self._answer()

    def _answer(self) -> None:
        if self._request is None:
            return
        arriving, self._arriving = self._arriving, None
        if arriving is not None:
            try:
                arriving.accept()
            except Exception as error:  # noqa: BLE001 - whatever it was, the sender must learn of it
                self._status = refusal(error)
        request, self._request = self._request, None
        self._line.sendall(response_pdu(self._context_id, request, self._status))
