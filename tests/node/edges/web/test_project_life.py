"""A project from draft over pilot to archive, as its lead walks it; its permission and its guideline."""

from typing import Any

import pytest
from fakes.hospital import Hospital, read_one
from starlette.testclient import TestClient

from node.readers.roles import Role

PARTNER = "44444444-4444-4444-8444-444444444444"


@pytest.fixture
def lead(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("책임자", Role.LEAD))


def state_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


def read_until_done(browser: TestClient) -> int:
    count = 0
    while read_one(browser) is not None:
        count += 1
    return count


def test_a_project_walks_from_draft_over_pilot_to_archive(hospital: Hospital, lead: TestClient) -> None:
    readers = [hospital.signed_in(hospital.reader(f"판독의 {number}")) for number in range(5)]
    path = f"/api/projects/{hospital.project(films=12, reads_per_case=5, opened=False)}"
    assert state_of(lead.post(f"{path}/pilot", json={"reads": 20})) == "pilot"
    assert [read_until_done(browser) for browser in readers] == [4] * 5
    report = lead.get(f"{path}/pilot").json()
    assert (report["cases"], report["closed"], report["readings"]) == (4, 4, 20)
    (question,) = report["questions"]
    assert (question["question"], question["readers"], question["withheld"]) == ("abnormal", 5, False)
    assert state_of(lead.post(f"{path}/open")) == "open"
    assert read_one(readers[0]) is not None
    assert state_of(lead.post(f"{path}/freeze")) == "frozen"
    assert read_one(readers[1]) is None
    assert readers[1].get("/api/open-work").json() == {"projects": []}
    assert state_of(lead.post(f"{path}/open")) == "open"
    assert read_until_done(readers[1]) == 8
    lead.post(f"{path}/freeze")
    assert state_of(lead.post(f"{path}/archive")) == "archived"
    for act in ("open", "freeze", "archive"):
        refused = lead.post(f"{path}/{act}")
        assert (refused.status_code, refused.json()["code"]) == (409, "project-state-refused")
    assert lead.put(f"{path}/guideline", json={"text": "too late"}).status_code == 409


def test_agreement_of_a_pilot_of_fewer_than_five_readers_is_withheld(hospital: Hospital, lead: TestClient) -> None:
    readers = [hospital.signed_in(hospital.reader(f"판독의 {number}")) for number in range(3)]
    path = f"/api/projects/{hospital.project(films=8, opened=False)}"
    lead.post(f"{path}/pilot", json={"reads": 20})
    for browser in readers:
        read_until_done(browser)
    (question,) = lead.get(f"{path}/pilot").json()["questions"]
    assert (question["withheld"], question["alpha"], question["readers"]) == (True, None, 0)


@pytest.mark.parametrize(("films", "reads"), [(12, 19), (12, 51), (3, 30)])
def test_a_pilot_of_too_few_reads_or_cases_is_refused(
    hospital: Hospital, lead: TestClient, films: int, reads: int
) -> None:
    path = f"/api/projects/{hospital.project(films=films, opened=False)}"
    refused = lead.post(f"{path}/pilot", json={"reads": reads})
    assert (refused.status_code, refused.json()["code"]) == (422, "pilot-refused")
    assert lead.get(path).json()["state"] == "draft"


def test_a_project_opened_without_a_pilot_says_so_in_the_audit_trail(hospital: Hospital, lead: TestClient) -> None:
    path = f"/api/projects/{hospital.project(films=1, opened=False)}"
    assert state_of(lead.post(f"{path}/open")) == "open"
    auditor = hospital.signed_in(hospital.person("감사자", Role.AUDITOR))
    (opened,) = [one for one in auditor.get("/api/audit").json()["events"] if one["action"] == "project.opened"]
    assert opened["reason"] == "without-pilot"


def test_a_project_names_payer_and_permitted_uses_which_readers_see_and_nobody_widens_later(
    hospital: Hospital, lead: TestClient
) -> None:
    body = {
        "title": "흉부",
        "schema_code": "chest-film-abnormal",
        "schema_version": 1,
        "payer": "Example Imaging AI",
        "permission": {"use": "named-partners", "partners": [PARTNER]},
    }
    made = lead.post("/api/projects", json=body).json()
    assert (made["payer"], made["permission"]) == ("Example Imaging AI", body["permission"])
    path = f"/api/projects/{made['project_id']}"
    lead.post(f"{path}/open")
    (work,) = hospital.signed_in(hospital.reader("판독의")).get("/api/open-work").json()["projects"]
    assert (work["payer"], work["permitted_use"], work["rate"]) == ("Example Imaging AI", "named-partners", None)
    wider = lead.put(f"{path}/permission", json={"use": "any-approved-plan"})
    assert (wider.status_code, wider.json()["code"]) == (422, "permission-refused")
    assert lead.put(f"{path}/permission", json={"use": "own"}).json()["permission"] == {"use": "own", "partners": []}
    assert lead.put(f"{path}/permission", json=body["permission"]).status_code == 422


def test_a_project_that_names_no_use_permits_none(lead: TestClient) -> None:
    body = {"title": "흉부", "schema_code": "chest-film-abnormal", "schema_version": 1}
    assert lead.post("/api/projects", json=body).json()["permission"] == {"use": "own", "partners": []}


def test_a_changed_guideline_is_a_new_version_whose_difference_is_shown(hospital: Hospital, lead: TestClient) -> None:
    path = f"/api/projects/{hospital.project(films=1)}"
    changed = [lead.put(f"{path}/guideline", json={"text": text}).json() for text in ("둘째 줄", "둘째 줄", "셋째 줄")]
    assert [one["guideline_version"] for one in changed] == [2, 2, 3]
    shown = lead.get(f"{path}/guideline", params={"before": 1, "after": 3}).json()
    assert [(line["kind"], line["text"]) for line in shown["lines"]] == [("before", "읽는 법"), ("after", "셋째 줄")]
    assert lead.get(f"{path}/guideline", params={"before": 1, "after": 9}).status_code == 404
    reader = hospital.signed_in(hospital.reader("판독의"))
    assert reader.post("/api/assignments", json={}).json()["guideline"] == "셋째 줄"
