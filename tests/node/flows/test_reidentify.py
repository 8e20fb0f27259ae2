"""Which patient a case is: two people, one answer, once; and nothing of it in the trail, the table or the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.hospital import Hospital, film, hospital_at
from fakes.reidentification import ISSUER, PATIENT, STUDY, project_names, received_image, reidentify_at
from sqlalchemy import Engine, select

from node.flows.act import Act, act_of
from node.flows.projects import add_cases, make_project
from node.flows.reidentify import HospitalIdentity, ReidentifyParts, ask, decide, requests, show, withdraw
from node.ground.ids import new_id
from node.intake.reidentification import (
    HOLDS,
    MOST_OPEN,
    WAITS,
    AnswerShown,
    AskReason,
    CaseNotHere,
    LinkMissing,
    NotTheAsker,
    OwnRequest,
    ReidentificationState,
    RequestClosed,
    RequestLapsed,
    RequestStands,
    RequestUnknown,
    ReviewRefusal,
    TooManyOpen,
)
from node.labeling.project import NewProject
from node.readers.roles import Role
from node.storage.engine import Database, open_engine
from node.storage.intake_tables import AUDIT
from node.storage.ward_exclusions import WardExclusions

ANSWER = HospitalIdentity(PATIENT, ISSUER, STUDY)
REASON = AskReason.CLINICAL_ATTENTION


@dataclass
class Desk:
    """Two stewards, two reviewers and a case."""

    hospital: Hospital
    parts: ReidentifyParts
    folder: Path
    intake: Engine
    people: dict[str, str]
    patient_number: int
    case_id: str

    def act(self, name: str) -> Act:
        return act_of(self.people[name], self.hospital.clock.now())

    def ask(self, name: str = "steward") -> str:
        return ask(self.parts, self.case_id, REASON, self.act(name)).request_id

    def approved(self) -> str:
        request_id = self.ask()
        decide(self.parts, request_id, None, self.act("reviewer"))
        return request_id

    def another_case(self, number: int, **changes: str | bool) -> str:
        now = self.hospital.clock.now()
        image_id, patient = received_image(self.intake, now, **changes)  # type: ignore[arg-type]  # two kinds of change
        (case_id,) = self.hospital.admit(film(number, image_id=image_id, patient_number=patient))
        return case_id

    def states(self) -> list[ReidentificationState]:
        return [one.request.state for one in requests(self.parts, self.act("reviewer"))]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with hospital_at(tmp_path) as hospital:
        roles = {"steward": Role.STEWARD, "colleague": Role.STEWARD, "reviewer": Role.ETHICS, "chair": Role.ETHICS}
        people = {name: hospital.person(name, role).person_id for name, role in roles.items()}
        intake = open_engine(Database.INTAKE, tmp_path)
        made = Desk(hospital, reidentify_at(tmp_path, hospital.engine), tmp_path, intake, people, 0, "")
        image_id, made.patient_number = received_image(intake, hospital.clock.now(), dropped=True)
        (made.case_id,) = hospital.admit(film(1, image_id=image_id, patient_number=made.patient_number))
        yield made
        intake.dispose()


def test_the_asker_reads_the_answer_once_though_the_received_bytes_are_gone(desk: Desk) -> None:
    request_id = desk.approved()
    assert show(desk.parts, request_id, desk.act("steward")) == ANSWER
    with pytest.raises(AnswerShown):
        show(desk.parts, request_id, desk.act("steward"))
    assert desk.states() == [ReidentificationState.SHOWN]


def test_nobody_decides_on_their_own_request_whatever_their_role(desk: Desk) -> None:
    request_id = desk.ask("chair")
    with pytest.raises(OwnRequest):
        decide(desk.parts, request_id, None, desk.act("chair"))
    with pytest.raises(OwnRequest):
        decide(desk.parts, request_id, ReviewRefusal.NOT_NEEDED, desk.act("chair"))
    decide(desk.parts, request_id, None, desk.act("reviewer"))


@pytest.mark.parametrize("name", ["colleague", "reviewer", "chair"])
def test_nobody_but_the_asker_reads_the_answer_or_takes_it_back(desk: Desk, name: str) -> None:
    request_id = desk.approved()
    for step in (show, withdraw):
        with pytest.raises(NotTheAsker):
            step(desk.parts, request_id, desk.act(name))
    assert desk.states() == [ReidentificationState.APPROVED]


def test_an_answer_needs_an_approval(desk: Desk) -> None:
    request_id = desk.ask()
    with pytest.raises(RequestClosed):
        show(desk.parts, request_id, desk.act("steward"))
    decide(desk.parts, request_id, ReviewRefusal.NOT_COVERED, desk.act("reviewer"))
    with pytest.raises(RequestClosed):
        show(desk.parts, request_id, desk.act("steward"))


def test_a_reviewer_takes_an_approval_back_before_it_was_used(desk: Desk) -> None:
    request_id = desk.approved()
    decide(desk.parts, request_id, ReviewRefusal.NOT_NEEDED, desk.act("chair"))
    with pytest.raises(RequestClosed):
        show(desk.parts, request_id, desk.act("steward"))


def test_an_approval_lapses_after_a_day_and_a_request_after_a_week(desk: Desk) -> None:
    request_id = desk.approved()
    desk.hospital.clock.at += HOLDS
    with pytest.raises(RequestLapsed):
        show(desk.parts, request_id, desk.act("steward"))
    later = desk.ask()
    desk.hospital.clock.at += WAITS - timedelta(microseconds=1)
    assert desk.states() == [ReidentificationState.ASKED, ReidentificationState.LAPSED]
    desk.hospital.clock.at += timedelta(microseconds=1)
    assert desk.states() == [ReidentificationState.LAPSED] * 2
    with pytest.raises(RequestLapsed):
        decide(desk.parts, later, None, desk.act("reviewer"))


def test_a_case_has_one_open_request_and_a_person_a_bounded_number(desk: Desk) -> None:
    request_id = desk.ask()
    with pytest.raises(RequestStands):
        desk.ask("colleague")
    withdraw(desk.parts, request_id, desk.act("steward"))
    cases = [desk.another_case(number, study=f"1.2.3.{number}") for number in range(2, MOST_OPEN + 3)]
    for case_id in cases[:MOST_OPEN]:
        ask(desk.parts, case_id, REASON, desk.act("steward"))
    with pytest.raises(TooManyOpen):
        ask(desk.parts, cases[-1], REASON, desk.act("steward"))
    ask(desk.parts, cases[-1], REASON, desk.act("colleague"))


@pytest.mark.parametrize("name", ["11111111-1111-4111-8111-111111111111", "C-AAAAAAAAAAAAAAAA", "C-", ""])
def test_a_case_that_is_not_here_cannot_be_asked_about(desk: Desk, name: str) -> None:
    with pytest.raises(CaseNotHere):
        ask(desk.parts, name, REASON, desk.act("steward"))
    with pytest.raises(RequestUnknown):
        show(desk.parts, new_id(), desk.act("steward"))


def test_a_case_is_found_by_the_name_that_an_export_gave_it(desk: Desk) -> None:
    new = NewProject("Chest", "", "chest-film-abnormal", 1)
    projects = [make_project(desk.hospital.ward, new, desk.hospital.act(), project_id=new_id()) for _ in range(2)]
    for project in projects:
        add_cases(desk.hospital.ward, project.project_id, ["DX"], desk.hospital.act())
    name = project_names(projects[1].project_id).case(desk.case_id)
    assert ask(desk.parts, name, REASON, desk.act("steward")).case_id == desk.case_id


def test_an_excluded_patients_case_is_here_for_nobody(desk: Desk) -> None:
    request_id = desk.approved()
    WardExclusions(desk.hospital.engine).set_excluded([desk.patient_number])
    with pytest.raises(CaseNotHere):
        show(desk.parts, request_id, desk.act("steward"))
    with pytest.raises(CaseNotHere):
        ask(desk.parts, desk.case_id, REASON, desk.act("colleague"))
    WardExclusions(desk.hospital.engine).set_excluded([])
    assert show(desk.parts, request_id, desk.act("steward")) == ANSWER


def test_an_image_without_a_patient_number_answers_with_its_study_alone(desk: Desk) -> None:
    case_id = desk.another_case(2, patient_id="", study="1.2.3.9")
    request_id = ask(desk.parts, case_id, REASON, desk.act("steward")).request_id
    decide(desk.parts, request_id, None, desk.act("reviewer"))
    assert show(desk.parts, request_id, desk.act("steward")) == HospitalIdentity("", "", "1.2.3.9")


def test_a_link_that_does_not_open_is_told_and_the_approval_stands(desk: Desk) -> None:
    request_id = desk.approved()
    other_key = reidentify_at(desk.folder, desk.hospital.engine, key=bytes(32))
    with pytest.raises(LinkMissing):
        show(other_key, request_id, desk.act("steward"))
    assert show(desk.parts, request_id, desk.act("steward")) == ANSWER


def test_each_step_is_in_the_trail_with_codes_and_nothing_names_the_patient(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = show(desk.parts, desk.approved(), desk.act("steward"))
    refused = desk.ask()
    decide(desk.parts, refused, ReviewRefusal.ASK_IN_PERSON, desk.act("reviewer"))
    withdraw(desk.parts, desk.ask(), desk.act("steward"))
    desk.ask()
    desk.hospital.clock.at += WAITS
    desk.states()
    with desk.hospital.ward.reading() as work:
        trail = [one for one in work.audit.latest(50) if one.action.startswith("reidentification.")]
    done = [(one.action.partition(".")[2], one.reason) for one in reversed(trail)]
    asks = ("asked", REASON.value)
    steps = [asks, ("approved", ""), ("shown", ""), asks, ("refused", "ask-in-person"), asks, ("withdrawn", "")]
    assert done == [*steps, asks, ("lapsed", "")]
    with desk.intake.connect() as connection:
        told = repr([tuple(row) for row in connection.execute(select(AUDIT))])
    told += repr(trail) + repr(requests(desk.parts, desk.act("steward"))) + repr(answer) + "".join(capsys.readouterr())
    told += (desk.folder / "ward.db").read_bytes().decode("latin-1")
    assert [word for word in (PATIENT, ISSUER, STUDY) if word in told] == []


def test_of_two_windows_one_reads_the_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second window has checked and opened the link when the first one marks the request as shown."""
    request_id = desk.approved()
    opened = desk.parts.identities.open
    shown: list[HospitalIdentity] = []

    def slow(sealed: bytes, *, bound_to: str) -> bytes:
        if not shown:
            monkeypatch.undo()
            shown.append(show(desk.parts, request_id, desk.act("steward")))
        return opened(sealed, bound_to=bound_to)

    monkeypatch.setattr(desk.parts.identities, "open", slow)
    with pytest.raises(AnswerShown):
        show(desk.parts, request_id, desk.act("steward"))
    assert shown == [ANSWER]
