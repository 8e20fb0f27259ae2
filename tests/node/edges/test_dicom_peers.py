"""Each peer held to its own rule by the running server: places, the line, stalls, idleness, the title it calls."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from fakes.instances import COMPUTED_RADIOGRAPHY, dataset
from fakes.receiving_node import intake_ground, server_on
from pynetdicom import AE
from pynetdicom.acse import ACSE
from pynetdicom.association import Association
from structlog.testing import capture_logs
from waiting import patient, until

from node.edges.dicom import connections
from node.edges.dicom.connections import Unheard
from node.edges.dicom.rejection import rejection
from node.edges.dicom.server import ReceiveServer
from node.flows.accept import Accepting
from node.ground.config import Dicom, DicomPeer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ReceiveServer]:
    settings: dict[str, Any] = {"port": free_port(), "free_space_reserve_mib": 1, **request.param}
    ground = intake_ground(tmp_path / "home")
    running = server_on(ground, Dicom(**settings))
    running.start()
    yield running
    running.stop()
    ground.engine.dispose()


def asked(server: ReceiveServer, *others: str, calling: str = "CT3", called: str = "INTRAMUROS") -> Association:
    entity = AE(calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 10
    for offered in (COMPUTED_RADIOGRAPHY, *others):
        entity.add_requested_context(offered)
    return entity.associate("127.0.0.1", server.port, ae_title=called)


def rejected_with(association: Association) -> tuple[int | None, int | None, int | None]:
    answer = rejection(association)
    assert answer is not None
    return answer.result, answer.result_source, answer.diagnostic


CT3 = DicomPeer(ae_title="CT3")


@pytest.mark.parametrize("server", [{"peers": (CT3,), "max_associations": 1}], indirect=True)
def test_one_too_many_waits_for_its_place_and_is_then_served(server: ReceiveServer) -> None:
    first, second = asked(server), list[Association]()
    waiting = threading.Thread(target=lambda: second.append(asked(server)))
    waiting.start()
    time.sleep(0.3)
    assert second == []
    first.release()
    waiting.join(10)
    assert second[0].is_established
    assert second[0].send_c_store(dataset("1.1")).Status == 0x0000
    second[0].release()


@pytest.mark.parametrize("server", [{"peers": (CT3,), "max_associations": 1, "waiting_associations": 0}], indirect=True)
def test_where_the_line_is_full_a_peer_is_told_to_come_again(server: ReceiveServer) -> None:
    first = asked(server)
    assert rejected_with(asked(server)) == (2, 3, 2)
    first.release()


@pytest.mark.parametrize(
    "server", [{"peers": (CT3, DicomPeer(ae_title="WS1", called_ae_title="RESEARCH"))}], indirect=True
)
def test_a_peer_may_have_a_title_of_its_own_to_call(server: ReceiveServer) -> None:
    welcome = asked(server, calling="WS1", called="RESEARCH")
    assert welcome.is_established
    welcome.release()
    assert rejected_with(asked(server, calling="WS1")) == (1, 1, 7)


@pytest.mark.parametrize("server", [{"peers": (DicomPeer(ae_title="CT3", tls_required=True),)}], indirect=True)
def test_a_peer_that_must_encrypt_is_not_taken_in_clear(server: ReceiveServer) -> None:
    assert rejected_with(asked(server)) == (1, 1, 1)


@pytest.mark.parametrize("server", [{"peers": (CT3,)}], indirect=True)
def test_a_refusal_heard_before_the_asking_thread_looks_is_a_refusal(
    server: ReceiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = ACSE.send_request

    def and_heard(acse: ACSE) -> None:
        sent(acse)
        until(lambda: acse.dul.peek_next_pdu() is not None, 20, "a refusal", every_seconds=0.01)
        until(lambda: not getattr(acse.socket, "_is_connected", True), 20, "hanging up", every_seconds=0.01)

    monkeypatch.setattr(ACSE, "send_request", and_heard)
    association = asked(server, calling="STRANGER")
    assert not association.is_rejected
    assert rejected_with(association) == (1, 1, 3)


@pytest.mark.parametrize("server", [{"peers": (DicomPeer(ae_title="CT3", idle_seconds=0.3),)}], indirect=True)
def test_an_association_on_which_nothing_is_said_ends_after_the_peers_own_time(server: ReceiveServer) -> None:
    association = asked(server)
    for _ in range(100):
        if association.is_aborted or association.is_released:
            break
        time.sleep(0.05)
    assert not association.is_established


@pytest.mark.parametrize(
    "server", [{"peers": (DicomPeer(ae_title="CT3", stalled_seconds=0.3),), "max_associations": 1}], indirect=True
)
def test_a_peer_that_stalls_in_the_middle_of_a_message_gives_its_place_back(server: ReceiveServer) -> None:
    stalled = asked(server)
    assert stalled.dul.socket is not None
    line = stalled.dul.socket.socket
    assert line is not None
    line.sendall(b"\x04\x00\x00\x00\x10\x00half")
    following = asked(server)
    assert following.is_established
    following.release()


def line_of(association: Association) -> socket.socket:
    """The bare connection under an association."""
    assert association.dul.socket is not None
    line = association.dul.socket.socket
    assert line is not None
    return line


def is_cut_off(line: socket.socket, drop: bytes) -> bool:
    """Whether the node is through with a peer that says a little more."""
    try:
        line.sendall(drop)
    except OSError:
        return True
    return False


def sent_one(server: ReceiveServer) -> bool:
    """Whether a peer is served now."""
    association = asked(server)
    if not association.is_established:
        return False
    status = association.send_c_store(dataset("1.1")).Status
    association.release()
    return bool(status == 0x0000)


FIND = "1.2.840.10008.5.1.4.1.2.2.1"
"""Who asks for this beside storage is served by pynetdicom."""
DROPS = {
    "within one PDU": (b"\x04\x00\x00\x00\x10\x00", b"x"),
    "in whole PDUs of a command": (b"", b"\x04\x00\x00\x00\x00\x07\x00\x00\x00\x03\x01\x01x"),
}


@pytest.mark.parametrize("drops", DROPS)
@pytest.mark.parametrize("others", [(), (FIND,)], ids=["own", "pynetdicom"])
@pytest.mark.parametrize(
    "server",
    [{"peers": (DicomPeer(ae_title="CT3", stalled_seconds=0.3),), "max_associations": 1, "waiting_seconds": 60}],
    indirect=True,
)
def test_a_peer_that_drips_its_message_gives_its_place_back(
    server: ReceiveServer, others: tuple[str, ...], drops: str
) -> None:
    begin, drop = DROPS[drops]
    dripping = asked(server, *others)
    dripping.network_timeout = None  # its own patience must not end what the node's is to end
    line = line_of(dripping)
    line.sendall(begin)
    until(lambda: is_cut_off(line, drop), 60, "the end of a dripping peer", every_seconds=0.05)
    following = asked(server)
    assert following.is_established
    following.release()


@pytest.mark.parametrize("server", [{"peers": (CT3,)}], indirect=True)
@pytest.mark.parametrize("others", [(), (FIND,)], ids=["own", "pynetdicom"])
def test_while_an_association_is_open_its_images_gather(
    server: ReceiveServer, others: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Accepting] = []
    entered = Accepting.sender

    def entering(accepting: Accepting) -> AbstractContextManager[None]:
        seen.append(accepting)
        return entered(accepting)

    monkeypatch.setattr(Accepting, "sender", entering)
    association = asked(server, *others)
    assert association.is_established
    assert not seen[0].gather(0)
    association.release()
    until(lambda: seen[0].gather(0), 60, "nobody who sends")


@pytest.mark.parametrize("server", [{"peers": (CT3,), "max_associations": 1, "waiting_seconds": 60}], indirect=True)
@pytest.mark.parametrize("others", [(), (FIND,)], ids=["own", "pynetdicom"])
def test_a_pdu_of_four_gigabytes_ends_its_association_and_nothing_else(
    server: ReceiveServer, others: tuple[str, ...]
) -> None:
    lying = asked(server, *others)
    line_of(lying).sendall(b"\x04\x00\xff\xff\xff\xff" + bytes(1024))
    following = asked(server)
    assert following.is_established
    assert following.send_c_store(dataset("1.1")).Status == 0x0000
    following.release()


def is_hung_up_on(silent: socket.socket) -> bool:
    """Whether the node has ended a connection on which nothing is ever said."""
    try:
        return silent.recv(1, socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("server", [{"peers": (CT3,)}], indirect=True)
def test_a_flood_of_connections_that_say_nothing_costs_so_many_threads_and_keeps_no_peer_out(
    server: ReceiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.edges.dicom.opening.GREETING_SECONDS", 3600.0)
    monkeypatch.setattr(connections, "HANGING_UP_SECONDS", patient(60))
    before, one_more = threading.active_count(), ("127.0.0.1", server.port)
    flood = [socket.create_connection(one_more) for _ in range(connections.MOST_UNHEARD + 20)]
    try:
        until(lambda: sum(map(is_hung_up_on, flood)) == 20, 60, "twenty too many hung up on")
        until(lambda: threading.active_count() - before <= connections.MOST_UNHEARD, 60, "bounded threads")
        assert sent_one(server)
        assert sum(map(is_hung_up_on, flood)) == 21
    finally:
        for silent in flood:
            silent.close()


@pytest.fixture
def lines() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Connections, each as the node and as its peer hold it."""
    pairs = [socket.socketpair() for _ in range(4)]
    yield pairs
    for one in (end for pair in pairs for end in pair):
        one.close()


Lines = list[tuple[socket.socket, socket.socket]]


def test_a_connection_counts_until_it_was_heard_and_no_longer(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HANGING_UP_SECONDS", 0.01)
    unheard, (first, second, third, fourth) = Unheard(1), (mine for mine, _ in lines)
    assert unheard.enter(first)
    assert not unheard.enter(second)
    unheard.begin(first)
    unheard.heard()
    unheard.heard()
    assert unheard.enter(third)
    unheard.leave(third)
    assert unheard.enter(fourth)
    unheard.leave(fourth)


def test_the_longest_silent_connection_is_hung_up_on_and_the_log_says_so_once(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HANGING_UP_SECONDS", 0.01)
    unheard = Unheard(2)
    with capture_logs() as told:
        entered = [unheard.enter(mine) for mine, _ in lines[:3]]
        assert (entered, [is_hung_up_on(peer) for _, peer in lines]) == (
            [True, True, False],
            [True, False, False, False],
        )
        unheard.leave(lines[0][0])
        assert unheard.enter(lines[2][0])
        assert not unheard.enter(lines[3][0])
    assert [is_hung_up_on(peer) for _, peer in lines] == [True, True, False, False]
    assert [line["state"] for line in told] == ["too many unheard"]
    unheard.leave(lines[2][0])
