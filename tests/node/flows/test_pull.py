"""Pulling from a played archive on real stores: what is missing is fetched, what fails comes again or is given up."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fakes.archive import PlayedSource
from fakes.instances import StoppedClock, instance
from fakes.receiving_node import intake_ground

from node.edges.jobs.loop import JobLoop, Work
from node.flows.jobs import MAX_ATTEMPTS
from node.flows.pull import FIND_KIND, STUDY_KIND, Fetching, Finding, OpenSource, PullParts
from node.flows.pull_ports import Pull, PullProgress, PullState
from node.flows.receive import Receiving
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.config import Dicom
from node.ground.ids import new_id
from node.intake.cohort_query import CohortQuery
from node.intake.errors import StoreFull
from node.intake.hours import Hours
from node.intake.lookups import Lookups
from node.storage.intake_parts import IntakeGround, receive_parts
from node.storage.job_queue import JobQueueStore
from node.storage.pull_desk import PullDeskStore
from node.storage.pull_store import PullBookStore

IT = Actor(ActorKind.NODE, "shell")
DAYS = CohortQuery(first_day=date(2025, 3, 1), last_day=date(2025, 3, 31))


class Ward:
    """A node that pulls `chest` from a played archive under a clock that the test moves."""

    def __init__(self, ground: IntakeGround) -> None:
        self.clock = StoppedClock()
        self.receiving = Receiving(receive_parts(ground, Dicom(free_space_reserve_mib=1)))
        self.source = PlayedSource({"1.5": ["1.5.1", "1.5.2", "1.5.3"], "1.6": ["1.6.1"]}, self.receive)
        self.desk = PullDeskStore(ground.engine, ground.identities())
        self.parts = PullParts(
            PullBookStore(ground.engine, ground.identities()), {"pacs": OpenSource(self.source, None, 2)},
            Lookups(ground.keyring), ground.identities(), self.clock, random.Random(7), lambda _: None,
        )  # fmt: skip
        self.queue = JobQueueStore(ground.engine)

    def receive(self, uid: str) -> None:
        self.receiving.receive(instance(uid), IT)

    def begin(self, query: CohortQuery = DAYS, source: str = "pacs") -> None:
        pull = Pull(new_id(), "chest", source, query)
        self.desk.save(pull, self.event("pull.saved"))
        self.desk.begin(pull.pull_id, self.event("pull.begun"))

    def event(self, action: str) -> AuditEvent:
        return AuditEvent(self.clock.now(), IT, action, "pull:x")

    def work(self) -> PullProgress:
        """What is due now was tried."""
        works: dict[str, Work] = {FIND_KIND: Finding(self.parts), STUDY_KIND: Fetching(self.parts)}
        JobLoop(self.queue, works, [], self.clock).run_until_idle(holder="pulls")
        (progress,) = self.desk.progress("chest")
        return progress

    def work_until_given_up(self) -> PullProgress:
        for _ in range(MAX_ATTEMPTS):
            self.work()
            self.clock.move(timedelta(hours=3))
        return self.work()


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    ground = intake_ground(tmp_path / "home")
    yield Ward(ground)
    ground.engine.dispose()


def test_every_image_of_every_study_found_is_here_in_the_end(ward: Ward) -> None:
    ward.begin()
    progress = ward.work()
    assert (progress.state, progress.waiting, progress.done) == (PullState.FETCHING, 0, 2)
    assert (progress.expected, progress.arrived) == (4, 4)
    assert sorted(ward.source.asked) == [("1.5", 3, True), ("1.6", 1, True)]


def test_what_is_here_already_is_not_asked_for_again(ward: Ward) -> None:
    for uid in ("1.5.1", "1.5.3", "1.6.1"):
        ward.receive(uid)
    ward.begin()
    assert ward.work().done == 2
    assert ward.source.asked == [("1.5", 1, False)]


def test_a_fetch_that_broke_off_goes_on_with_what_is_missing(ward: Ward) -> None:
    ward.source.at_most = 1
    ward.begin()
    progress = ward.work()
    assert (progress.waiting, progress.done, progress.expected, progress.arrived) == (1, 1, 4, 2)
    ward.clock.move(timedelta(minutes=2))
    assert ward.work().arrived == 3
    ward.clock.move(timedelta(minutes=4))
    assert ward.work().done == 2
    assert [asked for asked in ward.source.asked if asked[0] == "1.5"] == [
        ("1.5", 3, True), ("1.5", 2, False), ("1.5", 1, False),
    ]  # fmt: skip


def test_everything_here_despite_a_failing_answer_is_done(ward: Ward) -> None:
    ward.source.studies = {"1.6": ["1.6.1"]}
    ward.source.troubles = ["", "", "move_b000"]
    ward.begin()
    assert ward.work().done == 1


def test_a_failure_waits_twice_as_long_each_time_give_or_take_a_quarter(ward: Ward) -> None:
    ward.source.studies = {"1.6": ["1.6.1"]}
    ward.source.at_most = 0
    ward.begin()
    assert ward.work().waiting == 1
    for minutes in (1, 2, 4):
        tried = len(ward.source.asked)
        ward.clock.move(timedelta(minutes=minutes) * 0.74)
        ward.work()
        assert len(ward.source.asked) == tried
        ward.clock.move(timedelta(minutes=minutes) * 0.52)
        ward.work()
        assert len(ward.source.asked) == tried + 1


def test_a_study_is_given_up_after_the_last_attempt_and_tried_again_when_a_person_says_so(ward: Ward) -> None:
    ward.source.at_most = 0
    ward.begin()
    progress = ward.work_until_given_up()
    assert (progress.waiting, progress.dead) == (0, 2)
    pull_id = ward.desk.id_of("chest")
    assert {(dead.code, dead.attempts) for dead in ward.desk.dead(pull_id)} == {("incomplete", MAX_ATTEMPTS)}
    ward.source.at_most = 1000
    assert ward.desk.try_again(pull_id, ward.event("pull.retried")) == 2
    assert ward.work().done == 2


def test_a_source_that_never_answers_fails_the_pull_with_its_code(ward: Ward) -> None:
    ward.source.troubles = ["unreachable"] * MAX_ATTEMPTS
    ward.begin()
    progress = ward.work_until_given_up()
    assert (progress.state, progress.code) == (PullState.FAILED, "unreachable")


def test_a_source_the_configuration_no_longer_names_fails_the_pull(ward: Ward) -> None:
    ward.begin(source="gone")
    assert ward.work_until_given_up().code == "source_unknown"


def test_a_full_disk_costs_no_attempt(ward: Ward) -> None:
    full: list[Callable[[str], object]] = [ward.source.sends]

    def refusing(_uid: str) -> None:
        raise StoreFull(reserve_mib=1)

    ward.source.sends = refusing
    ward.begin()
    for _ in range(MAX_ATTEMPTS + 2):
        assert ward.work().waiting == 2
        ward.clock.move(timedelta(minutes=11))
    ward.source.sends = full[0]
    assert ward.work().done == 2


def test_nothing_is_asked_outside_the_sources_hours(ward: Ward) -> None:
    seoul = ZoneInfo("Asia/Seoul")  # the clock stands at noon there
    closed = replace(ward.parts.sources["pacs"], hours=Hours(time(20), time(6), seoul))
    ward.parts = replace(ward.parts, sources={"pacs": closed})
    ward.begin()
    assert ward.work().state is PullState.ASKING
    ward.clock.move(timedelta(hours=7, minutes=59))
    assert ward.work().state is PullState.ASKING
    ward.clock.move(timedelta(minutes=1))
    assert ward.work().done == 2


def test_no_more_studies_than_the_source_allows_are_fetched_at_once(ward: Ward) -> None:
    ward.source.studies = {f"1.{number}": [f"1.{number}.1"] for number in range(5, 13)}
    under_way, most, sends, guard = [0], [0], ward.source.sends, threading.Lock()
    met = threading.Barrier(2, timeout=20)

    def counted(uid: str) -> None:
        with guard:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        met.wait()  # two are fetched at the same time, or this breaks
        sends(uid)
        with guard:
            under_way[0] -= 1

    ward.source.sends = counted
    ward.begin()
    assert ward.work().done == 8
    assert most == [2]


def test_beginning_again_fetches_only_what_came_since(ward: Ward) -> None:
    ward.begin()
    ward.work()
    ward.source.studies["1.7"] = ["1.7.1"]
    ward.desk.begin(ward.desk.id_of("chest"), ward.event("pull.begun"))
    assert ward.work().done == 3
    assert len(ward.source.asked) == 3
