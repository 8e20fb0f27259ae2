"""The processes that touch images: receive (DICOM in) and jobs (cleaning, retention), and the import of a folder."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from node.edges.dicom.server import ReceiveServer
from node.edges.jobs.loop import Chore, JobLoop
from node.edges.sandbox.pool import SandboxPool
from node.flows.bring_in import ImportCounts, bring_in
from node.flows.clean import Cleaning
from node.flows.receive import Receiving
from node.flows.retain import drop_old_received
from node.ground.audit import Actor, ActorKind
from node.storage.engine import Database
from node.storage.intake_parts import IntakeGround, clean_parts, receive_parts
from node.storage.job_queue import JobQueueStore
from node.storage.retained_rows import RetainedRowsStore
from node.storage.ward_cases import WardAdmission
from node.wiring.place import Place

_SANDBOXES = 2
_RETENTION_EVERY_SECONDS = 3600.0


def intake_ground(place: Place) -> IntakeGround:
    """What every process that works on images stands on."""
    return IntakeGround(place.home, place.keyring, place.engine(Database.INTAKE), place.clock)


def run_receive(place: Place) -> None:
    """The DICOM port has been open until the process was asked to stop."""
    server = ReceiveServer(place.config.dicom, Receiving(receive_parts(intake_ground(place), place.config.dicom)))
    stop = stop_on_signal()
    server.start()
    stop.wait()
    server.stop()


def run_jobs(place: Place) -> None:
    """Received images were cleaned and old bytes dropped until the process was asked to stop."""
    ground, stop = intake_ground(place), stop_on_signal()
    keep = timedelta(days=place.config.retention.received_days)
    rows, blobs = RetainedRowsStore(ground.engine), ground.received_blobs()
    retention = Chore(
        "retention", _RETENTION_EVERY_SECONDS, lambda: drop_old_received(rows, blobs, place.clock, keep=keep)
    )
    with SandboxPool(_SANDBOXES) as sandbox:
        cleaning = Cleaning(
            clean_parts(ground, sandbox, WardAdmission(place.engine(Database.WARD))), threads=_SANDBOXES
        )
        JobLoop(JobQueueStore(ground.engine), {"clean": cleaning}, [retention], place.clock).run(stop)
        cleaning.close()


def import_path(place: Place, path: Path) -> Iterator[ImportCounts]:
    """Every DICOM file under a path is received; the counts as they grow."""
    receiving = Receiving(receive_parts(intake_ground(place), place.config.dicom))
    yield from bring_in(path, receiving, Actor(ActorKind.NODE, "import"))


def stop_on_signal() -> threading.Event:
    """An event that is set when this process is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
