"""Storage commitment put together: what answers requests in `receive`, and the loop in `jobs` that reports."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from node.edges.jobs.loop import JobLoop, Work
from node.flows.commit import COMMITMENT_KIND, CommitParts, Reporting, ReportLine, give_up
from node.ground.config import Dicom
from node.ground.ids import new_id
from node.ground.keyring import KeyPurpose
from node.intake.lookups import Lookups
from node.intake.sealing import Sealer
from node.storage.commitment_rows import CommitmentRowsStore, HeldInstances
from node.storage.engine import Database
from node.storage.job_queue import JobQueueStore
from node.storage.received_blobs import ReceivedBlobs
from node.wiring.place import Place

_HOLDER = "commitments"
_STOP_SECONDS = 5.0


def commit_parts(place: Place) -> CommitParts:
    """What commitment is made of at this node."""
    engine, keyring = place.engine(Database.INTAKE), place.keyring
    blobs = ReceivedBlobs(place.home.received, Sealer(keyring.derive(KeyPurpose.RECEIVED_STORE)))
    return CommitParts(
        rows=CommitmentRowsStore(engine),
        held=HeldInstances(engine, blobs, Lookups(keyring)),
        identities=Sealer(keyring.derive(KeyPurpose.IDENTITY_MAP, b"commitment")),
        lookups=Lookups(keyring),
        clock=place.clock,
        new_id=new_id,
        without_end=place.config.retention.without_end,
    )


def forget_lost_lines(parts: CommitParts, place: Place) -> None:
    """Requests whose only way back ended with an earlier process are given up; their peers may ask again."""
    for commitment_id in CommitmentRowsStore(place.engine(Database.INTAKE)).open_without_job():
        give_up(parts, commitment_id)


@contextmanager
def reporting(place: Place, stop: threading.Event) -> Iterator[None]:
    """Reports go out while the block runs, beside cleaning: a peer that does not answer holds nothing else up.

    Where no peer is called back any more, what is due is given up.
    """
    lines = _lines(place.config.dicom)
    works: dict[str, Work] = {COMMITMENT_KIND: Reporting(commit_parts(place), lines.get, random.SystemRandom())}
    loop = JobLoop(JobQueueStore(place.engine(Database.INTAKE)), works, [], place.clock, batch=4)
    if not lines:
        loop.run_until_idle(holder=_HOLDER)
        yield
        return
    thread = threading.Thread(target=loop.run, args=(stop,), kwargs={"holder": _HOLDER}, name=_HOLDER, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(_STOP_SECONDS)


def _lines(dicom: Dicom) -> Mapping[str, ReportLine]:
    """The way to every peer that is called back; what speaks DICOM is loaded where there is one."""
    if not any(peer.archive and peer.report_port for peer in dicom.peers):
        return {}
    from node.edges.dicom.commitment import reporting_lines

    return reporting_lines(dicom)
