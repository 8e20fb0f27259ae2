"""The suite of intake's stores: the fake in memory, SQLite and PostgreSQL answer alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from fakes.instances import START
from fakes.intake import MemoryIntake
from sqlalchemy import Engine, create_engine, make_url, select, text

from node.flows.clean_endings import buried, quarantined, settled_clean
from node.flows.clean_parts import Identified, Registered, Settlement
from node.flows.jobs import Job, Lease, PutBack
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.exclusion import ExclusionEntry, ExclusionKind
from node.intake.received import IntakeReason, NewReceived, Outcome
from node.storage.audit import events
from node.storage.engine import Database, open_engine, reading
from node.storage.exclusion_rows import ExclusionRowsStore
from node.storage.image_register import ImageRegisterStore
from node.storage.intake_overview import IntakeCounts, IntakeOverview
from node.storage.intake_tables import AUDIT, JOB, RECEIVED
from node.storage.job_queue import JobQueueStore
from node.storage.migrate import upgrade
from node.storage.received_index import ReceivedIndexStore
from node.storage.retained_rows import RetainedRowsStore

STEWARD = Actor(ActorKind.PERSON, "someone")


class Intake(Protocol):
    def add(self, batch: Sequence[NewReceived]) -> list[Outcome]: ...
    def holds(self, received_ids: Sequence[str]) -> frozenset[str]: ...
    def lease(self, kind: str, limit: int, lease: Lease) -> tuple[Job, ...]: ...
    def put_back(self, jobs: Sequence[PutBack]) -> None: ...
    def release(self, holder: str, now: datetime) -> int: ...
    def instance_lookups(self, received_ids: Sequence[str]) -> Mapping[str, str]: ...
    def identify(self, batch: Sequence[Identified]) -> Mapping[str, Registered]: ...
    def settle(self, batch: Sequence[Settlement]) -> None: ...
    def exclude(self, number_lookup: str, event: AuditEvent) -> None: ...
    def droppable(self, settled_before: datetime, limit: int) -> Sequence[str]: ...
    def mark_dropped(self, received_ids: Sequence[str], events: Sequence[AuditEvent]) -> None: ...
    def protect(self, received_id: str, event: AuditEvent, *, protected: bool = True) -> None: ...
    def state_of(self, received_id: str) -> tuple[str, str]: ...


class SqlIntake(ReceivedIndexStore, JobQueueStore, ImageRegisterStore, RetainedRowsStore):
    """The stores of one database under one name."""

    def __init__(self, engine: Engine) -> None:
        ReceivedIndexStore.__init__(self, engine)

    def exclude(self, number_lookup: str, event: AuditEvent) -> None:
        entry = ExclusionEntry(new_id(), number_lookup, ExclusionKind.OPT_OUT, None, event.at, event.actor)
        ExclusionRowsStore(self._engine).add([entry], event)

    def state_of(self, received_id: str) -> tuple[str, str]:
        with reading(self._engine) as connection:
            row = connection.execute(select(RECEIVED).where(RECEIVED.c.received_id == received_id)).one()
        return row.state, row.reason


def opened(tmp_path: Path, url: str | None = None) -> Engine:
    engine = open_engine(Database.INTAKE, tmp_path, url)
    upgrade(Database.INTAKE, engine)
    return engine


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def intake(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Intake]:
    if request.param == "memory":
        yield MemoryIntake()
        return
    url = None
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
        server = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with server.begin() as connection:
            connection.execute(text('DROP SCHEMA IF EXISTS "intake" CASCADE'))
        server.dispose()
    engine = opened(tmp_path, url)
    yield SqlIntake(engine)
    engine.dispose()


def act(action: str, subject: str) -> AuditEvent:
    return AuditEvent(START, STEWARD, action, subject)


def new(lookup: str = "a", digest: str = "1", *, broken: bool = False) -> NewReceived:
    received_id = new_id()
    event = act("instance.received", f"received:{received_id}")
    return NewReceived(received_id, lookup * 64, digest * 64, 10, b"sealed", broken, event)


def identified(image: NewReceived, patient: str = "f") -> Identified:
    return Identified(image.received_id, image.instance_lookup, patient * 64, patient * 64, b"patient", b"image")


def lease(*, minutes: int = 0, holder: str = "jobs") -> Lease:
    now = START + timedelta(minutes=minutes)
    return Lease(holder, now, now + timedelta(minutes=10))


def test_what_was_added_is_held_and_waits_for_cleaning(intake: Intake) -> None:
    image = new()
    assert intake.add([image]) == [Outcome.STORED]
    assert intake.holds([image.received_id, new_id()]) == {image.received_id}
    assert [job.subject for job in intake.lease("clean", 5, lease())] == [image.received_id]


def test_the_same_bytes_again_are_no_second_image_and_no_second_job(intake: Intake) -> None:
    intake.add([new()])
    assert intake.add([new(), new()]) == [Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert len(intake.lease("clean", 5, lease())) == 1


def test_the_same_bytes_twice_in_one_batch_are_one_image(intake: Intake) -> None:
    assert intake.add([new(), new()]) == [Outcome.STORED, Outcome.DUPLICATE]


def test_the_same_uid_with_other_bytes_is_kept_and_quarantined(intake: Intake) -> None:
    first, second = new(digest="1"), new(digest="2")
    assert intake.add([first, second]) == [Outcome.STORED, Outcome.CONFLICT]
    assert intake.state_of(first.received_id) == ("waiting", "")
    assert intake.state_of(second.received_id) == ("quarantined", "intake.same_uid_other_bytes")
    assert len(intake.lease("clean", 5, lease())) == 1


def test_a_whole_file_may_follow_one_that_could_not_be_used(intake: Intake) -> None:
    cut_off = new(digest="1")
    intake.add([cut_off])
    (job,) = intake.lease("clean", 5, lease())
    intake.settle([quarantined(job, START, IntakeReason.BYTES_DAMAGED)])
    assert intake.add([new(digest="2")]) == [Outcome.STORED]


def test_a_broken_file_is_set_aside(intake: Intake) -> None:
    image = new(broken=True)
    assert intake.add([image]) == [Outcome.SET_ASIDE]
    assert intake.state_of(image.received_id) == ("quarantined", "intake.file_broken")
    assert intake.lease("clean", 5, lease()) == ()


def test_a_leased_job_is_not_leased_again_before_its_lease_ends(intake: Intake) -> None:
    intake.add([new()])
    (job,) = intake.lease("clean", 5, lease())
    assert intake.lease("clean", 5, lease(minutes=1)) == ()
    (again,) = intake.lease("clean", 5, lease(minutes=11))
    assert (again.number, job.attempt, again.attempt) == (job.number, 1, 2)


def test_a_restarted_holder_gets_its_jobs_back_at_once(intake: Intake) -> None:
    intake.add([new()])
    intake.lease("clean", 5, lease())
    assert intake.release("another", START) == 0
    assert intake.release("jobs", START) == 1
    assert len(intake.lease("clean", 5, lease())) == 1


@pytest.mark.parametrize(("counted", "attempt"), [(True, 2), (False, 1)])
def test_a_job_put_back_waits_until_it_is_due(intake: Intake, counted: bool, attempt: int) -> None:
    intake.add([new()])
    (job,) = intake.lease("clean", 5, lease())
    intake.put_back([PutBack(job.number, "StoreFull", START + timedelta(minutes=1), counted=counted)])
    assert intake.lease("clean", 5, lease()) == ()
    (again,) = intake.lease("clean", 5, lease(minutes=2))
    assert again.attempt == attempt


def test_jobs_are_leased_oldest_first_and_no_more_than_asked_for(intake: Intake) -> None:
    images = [new(lookup) for lookup in "abc"]
    intake.add(images)
    assert [job.subject for job in intake.lease("clean", 2, lease())] == [image.received_id for image in images[:2]]
    assert intake.lease("other", 2, lease()) == ()


def test_an_image_keeps_its_names_however_often_it_is_identified(intake: Intake) -> None:
    image, other = new("a"), new("b")
    intake.add([image, other])
    first = intake.identify([identified(image)])
    second = intake.identify([identified(other), identified(image)])
    assert first[image.received_id] == second[image.received_id]
    assert second[other.received_id].patient_number == first[image.received_id].patient_number
    assert second[other.received_id].image_id != first[image.received_id].image_id


def test_two_patients_have_two_numbers(intake: Intake) -> None:
    image, other = new("a"), new("b")
    intake.add([image, other])
    names = intake.identify([identified(image, "d"), identified(other, "e")])
    assert names[image.received_id].patient_number != names[other.received_id].patient_number


def test_an_image_of_an_excluded_patient_gets_no_name(intake: Intake) -> None:
    image, other = new("a"), new("b")
    intake.add([image, other])
    intake.exclude("e" * 64, act("patient.excluded", "patient:e"))
    intake.exclude("e" * 64, act("patient.excluded", "patient:e"))
    assert set(intake.identify([identified(image, "d"), identified(other, "e")])) == {image.received_id}


def test_a_settled_image_has_no_job_left_and_keeps_its_first_state(intake: Intake) -> None:
    image = new()
    intake.add([image])
    (job,) = intake.lease("clean", 5, lease())
    intake.identify([identified(image)])
    intake.settle([settled_clean(job, START)])
    intake.settle([quarantined(job, START, IntakeReason.EXCLUDED)])
    assert intake.state_of(image.received_id) == ("clean", "")
    assert intake.lease("clean", 5, lease(minutes=60)) == ()


def test_a_buried_job_stays_and_is_never_leased_again(intake: Intake) -> None:
    image = new()
    intake.add([image])
    (job,) = intake.lease("clean", 5, lease())
    intake.settle([buried(job, START, "gave_up")])
    assert intake.state_of(image.received_id) == ("quarantined", "intake.cleaning_failed")
    assert intake.lease("clean", 5, lease(minutes=60)) == ()
    assert intake.release("jobs", START) == 0


def test_the_received_lookup_is_known_for_every_image(intake: Intake) -> None:
    image = new("c")
    intake.add([image])
    assert intake.instance_lookups([image.received_id, new_id()]) == {image.received_id: "c" * 64}


def clean_image(intake: Intake, lookup: str = "a") -> str:
    image = new(lookup)
    intake.add([image])
    (job,) = intake.lease("clean", 5, lease())
    intake.identify([identified(image)])
    intake.settle([settled_clean(job, START)])
    return image.received_id


def test_received_bytes_may_go_only_when_clean_long_enough_and_unprotected(intake: Intake) -> None:
    old, kept = clean_image(intake, "a"), clean_image(intake, "b")
    intake.add([new("c")])
    intake.protect(kept, act("received.protected", f"received:{kept}"))
    assert list(intake.droppable(START, 10)) == []
    assert list(intake.droppable(START + timedelta(days=1), 10)) == [old]
    intake.mark_dropped([old], [act("received.dropped", f"received:{old}")])
    assert list(intake.droppable(START + timedelta(days=1), 10)) == []
    intake.protect(kept, act("received.released", f"received:{kept}"), protected=False)
    assert list(intake.droppable(START + timedelta(days=1), 10)) == [kept]


def test_every_decision_has_its_audit_event_and_the_overview_counts(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    intake = SqlIntake(engine)
    clean_image(intake, "a")
    conflict = new("a", "2")
    intake.add([conflict, new("b")])
    overview = IntakeOverview(engine)
    assert overview.counts() == IntakeCounts(received=3, waiting=1, clean=1, quarantined=1)
    assert [(image.image_id, image.reason) for image in overview.quarantined()] == [
        (conflict.received_id, "intake.same_uid_other_bytes")
    ]
    with reading(engine) as connection:
        assert (
            sorted(event.action for event in events(connection, AUDIT)) == ["image.cleaned"] + ["instance.received"] * 3
        )
        assert len(connection.execute(select(JOB)).all()) == 1
    engine.dispose()
