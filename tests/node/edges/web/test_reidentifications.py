"""Re-identification over HTTP: its roles, its refusals in both languages, and an answer that no list repeats."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.hospital import Hospital, film
from fakes.reidentification import ISSUER, PATIENT, STUDY, received_image
from starlette.testclient import TestClient

from node.readers.roles import Role
from node.storage.engine import Database, open_engine

PATH = "/api/reidentifications"
REFUSAL = {"reason": "not-needed"}


@pytest.fixture
def case_id(hospital: Hospital, tmp_path: Path) -> str:
    intake = open_engine(Database.INTAKE, tmp_path)
    image_id, patient = received_image(intake, hospital.clock.now())
    intake.dispose()
    return hospital.admit(film(1, image_id=image_id, patient_number=patient))[0]


@pytest.fixture
def steward(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("관리자", Role.STEWARD))


@pytest.fixture
def reviewer(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("심의자", Role.ETHICS))


def asked(steward: TestClient, case_id: str) -> str:
    made = steward.post(PATH, json={"case": case_id, "reason": "clinical-attention"})
    assert made.status_code == 201, made.text
    return f"{PATH}/{made.json()['request_id']}"


def test_two_people_and_one_answer(steward: TestClient, reviewer: TestClient, case_id: str) -> None:
    path = asked(steward, case_id)
    assert reviewer.post(f"{path}/approval").status_code == 204
    answer = steward.post(f"{path}/answer")
    assert answer.json() == {"hospital_number": PATIENT, "issuer": ISSUER, "study_instance_uid": STUDY}
    assert answer.headers["cache-control"] == "no-store"
    again = steward.post(f"{path}/answer")
    assert (again.status_code, again.json()["code"]) == (409, "answer-shown")
    for browser in (steward, reviewer):
        told = browser.get(PATH)
        assert [word for word in (PATIENT, ISSUER, STUDY) if word in told.text + again.text] == []
        (one,) = told.json()["requests"]
        assert (one["state"], one["asked_by"], one["decided_by"]) == ("shown", "관리자", "심의자")
        assert one["mine"] is (browser is steward)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.STEWARD, Role.CLINICIAN, Role.ETHICS}))
def test_nobody_else_asks_decides_or_reads(
    hospital: Hospital, steward: TestClient, reviewer: TestClient, case_id: str, role: Role
) -> None:
    path = asked(steward, case_id)
    reviewer.post(f"{path}/approval")
    other = hospital.signed_in(hospital.person("누군가", role))
    for step, body in (("approval", {}), ("refusal", REFUSAL), ("withdrawal", {}), ("answer", {})):
        assert other.post(f"{path}/{step}", json=body).status_code == 403
    assert other.post(PATH, json={"case": case_id, "reason": "patient-asked"}).status_code == 403
    assert other.get(PATH).status_code == (200 if role is Role.AUDITOR else 403)


def test_the_named_clinician_asks_by_the_same_two_people(
    hospital: Hospital, reviewer: TestClient, case_id: str
) -> None:
    clinician = hospital.signed_in(hospital.person("담당 의사", Role.CLINICIAN))
    path = asked(clinician, case_id)
    assert clinician.post(f"{path}/approval").json()["code"] == "role-missing"
    assert reviewer.post(f"{path}/approval").status_code == 204
    assert clinician.post(f"{path}/answer").json()["hospital_number"] == PATIENT


def test_neither_of_the_two_does_the_others_part(steward: TestClient, reviewer: TestClient, case_id: str) -> None:
    path = asked(steward, case_id)
    assert steward.post(f"{path}/approval").json()["code"] == "role-missing"
    assert reviewer.post(f"{path}/answer").json()["code"] == "role-missing"
    assert reviewer.post(PATH, json={"case": case_id, "reason": "patient-asked"}).status_code == 403


def test_another_steward_cannot_read_or_take_back(
    hospital: Hospital, steward: TestClient, reviewer: TestClient, case_id: str
) -> None:
    path = asked(steward, case_id)
    reviewer.post(f"{path}/approval")
    other = hospital.signed_in(hospital.person("다른 관리자", Role.STEWARD))
    for step in ("answer", "withdrawal"):
        refused = other.post(f"{path}/{step}")
        assert (refused.status_code, refused.json()["code"]) == (403, "not-the-asker")
    assert steward.post(f"{path}/withdrawal").status_code == 204
    assert steward.post(f"{path}/answer").json()["code"] == "request-closed"


def test_an_approval_lapses_after_a_day(
    hospital: Hospital, steward: TestClient, reviewer: TestClient, case_id: str
) -> None:
    path = asked(steward, case_id)
    reviewer.post(f"{path}/approval")
    hospital.clock.forward(hours=24)
    refused = hospital.signed_in(hospital.person("그 관리자", Role.STEWARD)).get(PATH)
    assert [one["state"] for one in refused.json()["requests"]] == ["lapsed"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"case": "C-AAAAAAAAAAAAAAAA", "reason": "patient-asked"}, "case-not-here"),
        ({"case": "Hong Gildong", "reason": "patient-asked"}, "request-refused"),
        ({"case": "C-AAAAAAAAAAAAAAAA", "reason": "Hong Gildong"}, "request-refused"),
        ({"case": "C-AAAAAAAAAAAAAAAA", "reason": "patient-asked", "note": "Hong Gildong"}, "request-refused"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_both_languages_and_not_repeated(
    steward: TestClient, body: dict[str, str], code: str
) -> None:
    refused = steward.post(PATH, json=body)
    assert refused.json()["code"] == code
    assert refused.json()["title"] != refused.json()["title_ko"]
    assert "Gildong" not in refused.text
