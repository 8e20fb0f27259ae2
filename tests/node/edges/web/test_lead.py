"""What leads and IT do over HTTP."""

from typing import Any

import pytest
from fakes.hospital import Hospital, film, read_one
from starlette.testclient import TestClient

from node.readers.roles import Role

NEW = {"title": "흉부", "guideline": "", "schema_code": "chest-film-abnormal", "schema_version": 1}


@pytest.fixture
def lead(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("책임자", Role.LEAD))


@pytest.fixture
def it(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("전산팀", Role.IT))


def test_a_lead_makes_a_project_fills_it_sets_a_holdout_apart_and_follows_it(
    hospital: Hospital, lead: TestClient
) -> None:
    hospital.admit(*map(film, range(1, 5)))
    hospital.originals.image_of_uid = {"1.2.3": film(1).image_id}
    made = lead.post("/api/projects", json=NEW | {"reads_per_case": 2})
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    path = f"/api/projects/{made.json()['project_id']}"
    assert lead.post(f"{path}/cases", json={"modalities": ["DX", "CR"]}).json() == {"added": 4}
    assert lead.post(f"{path}/cases", json={"modalities": ["DX"]}).json() == {"added": 0}
    rows = [{"sop_instance_uid": uid, "option": "present"} for uid in ("1.2.3", "1.2.4")]
    assert lead.put(f"{path}/holdout", json={"rows": rows}).json() == {"matched": 1, "unmatched": 1}
    assert lead.post(f"{path}/open").json()["state"] == "open"
    for number, option in ((1, "present"), (2, "absent")):
        browser = hospital.signed_in(hospital.reader(f"판독의 {number}"))
        while read_one(browser, option):
            pass
    assert lead.get(f"{path}/progress").json() == {"cases": 4, "holdout": 1, "readings": 6, "closed": 3, "waiting": 0}
    assert lead.get(path).json()["reads_per_case"] == 2


def test_the_lead_sees_consensus_and_dissent_of_closed_cases_only(hospital: Hospital, lead: TestClient) -> None:
    readers = [hospital.reader(f"판독의 {number}") for number in range(3)]
    project_id = hospital.project(films=3)
    path = f"/api/projects/{project_id}/consensus"
    for number, person in enumerate(readers):
        assert lead.get(path).json() == {"cases": [], "next_after": None}
        browser = hospital.signed_in(person)
        while read_one(browser, "absent" if number else "present"):
            pass
    page = lead.get(path, params={"limit": 2}).json()
    assert page["next_after"] == page["cases"][-1]["case_id"]
    rest = lead.get(path, params={"limit": 2, "after": page["next_after"]}).json()
    assert len(page["cases"] + rest["cases"]) == 3
    (one,) = rest["cases"][0]["consensus"]
    assert (one["option"], one["votes"], round(one["posterior"], 2)) == ("absent", 3, 0.85)
    assert [dissent["person_id"] for dissent in one["dissent"]] == [readers[0].person_id]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schema_version": 9}, "schema-unknown"),
        ({"department": "astrology"}, "department-unknown"),
        ({"reads_per_case": 0}, "request-refused"),
        ({"reads_per_case": 21}, "request-refused"),
        ({"title": " "}, "request-refused"),
        ({"title": "x" * 201}, "request-refused"),
        ({"guideline": "x" * 20_001}, "request-refused"),
        ({"colour": "blue"}, "request-refused"),
    ],
)
def test_a_project_that_cannot_be_is_refused_by_reason(lead: TestClient, change: dict[str, Any], code: str) -> None:
    answer = lead.post("/api/projects", json=NEW | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    "rows",
    [
        [{"sop_instance_uid": "1.2.3", "option": "maybe"}],
        [{"sop_instance_uid": "../etc/passwd", "option": "present"}],
        [{"sop_instance_uid": "1" * 65, "option": "present"}],
    ],
)
def test_references_that_do_not_fit_are_refused_and_change_nothing(
    hospital: Hospital, lead: TestClient, rows: list[dict[str, str]]
) -> None:
    project_id = hospital.project(films=1)
    hospital.originals.image_of_uid = {"1.2.3": film(1).image_id}
    assert lead.put(f"/api/projects/{project_id}/holdout", json={"rows": rows}).status_code == 422
    assert lead.get(f"/api/projects/{project_id}/progress").json()["holdout"] == 0


def test_two_references_that_disagree_about_one_case_are_refused(hospital: Hospital, lead: TestClient) -> None:
    hospital.admit(film(1), film(2, study_uid="2.25.1"))
    project_id = hospital.project()
    hospital.originals.image_of_uid = {"1.2.3": film(1).image_id, "1.2.4": film(2).image_id}
    rows = [{"sop_instance_uid": "1.2.3", "option": "present"}, {"sop_instance_uid": "1.2.4", "option": "absent"}]
    answer = lead.put(f"/api/projects/{project_id}/holdout", json={"rows": rows})
    assert (answer.status_code, answer.json()["code"]) == (422, "holdout-refused")
    rows[1]["option"] = "present"
    assert lead.put(f"/api/projects/{project_id}/holdout", json={"rows": rows}).json() == {"matched": 2, "unmatched": 0}


def test_the_hospitals_own_uids_are_kept_nowhere_in_the_ward(hospital: Hospital, lead: TestClient) -> None:
    project_id = hospital.project(films=1)
    uid = "1.2.840.99999.7"
    hospital.originals.image_of_uid = {uid: film(1).image_id}
    lead.put(f"/api/projects/{project_id}/holdout", json={"rows": [{"sop_instance_uid": uid, "option": "absent"}]})
    with hospital.engine.connect() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]  # SQLite has it
    assert uid not in dump


def test_it_adds_people_and_lets_them_in(hospital: Hospital, it: TestClient) -> None:
    body = {"name": "김영상", "roles": ["reader"], "department": "radiology"}
    made = it.post("/api/people", json=body)
    assert made.status_code == 201
    person_id = made.json()["person_id"]
    code = it.post(f"/api/people/{person_id}/login-code").json()["code"]
    assert hospital.browser().post("/api/session", json={"code": code}).status_code == 200
    names = [person["name"] for person in it.get("/api/people").json()["people"]]
    assert names == ["김영상", "전산팀"]
    assert len(it.get("/api/departments").json()["departments"]) == 27


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"name": " 전산팀 "}, 409, "name-taken"),
        ({"roles": ["reader", "lead"]}, 422, "roles-conflict"),
        ({"department": "astrology"}, 422, "department-unknown"),
        ({"roles": []}, 422, "request-refused"),
        ({"roles": ["king"]}, 422, "request-refused"),
        ({"name": "x" * 121}, 422, "request-refused"),
        ({"name": "two\nlines"}, 422, "request-refused"),
        ({"password": "12345678"}, 422, "request-refused"),
    ],
)
def test_a_person_who_cannot_be_added_so_is_refused(
    it: TestClient, change: dict[str, Any], status: int, code: str
) -> None:
    answer = it.post("/api/people", json={"name": "김영상", "roles": ["reader"]} | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_intake_is_shown_in_figures(hospital: Hospital) -> None:
    steward = hospital.signed_in(hospital.person("관리자", Role.STEWARD))
    assert steward.get("/api/intake").json() == {"received": 7, "waiting": 1, "clean": 4, "quarantined": 2}


def test_the_schemas_of_the_node_are_listed(lead: TestClient) -> None:
    assert [schema["schema_code"] for schema in lead.get("/api/schemas").json()["schemas"]] == [
        "breast-mammography",
        "chest-film-abnormal",
        "chest-film-findings",
        "generic-box",
        "generic-mask",
        "lung-nodule",
    ]
