"""The suite of the quarantine store: the fake in memory, SQLite and PostgreSQL answer alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.instances import START
from fakes.intake import MemoryIntake
from fakes.quarantine import MemoryQuarantine
from sqlalchemy import Engine, create_engine, make_url, text

from node.deidentify.verdict import QuarantineReason
from node.flows.clean_endings import buried, quarantined, settled_clean
from node.flows.jobs import Lease
from node.flows.quarantine import HeldImages, NotDeletable
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.received import NewReceived, Outcome
from node.storage.engine import Database, open_engine
from node.storage.image_register import ImageRegisterStore
from node.storage.intake_overview import IntakeOverview, SettledImage
from node.storage.job_queue import JobQueueStore
from node.storage.migrate import upgrade
from node.storage.quarantine_store import QuarantineStore
from node.storage.received_index import ReceivedIndexStore
from node.storage.retained_rows import RetainedRowsStore

BURNED_IN = "deidentify.burned_in_annotation"


class SqlIntake(ReceivedIndexStore, JobQueueStore, ImageRegisterStore, RetainedRowsStore):
    """The stores of one database under one name."""

    def __init__(self, engine: Engine) -> None:
        ReceivedIndexStore.__init__(self, engine)


@dataclass
class Ward:
    """Quarantine, and the stores that put images into it."""

    held: HeldImages
    intake: Any

    def quarantined(self, lookup: str = "a", *, dead: bool = False) -> str:
        received_id = new_id()
        event = act("instance.received", received_id)
        self.intake.add([NewReceived(received_id, lookup * 64, lookup * 64, 10, b"sealed", False, event)])
        (job,) = self.intake.lease("clean", 5, lease())
        end = buried(job, START, "gave_up") if dead else quarantined(job, START, QuarantineReason.BURNED_IN_ANNOTATION)
        self.intake.settle([end])
        return received_id


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def ward(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ward]:
    if request.param == "memory":
        rows = MemoryIntake()
        yield Ward(MemoryQuarantine(rows), rows)
        return
    url = None
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
        server = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with server.begin() as connection:
            connection.execute(text('DROP SCHEMA IF EXISTS "intake" CASCADE'))
        server.dispose()
    engine = open_engine(Database.INTAKE, tmp_path, url)
    upgrade(Database.INTAKE, engine)
    yield Ward(QuarantineStore(engine), SqlIntake(engine))
    engine.dispose()


def act(action: str, received_id: str, person: str = "steward", reason: str = "") -> AuditEvent:
    return AuditEvent(START, Actor(ActorKind.PERSON, person), action, f"received:{received_id}", reason)


def lease(*, minutes: int = 0) -> Lease:
    now = START + timedelta(minutes=minutes)
    return Lease("jobs", now, now + timedelta(minutes=10))


def test_only_what_stands_in_quarantine_has_a_reason_there(ward: Ward) -> None:
    image = ward.quarantined()
    assert ward.held.reason_of(image) == BURNED_IN
    assert ward.held.reason_of(new_id()) is None


def test_what_was_noted_is_found_under_its_actor_act_and_subject_only(ward: Ward) -> None:
    image = ward.quarantined()
    ward.held.note(act("quarantine.opened", image))
    assert ward.held.was_noted(act("quarantine.opened", image))
    assert not ward.held.was_noted(act("quarantine.opened", image, "another"))
    assert not ward.held.was_noted(act("quarantine.opened", new_id()))
    assert not ward.held.was_noted(act("quarantine.deleted", image))


@pytest.mark.parametrize("dead", [False, True])
def test_a_released_image_waits_with_a_fresh_job_and_remembers_what_was_overruled(ward: Ward, dead: bool) -> None:
    image = ward.quarantined(dead=dead)
    standing = ward.held.reason_of(image)
    assert standing is not None
    assert ward.held.release(image, standing, act("quarantine.released", image, reason="nothing-identifies"))
    assert ward.held.reason_of(image) is None
    (job,) = ward.intake.lease("clean", 5, lease())
    assert (job.subject, job.attempt) == (image, 1)
    assert ward.intake.overruled([image, new_id()]) == {image: frozenset({standing})}


def test_an_image_can_be_released_for_the_same_reason_again(ward: Ward) -> None:
    image = ward.quarantined()
    for _ in range(2):
        assert ward.held.release(image, BURNED_IN, act("quarantine.released", image))
        (job,) = ward.intake.lease("clean", 5, lease())
        ward.intake.settle([quarantined(job, START, QuarantineReason.BURNED_IN_ANNOTATION)])
    assert ward.intake.overruled([image]) == {image: frozenset({BURNED_IN})}


def test_an_image_is_not_released_for_a_reason_it_does_not_stand_for(ward: Ward) -> None:
    image = ward.quarantined()
    assert not ward.held.release(image, "deidentify.screen_save", act("quarantine.released", image))
    assert not ward.held.release(new_id(), BURNED_IN, act("quarantine.released", image))
    assert ward.held.reason_of(image) == BURNED_IN
    assert ward.intake.lease("clean", 5, lease()) == ()


def test_a_deleted_image_is_nowhere_and_its_bytes_sent_again_stay_deleted(ward: Ward) -> None:
    image = ward.quarantined()
    assert ward.held.delete(image, act("quarantine.deleted", image))
    assert ward.held.reason_of(image) is None
    assert not ward.held.delete(image, act("quarantine.deleted", image))
    assert not ward.held.release(image, BURNED_IN, act("quarantine.released", image))
    again = new_id()
    event = act("instance.received", again)
    assert ward.intake.add([NewReceived(again, "a" * 64, "a" * 64, 10, b"", False, event)]) == [Outcome.DUPLICATE]


def test_bytes_that_a_peer_relies_on_are_deleted_by_nobody(ward: Ward) -> None:
    image = ward.quarantined()
    ward.intake.protect(image, act("received.protected", image))
    with pytest.raises(NotDeletable):
        ward.held.delete(image, act("quarantine.deleted", image))
    assert ward.held.reason_of(image) == BURNED_IN


def test_what_a_crash_left_of_a_deleted_image_may_be_dropped_at_once(ward: Ward) -> None:
    image = ward.quarantined()
    ward.held.delete(image, act("quarantine.deleted", image))
    assert list(ward.intake.droppable(START - timedelta(days=90), 10)) == [image]
    ward.held.mark_gone(image, act("received.dropped", image))
    assert list(ward.intake.droppable(START - timedelta(days=90), 10)) == []


def test_the_overview_lists_what_people_did_and_leaves_out_what_they_deleted(tmp_path: Path) -> None:
    engine = open_engine(Database.INTAKE, tmp_path)
    upgrade(Database.INTAKE, engine)
    ward = Ward(QuarantineStore(engine), SqlIntake(engine))
    kept, gone = ward.quarantined("a"), ward.quarantined("b")
    ward.held.delete(gone, act("quarantine.deleted", gone))
    overview = IntakeOverview(engine)
    assert [image.image_id for image in overview.quarantined()] == [kept]
    assert (overview.counts().received, overview.counts().quarantined) == (1, 1)
    assert next(event.action for event in overview.acts_of_people()) == "quarantine.deleted"
    assert {event.actor.kind for event in overview.acts_of_people()} == {ActorKind.PERSON}
    engine.dispose()


def test_the_verdict_on_every_image_is_kept_with_what_was_done(tmp_path: Path) -> None:
    engine = open_engine(Database.INTAKE, tmp_path)
    upgrade(Database.INTAKE, engine)
    ward = Ward(QuarantineStore(engine), SqlIntake(engine))
    held, clean = ward.quarantined("a"), new_id()
    event = act("instance.received", clean)
    ward.intake.add([NewReceived(clean, "b" * 64, "b" * 64, 10, b"", False, event)])
    (job,) = ward.intake.lease("clean", 5, lease())
    ward.intake.settle([settled_clean(job, START, ("dates_shifted", "text_blanked"))])
    verdicts = {image.image_id: image for image in IntakeOverview(engine).settled()}
    assert verdicts[clean] == SettledImage(clean, ("dates_shifted", "text_blanked"), "", START)
    assert verdicts[held] == SettledImage(held, (), BURNED_IN, START)
    engine.dispose()
