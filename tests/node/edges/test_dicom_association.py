"""An association of storage byte by byte: fragments, broken messages, what is not served, what is never kept."""

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.instances import COMPUTED_RADIOGRAPHY, dicom_file
from fakes.receiving_node import PEERS, intake_ground, server_on
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE, ImplementationClassUIDNotification, MaximumLengthNotification

from node.edges.dicom.messages import MessageBroken, Request, request_of, response_pdu
from node.edges.dicom.server import ReceiveServer
from node.edges.dicom.sockets import MAX_PDU_BYTES
from node.ground.config import Dicom
from node.intake.part10 import opened
from node.storage.intake_overview import IntakeOverview
from node.storage.intake_parts import IntakeGround

STORE, ECHO, FIND = 0x0001, 0x0030, 0x0020
P_DATA, RELEASE, ABORT = 4, 5, 7
EXPLICIT = "1.2.840.10008.1.2.1"


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[IntakeGround]:
    ground = intake_ground(tmp_path / "home")
    yield ground
    ground.engine.dispose()


@pytest.fixture
def server(ground: IntakeGround) -> Iterator[ReceiveServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    running = server_on(ground, Dicom(port=port, peers=PEERS, free_space_reserve_mib=1))
    running.start()
    yield running
    running.stop()


def asking() -> bytes:
    """The A-ASSOCIATE-RQ of CT3 for one context of storage."""
    asked, longest, implementation = A_ASSOCIATE(), MaximumLengthNotification(), ImplementationClassUIDNotification()
    longest.maximum_length_received = 16384
    implementation.implementation_class_uid = "1.2.3"
    context = build_context(COMPUTED_RADIOGRAPHY, EXPLICIT)
    context.context_id = 1
    asked.application_context_name = "1.2.840.10008.3.1.1.1"
    asked.calling_ae_title, asked.called_ae_title = "CT3", "INTRAMUROS"
    asked.presentation_context_definition_list = [context]
    asked.user_information = [longest, implementation]
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(asked)
    return bytes(pdu.encode())


def pdu_of(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBL", kind, 0, len(body)) + body


def value(fragment: bytes, control: int, context_id: int = 1) -> bytes:
    return struct.pack(">LBB", len(fragment) + 2, context_id, control) + fragment


def element(number: int, held: bytes) -> bytes:
    return struct.pack("<HHL", 0, number, len(held)) + held


def command(field: int = STORE, *, data_set: bool = True, uid: bytes = b"1.2.3.4.1\0") -> bytes:
    return b"".join(
        (
            element(0x0002, COMPUTED_RADIOGRAPHY.encode() + b"\0"),
            element(0x0100, struct.pack("<H", field)),
            element(0x0110, struct.pack("<H", 7)),
            element(0x0800, struct.pack("<H", 0x0001 if data_set else 0x0101)),
            element(0x1000, uid),
        )
    )


class Line:
    """A peer that says bytes."""

    def __init__(self, server: ReceiveServer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self.say(asking())
        assert self.heard()[0] == 2

    def say(self, *told: bytes) -> None:
        for one in told:
            self._socket.sendall(one)

    def heard(self) -> tuple[int, bytes]:
        """The kind and the body of the next PDU; 0 when the node hung up."""
        head = self._socket.recv(6, socket.MSG_WAITALL)
        if len(head) < 6:
            return 0, b""
        kind, _, length = struct.unpack(">BBL", head)
        return kind, self._socket.recv(length, socket.MSG_WAITALL)

    def status(self) -> int:
        kind, body = self.heard()
        assert kind == P_DATA
        at = body.index(struct.pack("<HHL", 0, 0x0900, 2))
        (status,) = struct.unpack_from("<H", body, at + 8)
        return int(status)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def line(server: ReceiveServer) -> Iterator[Line]:
    opened_line = Line(server)
    yield opened_line
    opened_line.close()


DATA_SET = opened(dicom_file()).data_set


def kept(server: ReceiveServer, ground: IntakeGround) -> list[bytes]:
    """What a server that has ended has kept."""
    server.stop()
    names = [path.name for path in ground.home.received.rglob("*") if path.is_file()]
    return [opened(ground.received_blobs().read(name)).data_set for name in names]


@pytest.mark.parametrize("size", [2, 7, 100, 4096])
def test_an_instance_in_fragments_of_any_size_is_kept_whole(
    line: Line, server: ReceiveServer, ground: IntakeGround, size: int
) -> None:
    said = command()
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    for number, piece in enumerate(pieces, 1):
        line.say(pdu_of(P_DATA, value(piece, 3 if number == len(pieces) else 1)))
    pieces = [DATA_SET[at : at + size] for at in range(0, len(DATA_SET), size)]
    for number, piece in enumerate(pieces, 1):
        line.say(pdu_of(P_DATA, value(piece, 2 if number == len(pieces) else 0)))
    assert line.status() == 0x0000
    assert kept(server, ground) == [DATA_SET]


def test_a_command_and_its_data_set_may_share_one_pdu(line: Line, server: ReceiveServer, ground: IntakeGround) -> None:
    line.say(pdu_of(P_DATA, value(command(), 3) + value(DATA_SET[:100], 0) + value(DATA_SET[100:], 2)))
    assert line.status() == 0x0000
    line.say(pdu_of(RELEASE, bytes(4)))
    assert line.heard()[0] == 6
    assert kept(server, ground) == [DATA_SET]


def test_an_instance_that_was_cut_off_is_not_kept(line: Line, server: ReceiveServer, ground: IntakeGround) -> None:
    line.say(pdu_of(P_DATA, value(command(), 3)), pdu_of(P_DATA, value(DATA_SET[:200], 0)))
    line.close()
    assert kept(server, ground) == []
    assert IntakeOverview(ground.engine).counts().received == 0


def test_an_aborted_instance_is_not_kept(line: Line, server: ReceiveServer, ground: IntakeGround) -> None:
    line.say(pdu_of(P_DATA, value(command(), 3)), pdu_of(P_DATA, value(DATA_SET[:200], 0)), pdu_of(ABORT, bytes(4)))
    assert line.heard()[0] == 0
    assert kept(server, ground) == []


def test_a_store_without_a_data_set_and_an_unknown_command_are_answered_and_the_line_stays(line: Line) -> None:
    line.say(pdu_of(P_DATA, value(command(data_set=False), 3)))
    assert line.status() == 0xC000
    line.say(pdu_of(P_DATA, value(command(FIND), 3) + value(b"whatever", 2)))
    assert line.status() == 0x0211
    line.say(pdu_of(P_DATA, value(command(ECHO, data_set=False), 3)))
    assert line.status() == 0x0000


BROKEN = {
    "a data set without a command": pdu_of(P_DATA, value(b"data", 2)),
    "a context nobody agreed to": pdu_of(P_DATA, value(command(), 3, context_id=3)),
    "a value longer than its PDU": pdu_of(P_DATA, struct.pack(">LBB", 999, 1, 3) + b"x"),
    "a value shorter than its head": pdu_of(P_DATA, struct.pack(">LBB", 1, 1, 3)),
    "a value cut off": pdu_of(P_DATA, b"\0\0\0"),
    "a command that is none": pdu_of(P_DATA, value(b"not a command set", 3)),
    "a command without numbers": pdu_of(P_DATA, value(element(0x0002, b"1.2"), 3)),
    "a command within a message": pdu_of(P_DATA, value(command(), 3) + value(command(), 3)),
    "a command without end": pdu_of(P_DATA, value(bytes(20_000), 1)),
    "a second request for an association": asking(),
    "no PDU at all": pdu_of(99, b"what?"),
    "a PDU larger than agreed": struct.pack(">BBL", P_DATA, 0, MAX_PDU_BYTES + 1),
    "a PDU of four gigabytes": struct.pack(">BBL", P_DATA, 0, 0xFFFFFFFF),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_breaks_the_protocol_is_aborted_and_keeps_nothing(
    line: Line, server: ReceiveServer, ground: IntakeGround, broken: str
) -> None:
    line.say(BROKEN[broken])
    assert line.heard()[0] == ABORT
    assert kept(server, ground) == []


def test_a_peer_may_send_large_pdus_and_hears_every_answer_at_once(server: ReceiveServer) -> None:
    agreed = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as peer:
        peer.sendall(asking())
        _, _, length = struct.unpack(">BBL", peer.recv(6, socket.MSG_WAITALL))
        agreed = peer.recv(length, socket.MSG_WAITALL)
        assert server._server is not None
        (served,) = server._server.stores
        assert served._line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    longest = struct.pack(">BBH", 0x51, 0, 4)
    (announced,) = struct.unpack_from(">L", agreed, agreed.index(longest) + 4)
    assert announced >= 128 * 1024


@pytest.mark.parametrize("uid", ["../../../etc/passwd", "", "1.2.3/4", "é" * 40, "%s\0\0"])
def test_a_malformed_uid_names_no_file(line: Line, server: ReceiveServer, ground: IntakeGround, uid: str) -> None:
    line.say(pdu_of(P_DATA, value(command(uid=uid.encode("latin-1")), 3) + value(DATA_SET, 2)))
    assert line.status() == 0x0000
    server.stop()
    (path,) = [path for path in ground.home.received.rglob("*") if path.is_file()]
    assert len(path.name) == 36


@pytest.mark.parametrize("cut", [1, 7, 9, 30])
def test_a_command_set_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(MessageBroken):
        request_of(command()[:cut])


def test_an_answer_repeats_what_was_asked() -> None:
    request = Request(STORE, 7, has_data_set=True, sop_class_uid="1.2", sop_instance_uid="1.2.3")
    pdu = response_pdu(5, request, 0xA700)
    for number, held in ((0x0002, b"1.2\0"), (0x0120, b"\7\0"), (0x0900, b"\x00\xa7"), (0x1000, b"1.2.3\0")):
        assert element(number, held) in pdu
    assert element(0x0100, b"\1\x80") in pdu
