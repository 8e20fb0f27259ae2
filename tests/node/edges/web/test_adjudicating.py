"""Adjudication over HTTP, from the lead's call to the verdict; and what is refused on the way."""

import re
import shutil
from pathlib import Path

import pytest
from fakes.hospital import LICENCE, Hospital, hospital_at, read_one, saying
from starlette.testclient import TestClient

from node.edges.web.access import RULES
from node.flows.people import set_licence
from node.readers.person import Person
from node.readers.roles import Role


@pytest.fixture
def lead(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("책임자", Role.LEAD))


def judge_of(hospital: Hospital) -> TestClient:
    person = hospital.person("조정 판독의", Role.ADJUDICATOR)
    set_licence(hospital.ward, person.person_id, LICENCE, hospital.act())
    return hospital.signed_in(person)


def adjudicated(judge: TestClient) -> None:
    """The one case that waits for an adjudicator has its verdict."""
    (found,) = judge.get("/api/adjudications").json()["adjudications"]
    mine = f"/api/adjudications/{found['adjudication_id']}"
    place = judge.post(f"{mine}/taking").json()["assignment_id"]
    judge.post(f"/api/assignments/{place}/reading", json=saying("present"))
    verdict = {"option": "absent", "reason": "artefact"}
    assert judge.post(f"{mine}/verdict", json=verdict).status_code == 204


def everything_answered(hospital: Hospital, person: Person) -> list[tuple[str, int, str, dict[str, str]]]:
    """What every route that changes nothing answers about the case that the person has read."""
    with hospital.ward.reading() as work:
        (own,) = work.assignments.of_person(person.person_id)
    names = {"assignment_id": own.assignment_id, "case_id": own.case_id, "project_id": own.project_id}
    browser, views = hospital.signed_in(person), []
    for method, template in sorted(RULES):
        if method == "GET" and template != "/api/session":
            answer = browser.get(re.sub(r"\{(\w+)\}", lambda hole: names.get(hole[1], "1"), template))
            views.append((template, answer.status_code, answer.text, dict(answer.headers)))
    return views


def test_what_an_adjudicator_does_with_a_case_changes_nothing_for_its_readers(tmp_path: Path) -> None:
    before, quiet, busy = tmp_path / "before", tmp_path / "quiet", tmp_path / "busy"
    before.mkdir()
    with hospital_at(before) as hospital:
        people = [hospital.reader(name) for name in ("김영상", "다른 판독의")]
        path = f"/api/projects/{hospital.project(films=1, reads_per_case=2)}"
        for option, person in zip(("present", "absent"), people, strict=True):
            read_one(hospital.signed_in(person), option)
        lead = hospital.person("책임자", Role.LEAD)
    views = []
    for folder in (quiet, busy):
        shutil.copytree(before, folder)
        with hospital_at(folder, keep=True) as hospital:
            if folder == busy:
                assert hospital.signed_in(lead).post(f"{path}/adjudications", json={}).json() == {"added": 1}
                adjudicated(judge_of(hospital))
            views.append(everything_answered(hospital, people[0]))
    assert views[0] == views[1]


def test_a_case_without_consensus_is_read_blind_seen_and_decided(hospital: Hospital, lead: TestClient) -> None:
    readers = [hospital.reader(f"판독의 {number}") for number in range(2)]
    path = f"/api/projects/{hospital.project(films=1, reads_per_case=2)}"
    for option, person in zip(("present", "absent"), readers, strict=True):
        read_one(hospital.signed_in(person), option)
    assert lead.post(f"{path}/adjudications", json={}).json() == {"added": 1}
    judge = judge_of(hospital)
    (found,) = judge.get("/api/adjudications").json()["adjudications"]
    assert (found["title"], found["schema_code"], found["schema_version"]) == ("흉부", "chest-film-abnormal", 1)
    mine = f"/api/adjudications/{found['adjudication_id']}"
    early = judge.get(f"{mine}/opinions")
    assert (early.status_code, early.json()["code"]) == (409, "adjudication-refused")
    sheet = judge.post(f"{mine}/taking").json()
    place = f"/api/assignments/{sheet['assignment_id']}"
    assert judge.get(f"{place}/images/{sheet['images'][0]['image_id']}/frames/1").status_code == 200
    assert judge.post(f"{place}/reading", json=saying("present")).status_code == 201
    shown = judge.get(f"{mine}/opinions")
    assert sorted(one["answer"]["option"] for one in shown.json()["opinions"]) == ["absent", "present"]
    assert not any(person.person_id in shown.text or person.name in shown.text for person in readers)
    wrong = judge.post(f"{mine}/verdict", json={"reason": "finding-overlooked"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "adjudication-refused")
    assert judge.post(f"{mine}/verdict", json={"option": "absent", "reason": "artefact"}).status_code == 204
    (case,) = lead.get(f"{path}/consensus").json()["cases"]
    (agreed,) = case["consensus"]
    assert (agreed["option"], agreed["posterior"]) == ("absent", 1.0)
    assert [one["person_id"] for one in agreed["dissent"]] == [readers[0].person_id]
    (ended,) = lead.get(f"{path}/adjudications").json()["adjudications"]
    assert (ended["state"], ended["option"], ended["reason"]) == ("decided", "absent", "artefact")
    assert judge.get("/api/adjudications").json() == {"adjudications": []}


def test_a_draft_has_nothing_to_adjudicate_and_nobody_guesses_an_adjudication(
    hospital: Hospital, lead: TestClient
) -> None:
    path = f"/api/projects/{hospital.project(films=1, opened=False)}/adjudications"
    assert lead.post(path, json={}).status_code == 409
    unknown = "/api/adjudications/11111111-1111-4111-8111-111111111111"
    judge = judge_of(hospital)
    assert judge.post(f"{unknown}/taking").status_code == 409
    assert judge.post(f"{unknown}/verdict", json={"reason": "borderline"}).status_code == 409
