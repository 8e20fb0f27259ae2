"""A lead orders the worklist: rules, urgency, rests, reassigning; and readers meet nothing of it but their own."""

from typing import Any

import pytest
from fakes.hospital import Hospital, film, read_one, saying
from starlette.testclient import TestClient

from node.flows.people import add_person
from node.ground.ids import new_id
from node.readers.licence import NewLicence
from node.readers.person import NewPerson, Person
from node.readers.roles import Role


@pytest.fixture
def lead(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("책임자", Role.LEAD))


def reader_of(hospital: Hospital, name: str, **standing: Any) -> Person:
    licence = NewLicence("1", "2", hospital.clock.now().date().replace(year=2099))
    new = NewPerson(name, frozenset({Role.READER}), licence=licence, **standing)
    return add_person(hospital.ward, new, hospital.act(), person_id=new_id())


def cases_read(browser: TestClient) -> set[str]:
    seen = set()
    while (case_id := read_one(browser)) is not None:
        seen.add(case_id)
    return seen


def test_hard_cases_go_to_readers_of_many_years_and_the_rest_to_everybody(hospital: Hospital, lead: TestClient) -> None:
    old, young = (reader_of(hospital, name, specialist_since=year) for name, year in (("고참", 2005), ("신참", 2025)))
    path = f"/api/projects/{hospital.project(films=6)}"
    (hard, *_) = [case["case_id"] for case in lead.get(f"{path}/cases").json()["cases"]]
    mark = {"case_ids": [hard], "difficulty": "hard"}
    assert lead.put(f"{path}/cases/marks", json=mark).json() == {"marked": 1}
    rules = {"rules": [{"difficulty": "hard", "min_years": 10}]}
    assert lead.put(f"{path}/rules", json=rules).json()["rules"][0]["min_years"] == 10
    assert hard not in cases_read(hospital.signed_in(young))
    assert len(cases_read(hospital.signed_in(old))) == 6


def test_a_rule_by_modality_and_body_part_names_a_department(hospital: Hospital, lead: TestClient) -> None:
    heart, other = (reader_of(hospital, name, department=name) for name in ("thoracic-surgery", "neurology"))
    hospital.admit(film(90, body_part="HEART"))
    path = f"/api/projects/{hospital.project(films=2)}"
    rule = {"modality": "DX", "body_part": "HEART", "department": "thoracic-surgery"}
    assert lead.put(f"{path}/rules", json={"rules": [rule]}).status_code == 200
    assert len(cases_read(hospital.signed_in(heart))) == 3
    assert len(cases_read(hospital.signed_in(other))) == 2
    refused = lead.put(f"{path}/rules", json={"rules": [{"department": "astrology"}]})
    assert refused.json()["code"] == "department-unknown"


def test_what_the_lead_wants_first_comes_first(hospital: Hospital, lead: TestClient) -> None:
    browser = hospital.signed_in(hospital.reader("판독의"))
    path = f"/api/projects/{hospital.project(films=6)}"
    one, two, three, *_ = [case["case_id"] for case in lead.get(f"{path}/cases").json()["cases"]]
    lead.put(f"{path}/cases/marks", json={"case_ids": [one], "due_on": "2026-04-01"})
    lead.put(f"{path}/cases/marks", json={"case_ids": [two], "priority": 4})
    lead.put(f"{path}/cases/marks", json={"case_ids": [three], "priority": 1})
    order = []
    while (case_id := read_one(browser)) is not None:
        order.append(case_id)
    assert (order[0], order[1], order[-1]) == (two, one, three)
    shown = {case["case_id"]: case for case in lead.get(f"{path}/cases").json()["cases"]}
    assert (shown[two]["priority"], shown[one]["due_on"]) == (4, "2026-04-01")


def test_a_case_that_is_not_the_projects_is_not_marked(hospital: Hospital, lead: TestClient) -> None:
    path = f"/api/projects/{hospital.project(films=1)}"
    assert lead.put(f"{path}/cases/marks", json={"case_ids": [new_id()]}).status_code == 404


def test_a_reader_rests_after_so_many_readings_and_finishes_what_is_held(hospital: Hospital, lead: TestClient) -> None:
    browser = hospital.signed_in(hospital.reader("판독의"))
    path = f"/api/projects/{hospital.project(films=5)}"
    rest = {"rules": [], "rest": {"after_readings": 2, "minutes": 10}}
    assert lead.put(f"{path}/rules", json=rest).json()["rest"] == {"after_readings": 2, "minutes": 10}
    assert lead.get(f"{path}/rules").json() == rest
    for _ in range(2):
        assert read_one(browser) is not None
        hospital.clock.forward(minutes=1)
    refused = browser.post("/api/assignments", json={})
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "rest-due", "540")
    hospital.clock.forward(minutes=9)
    held = browser.post("/api/assignments", json={}).json()["assignment_id"]
    assert browser.post("/api/assignments", json={}).json()["assignment_id"] == held
    assert browser.post(f"/api/assignments/{held}/reading", json=saying()).status_code == 201


def test_a_case_taken_from_a_reader_goes_to_another_and_never_comes_back(hospital: Hospital, lead: TestClient) -> None:
    first, second = (hospital.reader(f"판독의 {number}") for number in range(2))
    project_id = hospital.project(films=1, reads_per_case=1)
    (case,) = lead.get(f"/api/projects/{project_id}/cases").json()["cases"]
    path = f"/api/projects/{project_id}/cases/{case['case_id']}"
    (place,) = lead.get(f"{path}/places").json()["places"]
    holder, other = (first, second) if place["person_id"] == first.person_id else (second, first)
    browser = hospital.signed_in(holder)
    held = browser.post("/api/assignments", json={}).json()["assignment_id"]
    assert lead.post(f"{path}/reassignment", json={"person_id": holder.person_id}).status_code == 204
    late = browser.post(f"/api/assignments/{held}/reading", json=saying())
    assert (late.status_code, late.json()["code"]) == (409, "lease-lapsed")
    assert read_one(browser) is None
    assert read_one(hospital.signed_in(other)) is not None
    states = {one["person_id"]: one["state"] for one in lead.get(f"{path}/places").json()["places"]}
    assert states == {holder.person_id: "reassigned", other.person_id: "submitted"}
    for person, status in ((holder, 409), (other, 409)):
        assert lead.post(f"{path}/reassignment", json={"person_id": person.person_id}).status_code == status
    assert lead.post(f"{path}/reassignment", json={"person_id": new_id()}).status_code == 404
