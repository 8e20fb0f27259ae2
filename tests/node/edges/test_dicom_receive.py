"""The DICOM port with real senders: who is let in, what is answered, what is kept."""

import os
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.instances import COMPUTED_RADIOGRAPHY, dataset, dicom_file
from fakes.receiving_node import PEERS, intake_ground, server_on
from pydicom.uid import JPEG2000Lossless, RLELossless
from pynetdicom import AE
from pynetdicom.association import Association
from sqlalchemy import event
from waiting import until

from node.edges.dicom import rows
from node.edges.dicom.rejection import rejection
from node.edges.dicom.server import ReceiveServer
from node.ground.config import Dicom
from node.ground.listening import AddressUnusable, PortTaken
from node.ground.texts import Language
from node.storage.disk import Disk
from node.storage.intake_overview import IntakeOverview
from node.storage.intake_parts import IntakeGround

PRIVATE_CLASS = "1.3.12.2.1107.5.9.1"
UNKNOWN_CLASS = "1.2.840.10008.5.1.4.1.1.9999.1"

needs_dcmtk = pytest.mark.skipif(
    shutil.which("storescu") is None and os.environ.get("CI") != "true",
    reason="no dcmtk; remedy: apt-get install dcmtk",
)
"""Skipped with the remedy on a machine without it; in CI it runs all the same, and fails where dcmtk is missing."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config(**changes: Any) -> Dicom:  # `Any`: the fields of Dicom, each of its own type
    return Dicom(**{"port": free_port(), "peers": PEERS, "free_space_reserve_mib": 1, **changes})


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[IntakeGround]:
    ground = intake_ground(tmp_path / "home")
    yield ground
    ground.engine.dispose()


Serve = Callable[..., ReceiveServer]


@pytest.fixture
def serve(ground: IntakeGround) -> Iterator[Serve]:
    """Starts servers that end with the test."""
    started: list[ReceiveServer] = []

    def start(settings: Dicom | None = None, disk: Disk | None = None) -> ReceiveServer:
        server = server_on(ground, settings or config(), disk)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


def connect(server: ReceiveServer, *contexts: Any, calling: str = "CT3", called: str = "INTRAMUROS") -> Association:
    entity = AE(calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 10
    for context in contexts or [(COMPUTED_RADIOGRAPHY,)]:
        entity.add_requested_context(*context)
    return entity.associate("127.0.0.1", server.port, ae_title=called)


def send(server: ReceiveServer, *uids: str, fill: int = 7) -> list[int]:
    association = connect(server)
    assert association.is_established
    try:
        return [int(association.send_c_store(dataset(uid, fill=fill)).Status) for uid in uids]
    finally:
        association.release()


def kept_files(ground: IntakeGround) -> list[Path]:
    """Files that hold something: names of images that may still come are there ahead of them."""
    return [path for path in ground.home.received.rglob("*") if path.is_file() and path.stat().st_size]


def test_an_echo_is_answered(serve: Serve) -> None:
    association = connect(serve(), ("1.2.840.10008.1.1",))
    assert association.send_c_echo().Status == 0x0000
    association.release()


def test_a_sent_image_is_kept_sealed_and_waits_for_cleaning(serve: Serve, ground: IntakeGround) -> None:
    server = serve()
    assert send(server, "1.2.3.4") == [0x0000]
    server.stop()
    assert IntakeOverview(ground.engine).counts().waiting == 1
    (path,) = kept_files(ground)
    assert dataset().PixelData not in path.read_bytes()
    assert dataset("1.2.3.4").PixelData in ground.received_blobs().read(path.name)


def test_a_duplicate_is_a_success_and_the_same_uid_with_other_bytes_is_kept_too(
    serve: Serve, ground: IntakeGround
) -> None:
    server = serve()
    assert send(server, "1.1", "1.1") + send(server, "1.1", fill=9) == [0, 0, 0]
    server.stop()
    counts = IntakeOverview(ground.engine).counts()
    assert (counts.received, counts.waiting, counts.quarantined) == (2, 1, 1)
    assert len(kept_files(ground)) == 2


@pytest.mark.parametrize("sop_class", [PRIVATE_CLASS, UNKNOWN_CLASS])
def test_private_and_unknown_storage_classes_are_taken(serve: Serve, sop_class: str) -> None:
    association = connect(serve(), (sop_class,))
    image = dataset()
    image.SOPClassUID = sop_class
    assert association.send_c_store(image).Status == 0x0000
    association.release()


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, RLELossless])
@pytest.mark.parametrize("first", [True, False])
def test_the_senders_compressed_transfer_syntax_is_taken_first(serve: Serve, syntax: str, *, first: bool) -> None:
    offered = [syntax, "1.2.840.10008.1.2"] if first else ["1.2.840.10008.1.2", syntax]
    association = connect(serve(), (COMPUTED_RADIOGRAPHY, offered))
    assert [context.transfer_syntax for context in association.accepted_contexts] == [[syntax]]
    association.release()


def test_what_is_no_storage_is_not_taken(serve: Serve) -> None:
    association = connect(serve(), ("1.2.840.10008.5.1.4.1.2.1.1",), (COMPUTED_RADIOGRAPHY,))
    assert [context.abstract_syntax for context in association.accepted_contexts] == [COMPUTED_RADIOGRAPHY]
    association.release()


@pytest.mark.parametrize(("calling", "called", "diagnostic"), [("STRANGER", "INTRAMUROS", 3), ("CT3", "OTHER", 7)])
def test_strangers_and_wrong_addressees_are_rejected(serve: Serve, calling: str, called: str, diagnostic: int) -> None:
    association = connect(serve(), calling=calling, called=called)
    answer = rejection(association)
    assert answer is not None
    assert (answer.result, answer.result_source, answer.diagnostic) == (1, 1, diagnostic)


def test_a_full_disk_makes_the_sender_try_again_and_keeps_nothing(serve: Serve, ground: IntakeGround) -> None:
    server = serve(config(free_space_reserve_mib=1 << 30))
    assert send(server, "1.1") == [0xA700]
    assert kept_files(ground) == []
    assert IntakeOverview(ground.engine).counts().received == 0


def test_an_instance_above_the_limit_is_refused_for_good(serve: Serve) -> None:
    association = connect(serve(config(max_instance_mib=1)))
    image = dataset()
    image.PixelData = bytes(1 << 20)
    assert association.send_c_store(image).Status == 0xC000
    association.release()


def test_an_association_whose_instance_outgrows_twice_the_limit_is_ended(serve: Serve, ground: IntakeGround) -> None:
    association = connect(serve(config(max_instance_mib=1)))
    image = dataset()
    image.PixelData = bytes(8 << 20)
    assert not association.send_c_store(image)
    assert kept_files(ground) == []


def test_a_taken_port_is_named_with_the_remedy(serve: Serve) -> None:
    first = serve()
    with pytest.raises(PortTaken, match=f"127.0.0.1:{first.port}") as refused:
        serve(config(port=first.port))
    assert str(first.port) in refused.value.public_text(Language.KO)


def test_an_address_that_is_not_this_machines_is_refused(serve: Serve) -> None:
    with pytest.raises(AddressUnusable, match="no-such-line"):
        serve(config(host="localhost%no-such-line"))


def test_health_probes_and_half_messages_leave_no_thread_behind(serve: Serve) -> None:
    server = serve()
    before = threading.active_count()
    for message in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x04\x00\xff\xff\xff\xff" + bytes(64), b"\x01\x00\x00\x00"):
        with socket.create_connection(("127.0.0.1", server.port)) as probe:
            probe.sendall(message)
    assert send(server, "1.1") == [0]
    for _ in range(200):
        if threading.active_count() <= before:
            break
        threading.Event().wait(0.05)
    assert threading.active_count() <= before


def test_four_senders_at_once_lose_nothing(serve: Serve, ground: IntakeGround) -> None:
    server = serve()
    answers: list[int] = []
    senders = [
        threading.Thread(target=lambda n=n: answers.extend(send(server, *(f"1.{n}.{m}" for m in range(1, 6)))))
        for n in range(1, 5)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert answers == [0] * 20
    server.stop()
    assert len(kept_files(ground)) == IntakeOverview(ground.engine).counts().waiting == 20


@needs_dcmtk
def test_debians_storescu_and_echoscu_are_served(serve: Serve, ground: IntakeGround, tmp_path: Path) -> None:
    server = serve()
    (tmp_path / "film.dcm").write_bytes(dicom_file(dataset("1.2.3.4")))
    where = ["-aec", "INTRAMUROS", "127.0.0.1", str(server.port)]
    subprocess.run(["echoscu", "-aet", "STORESCU", *where], check=True, timeout=20)
    subprocess.run(["storescu", "-aet", "STORESCU", *where, str(tmp_path / "film.dcm")], check=True, timeout=20)
    server.stop()
    assert IntakeOverview(ground.engine).counts().waiting == 1


@needs_dcmtk
def test_storescu_fails_when_the_disk_is_full(serve: Serve, ground: IntakeGround, tmp_path: Path) -> None:
    server = serve(config(free_space_reserve_mib=1 << 30))
    (tmp_path / "film.dcm").write_bytes(dicom_file())
    where = ["-aet", "STORESCU", "-aec", "INTRAMUROS", "127.0.0.1", str(server.port)]
    sent = subprocess.run(
        ["storescu", "-v", *where, str(tmp_path / "film.dcm")], capture_output=True, text=True, timeout=20, check=False
    )
    assert "OutOfResources" in sent.stdout + sent.stderr or "a700" in (sent.stdout + sent.stderr).lower()


def test_the_row_of_an_answered_image_follows_within_a_second(serve: Serve, ground: IntakeGround) -> None:
    server, overview = serve(), IntakeOverview(ground.engine)
    assert send(server, "1.1") == [0x0000]
    end = time.monotonic() + 5
    while overview.counts().waiting < 1:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_rows_wait_for_no_more_once_the_last_sender_has_gone(
    serve: Serve, ground: IntakeGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_REST_SECONDS", 3600.0)
    server, overview = serve(), IntakeOverview(ground.engine)
    assert send(server, "1.1", "1.2", "1.3") == [0x0000] * 3
    until(lambda: overview.counts().waiting == 3, seconds=10, what="rows that follow", every_seconds=0.05)


def test_nothing_is_accepted_while_rows_cannot_follow_and_nothing_answered_is_lost(
    serve: Serve, ground: IntakeGround
) -> None:
    server = serve()

    def no_room(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    def room(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA query_only = OFF")

    event.listen(ground.engine, "checkout", no_room)
    answers = [send(server, "1.1")[0]]
    while answers[-1] == 0x0000:
        time.sleep(0.05)
        answers += send(server, f"1.{len(answers) + 1}")
    assert answers[-1] == 0xA700
    event.remove(ground.engine, "checkout", no_room)
    event.listen(ground.engine, "checkout", room)
    server.stop()
    assert IntakeOverview(ground.engine).counts().waiting == len(answers) - 1


def test_a_peer_that_also_asks_for_another_service_is_served_by_the_same_rules(
    serve: Serve, ground: IntakeGround
) -> None:
    association = connect(serve(), (COMPUTED_RADIOGRAPHY,), ("1.2.840.10008.5.1.4.1.2.2.1",))
    assert association.send_c_store(dataset("1.1")).Status == 0x0000
    association.release()
    assert IntakeOverview(ground.engine).counts().waiting == 1
