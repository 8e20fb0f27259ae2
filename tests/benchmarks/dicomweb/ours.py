"""Our side: a whole node as `node run` starts it, the series in its store of clean images, asked for by a steward."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.dicomweb.asking import Series, Side
from e2e.node_process import NodeProcess, Signed
from fakes.receiving_node import intake_ground
from fakes.sandbox import OpenSandbox
from sqlalchemy import insert
from waiting import until

from node.flows.describe import Describing
from node.ground.ids import new_id
from node.intake.received import ReceivedState
from node.storage.clean_store import CleanStore
from node.storage.disk import Disk
from node.storage.engine import writing
from node.storage.header_rows import HeaderRowsStore
from node.storage.intake_parts import IntakeGround
from node.storage.intake_tables import IMAGE, PATIENT, RECEIVED

ROOT = "/api/dicomweb"


@contextlib.contextmanager
def running_node(work: Path, files: Sequence[bytes]) -> Iterator[Series]:
    """The series of a node that runs; down again afterwards."""
    node = NodeProcess(work / "home", "Bench hospital", "--language", "en")
    ground = intake_ground(node.home)
    _fill(ground, files)
    ground.engine.dispose()
    try:
        node.start()
        with Signed(node.address, node.add_person("steward", "steward")) as signed:
            cookie = "; ".join(f"{name}={value}" for name, value in signed.client.cookies.items())
            series = Series(Side(node.web_port, ROOT, {"Cookie": cookie}))
            until(series.find, seconds=60, what="our side does not hold the whole series")
            yield series
    finally:
        node.stop()


def _fill(ground: IntakeGround, files: Sequence[bytes]) -> None:
    """The files stand where cleaning puts them, with the rows and headers it leaves; cleaning is not measured here."""
    now, store = ground.clock.now(), CleanStore(ground.home.clean, Disk())
    with writing(ground.engine) as connection:
        patient = {"patient_number": 1, "patient_lookup": "0" * 64, "number_lookup": "0" * 64, "sealed_identity": b""}
        connection.execute(insert(PATIENT).values(patient))
        for number, contents in enumerate(files):
            image_id = new_id()
            store.write(image_id, contents)
            same = {"received_id": image_id, "instance_lookup": f"{number:064x}", "sealed_identity": b""}
            row = {"content_digest": f"{number:064x}", "byte_count": len(contents), "state": ReceivedState.CLEAN.value}
            ending = {"reason": "", "received_at": now, "settled_at": now, "protected": False}
            connection.execute(insert(RECEIVED).values(**same, **row, **ending))
            connection.execute(insert(IMAGE).values(**same, image_id=image_id, patient_number=1, cleaned_at=now))
    store.settle()
    headers = Describing(HeaderRowsStore(ground.engine), store, OpenSandbox(), ground.clock)
    assert headers.catch_up() == len(files)
