"""Specialists apply and are verified; lay labelers sign, are certified and stay in the house; departments; rates."""

from typing import Any

import pytest
from fakes.hospital import Hospital, read_one
from starlette.testclient import TestClient

from node.readers.roles import Role

APPLICATION = {
    "name": "이신청",
    "department": "radiology",
    "licence_number": "54321",
    "specialty_number": "777",
    "specialist_since": 2015,
}
UNTIL = {"valid_until": "2027-03-02"}


@pytest.fixture
def it(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("전산팀", Role.IT))


def applied(hospital: Hospital, it: TestClient) -> str:
    assert hospital.browser().post("/api/applications", json=APPLICATION).status_code == 202
    (waiting,) = it.get("/api/applications").json()["applications"]
    assert waiting["licence_number"] == "54321"
    return str(waiting["application_id"])


def test_a_specialist_applies_is_verified_signs_in_and_sees_open_work_with_its_rate(
    hospital: Hospital, it: TestClient
) -> None:
    project_id = hospital.project(films=2, department="radiology")
    payer = hospital.signed_in(hospital.person("기금", Role.FUND_HOLDER))
    rate = {"amount": "1500.50", "currency": "KRW"}
    assert payer.put(f"/api/projects/{project_id}/rate", json=rate).status_code == 200
    taken = it.post(f"/api/applications/{applied(hospital, it)}/taking", json=UNTIL).json()
    assert taken["person"]["licence"]["valid_until"] == "2027-03-02"
    browser = hospital.browser()
    answer = browser.post("/api/session", json={"code": taken["login_code"]["code"]})
    browser.headers["X-Intramuros-CSRF"] = answer.json()["csrf"]
    (work,) = browser.get("/api/open-work").json()["projects"]
    assert (work["project_id"], work["rate"]["amount"], work["rate"]["currency"]) == (project_id, "1500.50", "KRW")
    assert read_one(browser) is not None
    assert it.get("/api/applications").json() == {"applications": []}


def test_an_application_is_decided_once_and_emptied(hospital: Hospital, it: TestClient) -> None:
    application_id = applied(hospital, it)
    refusal = {"reason": "numbers-not-confirmed"}
    assert it.post(f"/api/applications/{application_id}/refusal", json=refusal).status_code == 204
    again = it.post(f"/api/applications/{application_id}/taking", json=UNTIL)
    assert (again.status_code, again.json()["code"]) == (409, "application-decided")
    with hospital.engine.connect() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]  # SQLite has it
    assert "이신청" not in dump
    assert "54321" not in dump


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"department": "astrology"}, 422, "department-unknown"),
        ({"licence_number": "900101-1234567"}, 422, "licence-refused"),
        ({"specialist_since": 1800}, 422, "request-refused"),
        ({"roles": ["lead"]}, 422, "request-refused"),
    ],
)
def test_an_application_that_cannot_be_meant_so_is_refused(
    hospital: Hospital, change: dict[str, Any], status: int, code: str
) -> None:
    answer = hospital.browser().post("/api/applications", json=APPLICATION | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nobody_fills_the_disk_with_applications(
    hospital: Hospital, it: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.flows.applications.MOST_WAITING", 1)
    applied(hospital, it)
    answer = hospital.browser().post("/api/applications", json=APPLICATION)
    assert (answer.status_code, answer.json()["code"]) == (429, "applications-full")


def test_one_address_does_not_fill_the_list_for_everybody_else(
    hospital: Hospital, it: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.flows.applications.FREE_PER_ADDRESS", 2)
    browser = hospital.browser()
    answers = [browser.post("/api/applications", json=APPLICATION) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert len(it.get("/api/applications").json()["applications"]) == 2


def test_an_unverified_reader_gets_no_case_until_somebody_verified_the_licence(
    hospital: Hospital, it: TestClient
) -> None:
    hospital.project(films=2)
    reader = hospital.reader("김영상", verified=False)
    browser = hospital.signed_in(reader)
    assert browser.get("/api/open-work").json() == {"projects": []}
    assert read_one(browser) is None
    licence = {"licence_number": "1", "specialty_number": "2", "valid_until": "2026-03-05"}
    assert it.put(f"/api/people/{reader.person_id}/licence", json=licence).status_code == 200
    assert read_one(browser) is not None
    hospital.clock.forward(days=4)
    assert read_one(hospital.signed_in(reader)) is None


def test_a_licence_withdrawn_gives_no_further_case(hospital: Hospital, it: TestClient) -> None:
    hospital.project(films=2)
    reader = hospital.reader("김영상")
    browser = hospital.signed_in(reader)
    assert read_one(browser) is not None
    assert it.delete(f"/api/people/{reader.person_id}/licence").json()["licence"] is None
    assert read_one(browser) is None


def test_a_licence_is_kept_of_those_who_read_only(hospital: Hospital, it: TestClient) -> None:
    lead = hospital.person("책임자", Role.LEAD)
    licence = {"licence_number": "1", "specialty_number": "2", "valid_until": "2027-03-05"}
    answer = it.put(f"/api/people/{lead.person_id}/licence", json=licence)
    assert (answer.status_code, answer.json()["code"]) == (422, "standing-refused")


def labeling(hospital: Hospital, labeler_id: str, until: str = "2026-03-05") -> None:
    trainer = hospital.signed_in(hospital.person("교육자", Role.TRAINER))
    path = f"/api/labelers/{labeler_id}/certificates/chest-film-abnormal"
    assert trainer.put(path, json={"valid_until": until}).status_code == 200


def test_a_lay_labeler_is_given_certified_open_tasks_after_the_pledge(hospital: Hospital) -> None:
    hospital.project(films=2, labelers=True)
    labeler = hospital.person("작업자", Role.LABELER)
    browser = hospital.signed_in(labeler)
    labeling(hospital, labeler.person_id)
    assert read_one(browser) is None
    pledge = browser.get("/api/pledge").json()
    assert pledge["signed_at"] is None
    assert browser.put("/api/pledge", json={"version": pledge["version"] + 1}).status_code == 409
    assert browser.put("/api/pledge", json={"version": pledge["version"]}).status_code == 204
    assert browser.get("/api/pledge").json()["signed_at"] is not None
    assert read_one(browser) is not None
    hospital.clock.forward(days=4)
    assert read_one(hospital.signed_in(labeler)) is None


def test_a_certificate_withdrawn_takes_the_cases_with_it(hospital: Hospital) -> None:
    hospital.project(films=1, labelers=True)
    labeler = hospital.person("작업자", Role.LABELER)
    labeling(hospital, labeler.person_id)
    browser = hospital.signed_in(labeler)
    browser.put("/api/pledge", json={"version": 1})
    trainer = hospital.signed_in(hospital.person("다른 교육자", Role.TRAINER))
    (shown,) = trainer.get("/api/labelers").json()["labelers"]
    assert (shown["pledged"], [one["task"] for one in shown["certificates"]]) == (True, ["chest-film-abnormal"])
    path = f"/api/labelers/{labeler.person_id}/certificates/chest-film-abnormal"
    assert trainer.delete(path).status_code == 204
    assert trainer.delete(path).json()["code"] == "certificate-refused"
    assert trainer.put(path.replace("abnormal", "unknown"), json=UNTIL).json()["code"] == "certificate-refused"
    assert read_one(browser) is None


def test_a_lay_labeler_may_decline_without_a_reason(hospital: Hospital) -> None:
    hospital.project(films=1, labelers=True)
    labeler = hospital.person("작업자", Role.LABELER)
    labeling(hospital, labeler.person_id)
    browser = hospital.signed_in(labeler)
    browser.put("/api/pledge", json={"version": 1})
    held = browser.post("/api/assignments", json={}).json()["assignment_id"]
    assert browser.post(f"/api/assignments/{held}/decline", json={"reason": "rather-not"}).status_code == 204


def test_a_lay_labeler_is_heard_from_the_house_only_and_a_reader_from_everywhere(hospital: Hospital) -> None:
    for person, status in ((hospital.person("작업자", Role.LABELER), 403), (hospital.reader("판독의"), 200)):
        inside = hospital.signed_in(person)
        outside = hospital.browser("203.0.113.9")
        outside.cookies.update(inside.cookies)
        assert inside.get("/api/worklist").status_code == 200
        answer = outside.get("/api/worklist")
        assert answer.status_code == status
        assert status == 200 or answer.json()["code"] == "on-site-only"


def test_a_project_without_labelers_is_given_to_none_of_them(hospital: Hospital) -> None:
    hospital.project(films=1)
    labeler = hospital.person("작업자", Role.LABELER)
    labeling(hospital, labeler.person_id)
    browser = hospital.signed_in(labeler)
    browser.put("/api/pledge", json={"version": 1})
    assert browser.get("/api/open-work").json() == {"projects": []}
    assert read_one(browser) is None


def test_departments_of_the_house_are_loaded_as_a_list_and_can_be_named(hospital: Hospital, it: TestClient) -> None:
    known = it.post("/api/departments", json={"list": "oral-radiology,영상치의학과,Oral radiology"}).json()
    assert len(known["departments"]) == 28
    body = {"name": "박치과", "roles": ["reader"], "department": "oral-radiology"}
    assert it.post("/api/people", json=body).status_code == 201
    refused = it.post("/api/departments", json={"list": "nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (422, "department-list-refused")


def test_a_rate_is_followed_by_a_later_one_and_never_changed(hospital: Hospital) -> None:
    project_id = hospital.project()
    payer = hospital.signed_in(hospital.person("기금", Role.FUND_HOLDER))
    path = f"/api/projects/{project_id}/rate"
    assert payer.get(path).json() == {"rate": None}
    for amount in ("1000", "1200"):
        payer.put(path, json={"amount": amount, "currency": "KRW"})
    assert payer.get(path).json()["rate"]["amount"] == "1200"
    assert payer.put(path, json={"amount": "1e9", "currency": "KRW"}).status_code == 422
    with hospital.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT amount FROM rate ORDER BY number").scalars().all()
    assert kept == ["1000", "1200"]


def test_who_holds_roles_from_before_that_are_now_apart_is_shown_to_it(hospital: Hospital, it: TestClient) -> None:
    person = hospital.person("겸직", Role.STEWARD)
    with hospital.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE person SET roles = 'ethics,steward' WHERE person_id = ?", (person.person_id,)
        )
    shown = {one["name"]: one["apart"] for one in it.get("/api/people").json()["people"]}
    assert shown == {"겸직": [["ethics", "steward"]], "전산팀": []}
