"""Each peer held to its own rule by the running server: places, the line, stalls, idleness, the title it calls."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.instances import COMPUTED_RADIOGRAPHY, dataset
from fakes.receiving_node import intake_ground, server_on
from pynetdicom import AE
from pynetdicom.association import Association

from node.edges.dicom.server import ReceiveServer
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


def asked(server: ReceiveServer, *, calling: str = "CT3", called: str = "INTRAMUROS") -> Association:
    entity = AE(calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 10
    entity.add_requested_context(COMPUTED_RADIOGRAPHY)
    return entity.associate("127.0.0.1", server.port, ae_title=called)


def rejected_with(association: Association) -> tuple[int | None, int | None, int | None]:
    assert association.is_rejected
    answer = association.acceptor.primitive
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
