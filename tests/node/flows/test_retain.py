"""Received bytes go after their time, and only then."""

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.instances import START, StoppedClock
from fakes.intake import MemoryBytes, MemoryIntake

from node.flows.clean_endings import quarantined, settled_clean
from node.flows.jobs import Lease
from node.flows.retain import drop_old_received
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.intake.received import IntakeReason, NewReceived

NODE = Actor(ActorKind.NODE, "jobs")
MONTH = timedelta(days=30)


@pytest.fixture
def rows(tmp_path: Path) -> MemoryIntake:
    rows = MemoryIntake()
    for name in ("clean", "bad", "protected", "waiting"):
        rows.add([NewReceived(name, name, name, 1, b"", False, AuditEvent(START, NODE, "instance.received", name))])
    jobs = {job.subject: job for job in rows.lease("clean", 9, Lease("jobs", START, START))}
    rows.settle([settled_clean(jobs["clean"], START), settled_clean(jobs["protected"], START)])
    rows.settle([quarantined(jobs["bad"], START, IntakeReason.BYTES_DAMAGED)])
    rows.protect("protected", AuditEvent(START, NODE, "received.protected", "received:protected"))
    return rows


def blobs_of(rows: MemoryIntake) -> MemoryBytes:
    blobs = MemoryBytes()
    blobs.kept = dict.fromkeys(rows.rows, b"")
    return blobs


def test_only_clean_unprotected_images_lose_their_received_bytes(rows: MemoryIntake) -> None:
    blobs, clock = blobs_of(rows), StoppedClock()
    clock.move(MONTH + timedelta(seconds=1))
    assert drop_old_received(rows, blobs, clock, keep=MONTH) == 1
    assert blobs.kept.keys() == {"bad", "protected", "waiting"}
    assert rows.events[-1].action == "received.dropped"
    assert drop_old_received(rows, blobs, clock, keep=MONTH) == 0


def test_nothing_goes_before_its_time(rows: MemoryIntake) -> None:
    blobs, clock = blobs_of(rows), StoppedClock()
    clock.move(MONTH)
    assert drop_old_received(rows, blobs, clock, keep=MONTH) == 0
    assert len(blobs.kept) == 4


def test_bytes_already_gone_are_marked_all_the_same(rows: MemoryIntake) -> None:
    clock = StoppedClock()
    clock.move(MONTH * 2)
    assert drop_old_received(rows, MemoryBytes(), clock, keep=MONTH) == 1
    assert rows.rows["clean"].dropped
