"""A lead changes guideline or schema; what that touches comes back to its readers, and to nobody else."""

import pytest
from fakes.hospital import Hospital, read_one, saying
from starlette.testclient import TestClient

from node.readers.roles import Role

PRESENT = [{"question": "abnormal", "options": ["present"]}]


@pytest.fixture
def lead(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("책임자", Role.LEAD))


def test_a_new_guideline_brings_touched_cases_back_and_the_audit_trail_says_so(
    hospital: Hospital, lead: TestClient
) -> None:
    readers = [hospital.signed_in(hospital.reader(f"판독의 {number}")) for number in range(2)]
    path = f"/api/projects/{hospital.project(films=1, reads_per_case=2)}"
    case_id = read_one(readers[0], "present")
    assert read_one(readers[1], "absent") == case_id
    changed = lead.put(f"{path}/guideline", json={"text": "새 지침", "touches": PRESENT}).json()
    assert (changed["guideline_version"], changed["readings_set_aside"], changed["cases_requeued"]) == (2, 1, 1)
    assert lead.get(f"{path}/consensus").json()["cases"] == []
    assert read_one(readers[1]) is None
    assert read_one(readers[0], "absent") == case_id
    (closed,) = lead.get(f"{path}/consensus").json()["cases"]
    assert (closed["consensus"][0]["option"], closed["consensus"][0]["votes"]) == ("absent", 2)
    auditor = hospital.signed_in(hospital.person("감사자", Role.AUDITOR))
    actions = [event["action"] for event in auditor.get("/api/audit").json()["events"]]
    assert {"guideline.changed", "reading.set-aside", "case.reopened"} <= set(actions)


def test_the_schema_stays_where_its_version_is_the_same_and_an_unknown_one_is_refused(
    hospital: Hospital, lead: TestClient
) -> None:
    path = f"/api/projects/{hospital.project(films=1)}/schema"
    same = lead.put(path, json={"schema_version": 1}).json()
    assert (same["schema_version"], same["readings_set_aside"]) == (1, 0)
    refused = lead.put(path, json={"schema_version": 7})
    assert (refused.status_code, refused.json()["code"]) == (422, "schema-unknown")


@pytest.mark.parametrize(
    ("about", "status", "code"),
    [
        ({"touches": [{"question": "other"}]}, 422, "revision-refused"),
        ({"touches": [{"question": "abnormal", "options": ["purple"]}]}, 422, "revision-refused"),
        ({"case_ids": ["11111111-1111-4111-8111-111111111111"]}, 404, "not-found"),
    ],
)
def test_a_guideline_about_what_is_not_there_is_refused(
    hospital: Hospital, lead: TestClient, about: dict[str, object], status: int, code: str
) -> None:
    path = f"/api/projects/{hospital.project(films=1)}"
    refused = lead.put(f"{path}/guideline", json={"text": "새 지침"} | about)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert lead.get(path).json()["guideline_version"] == 1


def test_no_reader_says_of_themselves_that_they_were_asked_to_read_anew(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("판독의"))
    hospital.project(films=1)
    path = f"/api/assignments/{browser.post('/api/assignments', json={}).json()['assignment_id']}"
    browser.post(f"{path}/reading", json=saying("present"))
    amended = browser.post(f"{path}/amendment", json={"content": saying("absent"), "reason": "read-anew"})
    assert amended.status_code == 422
