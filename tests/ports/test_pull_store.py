"""The book and the desk of pulls on SQLite and PostgreSQL: a study and its job begin and end together."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from fakes.instances import START
from sqlalchemy import Engine, select

from node.flows.jobs import Job, Lease, PutBack
from node.flows.pull import FIND_KIND, STUDY_KIND
from node.flows.pull_ports import FoundStudy, Pull, PullState, StudyEnd, StudyState, Tally
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.cohort_query import CohortQuery
from node.intake.errors import PullNameTaken, PullUnknown
from node.intake.sealing import Sealer
from node.storage.audit import events
from node.storage.engine import Database, reading
from node.storage.intake_tables import AUDIT
from node.storage.job_queue import JobQueueStore
from node.storage.pull_desk import PullDeskStore
from node.storage.pull_store import PullBookStore
from node.storage.pull_tables import PULL, PULL_STUDY

DATABASE = Database.INTAKE
SEALER = Sealer(bytes(32))
QUERY = CohortQuery(("CR",), ("CHEST",), date(2025, 1, 1), date(2025, 1, 31), ("ACC-CANARY",))


def event(action: str = "pull.tested", reason: str = "") -> AuditEvent:
    return AuditEvent(START, Actor(ActorKind.NODE, "shell"), action, "pull:x", reason)


class Room:
    """The stores of one database, and a pull saved in it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.book, self.desk = PullBookStore(engine, SEALER), PullDeskStore(engine, SEALER)
        self.queue = JobQueueStore(engine)
        self.pull = Pull(new_id(), "chest-2025", "pacs", QUERY)
        self.desk.save(self.pull, event("pull.saved"))

    def leased(self, kind: str) -> tuple[Job, ...]:
        now = START + timedelta(minutes=1)
        return self.queue.lease(kind, 100, Lease("pulls", now, now + timedelta(minutes=10)))

    def found(self, *lookups: str) -> list[FoundStudy]:
        studies = [FoundStudy(new_id(), lookup * 64, b"sealed") for lookup in lookups]
        self.book.add_found(self.pull, studies, event("pull.found"))
        return studies


@pytest.fixture
def room(engine: Engine) -> Room:
    return Room(engine)


def test_a_pull_is_saved_once_and_read_back_with_its_query_sealed(room: Room) -> None:
    assert room.book.pull(room.pull.pull_id).query == QUERY
    with pytest.raises(PullNameTaken, match="chest-2025"):
        room.desk.save(Pull(new_id(), "chest-2025", "pacs", QUERY), event())
    with reading(room.engine) as connection:
        assert b"CANARY" not in connection.execute(select(PULL.c.sealed_query)).scalar_one()
        assert [one.action for one in events(connection, AUDIT)] == ["pull.saved"]


def test_a_pull_that_nobody_saved_is_unknown(room: Room) -> None:
    assert room.desk.id_of("chest-2025") == room.pull.pull_id
    with pytest.raises(PullUnknown, match="nowhere"):
        room.desk.id_of("nowhere")


def test_beginning_asks_once_however_often_it_is_said(room: Room) -> None:
    for _ in range(2):
        room.desk.begin(room.pull.pull_id, event())
    (job,) = room.leased(FIND_KIND)
    assert job.subject == room.pull.pull_id
    room.book.end_asking(room.pull, job.number, PullState.FETCHING, event("pull.asked"))
    assert room.leased(FIND_KIND) == ()
    assert room.desk.progress()[0].state is PullState.FETCHING


def test_a_study_found_twice_waits_once(room: Room) -> None:
    room.found("a", "b")
    again = [FoundStudy(new_id(), "a" * 64, b""), FoundStudy(new_id(), "c" * 64, b"")]
    assert room.book.add_found(room.pull, again, event()) == 1
    assert len(room.leased(STUDY_KIND)) == 3
    assert room.desk.progress("chest-2025")[0].waiting == 3


def test_a_fetched_study_is_done_with_its_counts_and_its_job_is_gone(room: Room) -> None:
    (study,) = room.found("a")
    (job,) = room.leased(STUDY_KIND)
    assert room.book.study(study.study_id).pull.name == "chest-2025"
    room.book.note(study.study_id, Tally(5, 2, "incomplete"))
    room.book.end_study(study.study_id, job.number, StudyEnd(StudyState.DONE, Tally(5, 5), event("pull.fetched")))
    progress = room.desk.progress("chest-2025")[0]
    assert (progress.waiting, progress.done, progress.dead) == (0, 1, 0)
    assert (progress.expected, progress.arrived) == (5, 5)
    assert room.leased(STUDY_KIND) == ()


def test_a_failure_that_knew_no_counts_keeps_the_former_ones(room: Room) -> None:
    (study,) = room.found("a")
    room.book.note(study.study_id, Tally(5, 2, "incomplete"))
    room.book.note(study.study_id, Tally(0, 0, "unreachable"))
    progress = room.desk.progress("chest-2025")[0]
    assert (progress.expected, progress.arrived) == (5, 2)


def test_what_was_given_up_is_listed_with_its_reason_and_waits_again_when_told(room: Room) -> None:
    (study,) = room.found("a")
    (job,) = room.leased(STUDY_KIND)
    ended = StudyEnd(StudyState.DEAD, Tally(5, 2, "move_a801"), event("pull.given_up", "move_a801"))
    room.book.end_study(study.study_id, job.number, ended)
    (dead,) = room.desk.dead(room.pull.pull_id)
    assert (dead.code, dead.attempts, dead.expected, dead.arrived) == ("move_a801", 1, 5, 2)
    assert room.desk.try_again(room.pull.pull_id, event("pull.retried")) == 1
    assert room.desk.try_again(room.pull.pull_id, event("pull.retried")) == 0
    assert room.desk.dead(room.pull.pull_id) == []
    assert [one.attempt for one in room.leased(STUDY_KIND)] == [1]


def test_a_stopped_pull_is_leased_to_nobody_until_it_begins_again(room: Room) -> None:
    room.desk.begin(room.pull.pull_id, event())
    room.found("a")
    (job,) = room.leased(STUDY_KIND)
    room.desk.stop(room.pull.pull_id, event("pull.stopped"))
    room.queue.put_back([PutBack(job.number, "incomplete", START, counted=True)])
    room.found("b")
    assert room.leased(STUDY_KIND) == room.leased(FIND_KIND) == ()
    assert room.desk.progress()[0].state is PullState.STOPPED
    room.desk.begin(room.pull.pull_id, event())
    assert len(room.leased(STUDY_KIND)) == 2
    assert len(room.leased(FIND_KIND)) == 1


def test_a_query_answered_after_the_stop_does_not_undo_it(room: Room) -> None:
    room.desk.begin(room.pull.pull_id, event())
    (job,) = room.leased(FIND_KIND)
    room.desk.stop(room.pull.pull_id, event("pull.stopped"))
    room.book.end_asking(room.pull, job.number, PullState.FETCHING, event("pull.asked"))
    assert room.desk.progress()[0].state is PullState.STOPPED


def test_no_column_of_a_study_holds_a_uid_in_clear(room: Room) -> None:
    room.found("a")
    with reading(room.engine) as connection:
        row = connection.execute(select(PULL_STUDY)).one()
    assert (row.study_lookup, row.sealed_uid) == ("a" * 64, b"sealed")
