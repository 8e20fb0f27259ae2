"""A receiver that is killed in the middle of receiving, and what it must have kept."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path

from fakes.instances import COMPUTED_RADIOGRAPHY, dataset
from fakes.receiving_node import intake_ground
from pydicom import dcmread
from pynetdicom import AE
from sqlalchemy import select

from node.ground.config import Dicom
from node.storage.engine import reading
from node.storage.intake_parts import receive_parts
from node.storage.intake_tables import RECEIVED

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(home: Path, port: int) -> subprocess.Popen[str]:
    """A receiver that listens."""
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


def killed_while_receiving(home: Path, port: int, turn: int, chance: random.Random) -> list[str]:
    """The UIDs that a receiver answered before it was killed at a random moment."""
    process = started(home, port)
    seconds = 0.2 + 0.8 * chance.random()
    killer = threading.Timer(seconds, process.send_signal, [signal.SIGKILL])
    killer.start()
    acknowledged = [uid for answered in senders_at_once(port, turn) for uid in answered]
    killer.join()
    process.wait(10)
    return acknowledged


def senders_at_once(port: int, turn: int) -> list[list[str]]:
    """What each of two senders at once saw answered."""
    answered: list[list[str]] = []
    senders = [
        threading.Thread(target=lambda n=n: answered.append(send_until_cut(port, f"1.{turn}.{n}"))) for n in (1, 2)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return answered


def check_nothing_lost(home: Path, acknowledged: list[str]) -> int:
    """After the next start every acknowledged image is there and whole, and nothing is half there; how many are."""
    ground = intake_ground(home)
    receive_parts(ground, Dicom())
    with reading(ground.engine) as connection:
        rows = connection.scalars(select(RECEIVED.c.received_id)).all()
    kept = set()
    for row in rows:
        image = dcmread(BytesIO(ground.received_blobs().read(row)))
        fill = int(image.SOPInstanceUID.rpartition(".")[2]) % 251
        assert image.PixelData == dataset(fill=fill).PixelData
        kept.add(image.SOPInstanceUID)
    assert set(acknowledged) <= kept
    assert len(kept) == len(rows)
    assert {path.name for path in ground.home.received.rglob("*") if path.is_file()} == set(rows)
    ground.engine.dispose()
    return len(rows)
