"""The two buttons, over HTTP: what they do to the case, who hears of them, and how they end."""

from datetime import timedelta

import pytest
from fakes.hospital import Hospital, film, saying
from starlette.testclient import TestClient

from node.flows.concerns import settle_incidents
from node.readers.roles import Role

ATTENTION, IDENTITY = {"kind": "needs-attention"}, {"kind": "identity-visible"}


def held(browser: TestClient) -> str:
    given = browser.post("/api/assignments", json={})
    assert given.status_code == 201
    return f"/api/assignments/{given.json()['assignment_id']}"


def test_the_named_clinician_hears_of_a_patient_who_needs_attention_and_closes_it(hospital: Hospital) -> None:
    reader = hospital.reader("김영상")
    browser = hospital.signed_in(reader)
    hospital.project(films=1)
    path = held(browser)
    case_id = browser.get(path).json()["case_id"]
    assert [browser.post(f"{path}/concern", json=ATTENTION).status_code for _ in range(2)] == [204, 204]
    clinician = hospital.signed_in(hospital.person("주치의", Role.CLINICIAN))
    answer = clinician.get("/api/concerns")
    (told,) = answer.json()["concerns"]
    assert (told["kind"], told["case_id"], told["alarm"]) == ("needs-attention", case_id, False)
    assert reader.person_id not in answer.text
    hospital.clock.forward(hours=2)
    assert clinician.get("/api/concerns").json()["concerns"][0]["alarm"]
    assert clinician.get("/api/concerns/open").json()["kinds"] == [
        {"kind": "needs-attention", "open": 1, "alarming": 1},
        {"kind": "identity-visible", "open": 0, "alarming": 0},
    ]
    closing = f"/api/concerns/{told['concern_id']}/closing"
    assert clinician.post(closing, json={"outcome": "images-deleted"}).json()["code"] == "outcome-refused"
    assert clinician.post(closing, json={"outcome": "patient-called"}).status_code == 204
    assert clinician.post(closing, json={"outcome": "known-already"}).json()["code"] == "concern-closed"
    assert clinician.get("/api/concerns/open").json()["kinds"][0]["open"] == 0


def test_the_case_that_needs_attention_is_read_on(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    browser.post(f"{path}/concern", json=ATTENTION)
    assert browser.post(f"{path}/reading", json=saying()).status_code == 201
    assert browser.post(f"{path}/concern", json=ATTENTION).status_code == 204


def test_a_visible_identity_takes_the_case_from_everybody_at_once(hospital: Hospital) -> None:
    one, other = (hospital.signed_in(hospital.reader(name)) for name in ("김영상", "이판독"))
    project_id = hospital.project(films=1)
    path, others = held(one), held(other)
    assert one.post(f"{path}/concern", json=IDENTITY).status_code == 204
    image = f"images/{film(1).image_id}/frames/1"
    for browser, address in ((one, path), (other, others)):
        answers = [browser.get(address), browser.get(f"{address}/{image}"), browser.get(f"{address}/draft")]
        answers.append(browser.post(f"{address}/reading", json=saying()))
        assert {answer.status_code for answer in answers} == {404}
        assert browser.post("/api/assignments", json={}).status_code == 204
    lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
    assert lead.get(f"/api/projects/{project_id}/progress").json()["cases"] == 0
    assert hospital.settled.held == hospital.settled.dropped == [film(1).image_id]


def test_the_steward_sees_the_incident_the_series_cleaned_alike_and_closes_it(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    browser.post(f"{held(browser)}/concern", json=IDENTITY)
    steward = hospital.signed_in(hospital.person("데이터 관리자", Role.STEWARD))
    (incident,) = steward.get("/api/concerns").json()["concerns"]
    assert incident["images_held_at"] is not None
    path = f"/api/concerns/{incident['concern_id']}"
    assert steward.get(f"{path}/alike").json() == {
        "series": [{"study_uid": "2.25.7", "series_uid": "2.25.Maker", "images": 3}]
    }
    assert steward.post(f"{path}/closing", json={"outcome": "images-deleted"}).status_code == 204
    auditor = hospital.signed_in(hospital.person("감사", Role.AUDITOR))
    actions = [event["action"] for event in auditor.get("/api/audit").json()["events"]]
    assert {"concern.raised", "case.withdrawn", "incident.images-held", "concern.closed"} <= set(actions)


def test_an_incident_whose_images_could_not_be_moved_is_settled_by_the_next_try(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    hospital.settled.broken = True
    assert browser.post(f"{path}/concern", json=IDENTITY).status_code == 204
    assert browser.get(path).status_code == 404
    assert hospital.settled.held == []
    hospital.settled.broken = False
    parts = hospital.app.state.parts.incidents
    assert settle_incidents(hospital.ward, parts, hospital.clock.now()) == 1
    assert settle_incidents(hospital.ward, parts, hospital.clock.now() + timedelta(minutes=1)) == 0
    assert hospital.settled.held == [film(1).image_id]


def test_each_hears_of_the_kind_that_is_theirs_and_closes_no_other(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=2)
    path = held(browser)
    browser.post(f"{path}/concern", json=ATTENTION)
    browser.post(f"{path}/concern", json=IDENTITY)
    kinds = {}
    for role in (Role.CLINICIAN, Role.STEWARD):
        person = hospital.signed_in(hospital.person(role.value, role))
        (only,) = person.get("/api/concerns").json()["concerns"]
        kinds[role] = only
    assert {role: one["kind"] for role, one in kinds.items()} == {
        Role.CLINICIAN: "needs-attention",
        Role.STEWARD: "identity-visible",
    }
    steward = hospital.signed_in(hospital.person("두 번째 관리자", Role.STEWARD))
    attention = f"/api/concerns/{kinds[Role.CLINICIAN]['concern_id']}"
    assert steward.post(f"{attention}/closing", json={"outcome": "patient-called"}).status_code == 404
    assert steward.get(f"{attention}/alike").status_code == 404


@pytest.mark.parametrize("body", [ATTENTION, IDENTITY])
def test_nobody_presses_a_button_on_a_case_that_is_not_theirs(hospital: Hospital, body: dict[str, str]) -> None:
    one, other = (hospital.signed_in(hospital.reader(name)) for name in ("김영상", "이판독"))
    hospital.project(films=1)
    path = held(one)
    assert other.post(f"{path}/concern", json=body).status_code == 404
    assert one.post(f"{path}/concern", json=body | {"note": "환자 김"}).status_code == 422
    assert one.get(path).status_code == 200
