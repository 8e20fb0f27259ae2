"""A reading said anew, the proof of the chain, and the end of bodies, over HTTP."""

from typing import Any

import pytest
from fakes.hospital import Hospital, read_one, saying
from starlette.testclient import TestClient

from node.flows.amend import MAX_AMENDMENTS
from node.readers.roles import Role

AMENDED = {"content": saying("absent"), "reason": "overlooked"}


def read(browser: TestClient, option: str = "present") -> str:
    """The address of an assignment that was read."""
    held = browser.post("/api/assignments", json={}).json()["assignment_id"]
    assert browser.post(f"/api/assignments/{held}/reading", json=saying(option)).status_code == 201
    return f"/api/assignments/{held}"


def said(browser: TestClient, path: str) -> str:
    return str(browser.get(f"{path}/reading").json()["content"]["answers"][0]["option"])


def test_a_reader_says_it_anew_and_sees_what_was_said_last(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = read(browser)
    assert said(browser, path) == "present"
    assert browser.post(f"{path}/amendment", json=AMENDED).status_code == 201
    assert said(browser, path) == "absent"


def test_consensus_is_made_of_what_each_reader_said_last(hospital: Hospital) -> None:
    readers = [hospital.signed_in(hospital.reader(f"판독의 {number}")) for number in range(3)]
    project_id = hospital.project(films=1)
    paths = [read(browser, "present") for browser in readers[:2]]
    for browser, path in zip(readers, paths, strict=False):
        assert browser.post(f"{path}/amendment", json=AMENDED).status_code == 201
    read(readers[2], "absent")
    lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
    (case,) = lead.get(f"/api/projects/{project_id}/consensus").json()["cases"]
    (one,) = case["consensus"]
    assert (one["option"], one["votes"], one["dissent"]) == ("absent", 3, [])


def test_a_reading_amended_after_the_case_closed_is_kept_does_not_count_and_nothing_tells(hospital: Hospital) -> None:
    readers = [hospital.signed_in(hospital.reader(f"판독의 {number}")) for number in range(2)]
    project_id = hospital.project(films=1, reads_per_case=2)
    path = read(readers[0])
    before = readers[0].post(f"{path}/amendment", json=AMENDED)
    read(readers[1])
    late = readers[0].post(f"{path}/amendment", json=AMENDED | {"content": saying("present")})
    assert (late.status_code, set(late.json()), late.headers.keys()) == (201, set(before.json()), before.headers.keys())
    assert said(readers[0], path) == "present"
    lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
    (case,) = lead.get(f"/api/projects/{project_id}/consensus").json()["cases"]
    assert case["consensus"][0]["option"] is None


def test_the_same_amendment_under_the_same_key_is_one(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path, key = read(browser), {"Idempotency-Key": "4f1c2a9e-amend"}
    answers = [browser.post(f"{path}/amendment", json=AMENDED, headers=key).json() for _ in range(2)]
    assert answers[0] == answers[1]
    with hospital.ward.reading() as work:
        assert work.chain.head().number == 2


@pytest.mark.parametrize(
    "body",
    [
        AMENDED | {"reason": "I thought about it"},
        {"content": saying("absent")},
        AMENDED | {"content": saying("maybe")},
        AMENDED | {"patient": "someone"},
    ],
)
def test_an_amendment_without_a_reason_or_with_answers_that_do_not_fit_is_refused(
    hospital: Hospital, body: dict[str, Any]
) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    assert browser.post(f"{read(browser)}/amendment", json=body).status_code == 422


def test_only_what_was_read_can_be_amended_and_not_for_ever(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=2)
    path = read(browser)
    held = f"/api/assignments/{browser.post('/api/assignments', json={}).json()['assignment_id']}"
    assert browser.post(f"{held}/amendment", json=AMENDED).json()["code"] == "nothing-to-amend"
    assert browser.get(f"{held}/reading").json()["code"] == "nothing-to-amend"
    codes = [browser.post(f"{path}/amendment", json=AMENDED).status_code for _ in range(MAX_AMENDMENTS + 1)]
    assert codes == [201] * MAX_AMENDMENTS + [409]


def test_nobody_sees_or_amends_another_readers_reading(hospital: Hospital) -> None:
    one, other = (hospital.signed_in(hospital.reader(name)) for name in ("김영상", "이판독"))
    hospital.project(films=1)
    path = read(one)
    answers = [other.get(f"{path}/reading"), other.post(f"{path}/amendment", json=AMENDED)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}


def test_the_auditor_is_told_that_every_reading_is_as_it_was_and_which_were_destroyed(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=2)
    case_id = read_one(browser)
    browser.post(f"{read(browser)}/amendment", json=AMENDED)
    auditor = hospital.signed_in(hospital.person("감사", Role.AUDITOR))
    whole = auditor.get("/api/readings/proof").json()
    assert (whole["readings"], whole["broken_at"], whole["destroyed"]) == (3, None, [])
    who = hospital.person("데이터 관리자", Role.STEWARD)
    steward = hospital.signed_in(who)
    gone = steward.post(f"/api/cases/{case_id}/readings/destruction", json={"reason": "patient-asked"})
    assert gone.status_code == 204
    after = auditor.get("/api/readings/proof").json()
    assert after["entry_hash"] == whole["entry_hash"]
    (told,) = after["destroyed"]
    day = hospital.clock.now().date().isoformat()
    assert told["number"] == 1
    assert told["text"]["en"] == f"Destroyed on {day} by {who.person_id}: the patient asked for it."
    events = auditor.get("/api/audit").json()["events"]
    assert [event["reason"] for event in events if event["action"] == "reading.destroyed"] == ["patient-asked"]


def test_destroyed_readings_are_seen_by_nobody_and_stay_destroyed(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = read(browser)
    case_id = browser.get(path).json()["case_id"]
    steward = hospital.signed_in(hospital.person("데이터 관리자", Role.STEWARD))
    for _ in range(2):
        body = {"reason": "project-ended"}
        assert steward.post(f"/api/cases/{case_id}/readings/destruction", json=body).status_code == 204
    assert browser.get(f"{path}/reading").status_code == 409
    with hospital.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT content, salt FROM reading").all()
    assert [tuple(row) for row in kept] == [("", b"")]


def test_readings_of_a_patient_under_a_legal_hold_are_not_destroyed(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    sheet = browser.post("/api/assignments", json={}).json()
    hospital.holds.held.add(sheet["images"][0]["image_id"])
    steward = hospital.signed_in(hospital.person("데이터 관리자", Role.STEWARD))
    body = {"reason": "patient-asked"}
    refused = steward.post(f"/api/cases/{sheet['case_id']}/readings/destruction", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "readings-held")


def test_a_reading_keeps_what_it_was_made_under_and_on_what_it_was_shown(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    sheet = browser.post("/api/assignments", json={}).json()
    window = {"image_id": sheet["images"][0]["image_id"], "centre": 40, "width": 400}
    display = {"page_version": "0.2.0", "greyscale_check": "passed", "worst_difference": 1, "windows": [window]}
    path = f"/api/assignments/{sheet['assignment_id']}"
    assert browser.post(f"{path}/reading", json=saying() | {"display": display}).status_code == 201
    assert browser.get(f"{path}/reading").json()["content"]["display"] == display
    with hospital.ward.reading() as work:
        (kept,) = work.readings.versions(sheet["assignment_id"])
    assert kept.basis is not None
    assert (kept.basis.schema_code, kept.basis.schema_version) == ("chest-film-abnormal", 1)
    assert (kept.basis.guideline_version, kept.basis.suggestion_shown) == (1, False)
