"""Killed in the middle of receiving: nothing acknowledged is lost, nothing is half-visible."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from fakes.instances import COMPUTED_RADIOGRAPHY, dataset
from fakes.receiving_node import intake_ground
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pynetdicom import AE
from sqlalchemy import select

from node.ground.config import Dicom
from node.storage.engine import reading
from node.storage.intake_parts import receive_parts
from node.storage.intake_tables import RECEIVED

ROOT = Path(__file__).resolve().parents[3]
KILLS = 3


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(home: Path, port: int) -> subprocess.Popen[str]:
    program = ROOT / "tests" / "fakes" / "receiving_node.py"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    process = subprocess.Popen(
        [sys.executable, str(program), str(home), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdout.close()
    return process


def send_until_cut(port: int, prefix: str) -> list[str]:
    """The UIDs that were answered with success before the line broke."""
    entity = AE("CT3")
    entity.add_requested_context(COMPUTED_RADIOGRAPHY)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 5
    association = entity.associate("127.0.0.1", port, ae_title="INTRAMUROS")
    line = association.dul.socket.socket if association.dul.socket else None
    acknowledged: list[str] = []
    for number in range(1, 2000):
        uid = f"{prefix}.{number}"
        try:
            answer = association.send_c_store(dataset(uid, fill=number % 251))
        except RuntimeError:
            break
        if not answer or answer.Status != 0x0000:
            break
        acknowledged.append(uid)
    if line is not None:
        line.close()  # pynetdicom leaves the socket open when the peer is gone
    return acknowledged


def killed_while_receiving(home: Path, port: int, turn: int) -> list[str]:
    process = started(home, port)
    seconds = 0.4 + random.random()
    killer = threading.Timer(seconds, process.send_signal, [signal.SIGKILL])
    killer.start()
    acknowledged = [uid for answered in senders_at_once(port, turn) for uid in answered]
    killer.join()
    process.wait(10)
    return acknowledged


def senders_at_once(port: int, turn: int) -> list[list[str]]:
    answered: list[list[str]] = []
    senders = [
        threading.Thread(target=lambda n=n: answered.append(send_until_cut(port, f"1.{turn}.{n}"))) for n in (1, 2)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return answered


def test_a_kill_loses_no_acknowledged_image_and_leaves_none_half_visible(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    acknowledged = [uid for turn in range(1, KILLS + 1) for uid in killed_while_receiving(home, port, turn)]
    assert acknowledged
    ground = intake_ground(home)
    receive_parts(ground, Dicom())
    with reading(ground.engine) as connection:
        rows = connection.scalars(select(RECEIVED.c.received_id)).all()
    kept = {dcmread(DicomBytesIO(ground.received_blobs().read(row))).SOPInstanceUID for row in rows}
    assert set(acknowledged) <= kept
    assert len(kept) == len(rows)
    assert {path.name for path in ground.home.received.rglob("*") if path.is_file()} == set(rows)
    ground.engine.dispose()
