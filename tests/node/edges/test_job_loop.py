"""The loop leases, works, puts back and goes on, whatever one batch or chore does."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from fakes.instances import START, StoppedClock
from fakes.intake import MemoryIntake

from node.edges.jobs.loop import Chore, JobLoop
from node.flows.clean_endings import settled_clean
from node.flows.jobs import Job, Lease, PutBack
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.clock import SystemClock
from node.intake.errors import StoreFull
from node.intake.received import NewReceived

NODE = Actor(ActorKind.NODE, "jobs")


@pytest.fixture
def rows() -> MemoryIntake:
    rows = MemoryIntake()
    for number in range(5):
        event = AuditEvent(START, NODE, "instance.received", str(number))
        rows.add([NewReceived(str(number), str(number), "", 1, b"", False, event)])
    return rows


class Done:
    """Work that ends every job; keeps what it was given."""

    def __init__(self, rows: MemoryIntake) -> None:
        self.rows = rows
        self.batches: list[int] = []

    def __call__(self, jobs: Sequence[Job]) -> list[PutBack]:
        self.batches.append(len(jobs))
        self.rows.settle([settled_clean(job, START) for job in jobs])
        return []


def test_every_due_job_is_done_in_batches(rows: MemoryIntake) -> None:
    work = Done(rows)
    JobLoop(rows, {"clean": work}, [], StoppedClock(), batch=2).run_until_idle()
    assert work.batches == [2, 2, 1]
    assert rows.jobs == {}


@pytest.mark.parametrize(("error", "attempt"), [(RuntimeError("unforeseen"), 1), (StoreFull(reserve_mib=1), 0)])
def test_a_batch_that_fails_as_a_whole_is_tried_again_later(rows: MemoryIntake, error: Exception, attempt: int) -> None:
    def fail(_jobs: Sequence[Job]) -> list[PutBack]:
        raise error

    clock = StoppedClock()
    JobLoop(rows, {"clean": fail}, [], clock).run_until_idle()
    assert {(queued.state, queued.job.attempt) for queued in rows.jobs.values()} == {("waiting", attempt)}
    clock.move(timedelta(minutes=6))
    work = Done(rows)
    JobLoop(rows, {"clean": work}, [], clock).run_until_idle()
    assert work.batches == [5]


def test_what_a_killed_process_held_is_due_again_at_the_next_start(rows: MemoryIntake) -> None:
    rows.lease("clean", 5, Lease("jobs", START, START + timedelta(hours=1)))
    work = Done(rows)
    JobLoop(rows, {"clean": work}, [], StoppedClock()).run_until_idle()
    assert work.batches == [5]


def test_the_loop_ends_when_told_and_outlives_a_queue_that_fails(rows: MemoryIntake) -> None:
    stop, done = threading.Event(), threading.Event()

    def work(jobs: Sequence[Job]) -> list[PutBack]:
        rows.settle([settled_clean(job, START) for job in jobs])
        done.set()
        return []

    ran: list[str] = []
    chores = [Chore("fails", 3600, lambda: 1 / 0), Chore("counts", 3600, lambda: ran.append("once"))]
    loop = JobLoop(rows, {"clean": work}, chores, SystemClock())
    thread = threading.Thread(target=loop.run, args=(stop,))
    thread.start()
    assert done.wait(5)
    while not ran:
        pass
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert ran == ["once"]
