"""A reader's day over HTTP."""

import pytest
from fakes.hospital import Hospital, film, read_one, saying
from starlette.testclient import TestClient

from node.ground.ids import new_id
from node.labeling.assignment import LEASE
from node.labeling.draft import MAX_DRAFT_BYTES
from node.readers.roles import Role


def held(browser: TestClient) -> str:
    given = browser.post("/api/assignments", json={"project_id": None})
    assert given.status_code == 201
    return f"/api/assignments/{given.json()['assignment_id']}"


def test_a_reader_gets_all_that_is_needed_to_read_and_nothing_that_names_the_patient(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    project_id = hospital.project(films=1)
    sheet = browser.post("/api/assignments", json={}).json()
    assert sheet["project_id"] == project_id
    assert sheet["guideline"] == "읽는 법"
    assert sheet["schema"]["questions"][0]["code"] == "abnormal"
    assert sheet["patient"] == {"age_band": "60-69", "sex": "F"}
    assert sheet["images"] == [
        {
            "image_id": film(1).image_id,
            "rows": 4,
            "columns": 4,
            "frames": 1,
            "modality": "DX",
            "view": "PA",
            "series": 1,
        }
    ]
    assert set(sheet) == {
        *("assignment_id", "case_id", "project_id", "state", "lease_until"),
        *("schema", "guideline", "images", "patient", "rate"),
    }


def test_readers_read_every_case_once_and_then_there_is_nothing_left(hospital: Hospital) -> None:
    readers = [hospital.signed_in(hospital.reader(f"판독의 {number}")) for number in range(3)]
    hospital.project(films=4)
    for browser in readers:
        read = [read_one(browser) for _ in range(5)]
        assert len({case for case in read if case}) == 4
        assert read[-1] is None


def test_a_reader_without_a_verified_licence_gets_no_cases_until_it_is_verified(hospital: Hospital) -> None:
    reader = hospital.reader("김영상", verified=False)
    browser = hospital.signed_in(reader)
    hospital.project(films=1)
    assert browser.post("/api/assignments", json={}).status_code == 204
    assert browser.get("/api/worklist").json() == {"projects": []}
    it = hospital.signed_in(hospital.person("전산팀", Role.IT))
    licence = {"licence_number": "1", "specialty_number": "2", "valid_until": "2027-01-01"}
    it.put(f"/api/people/{reader.person_id}/licence", json=licence)
    assert browser.post("/api/assignments", json={}).status_code == 201


def test_a_reader_of_another_department_gets_no_cases(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김신경", department="neurology"))
    hospital.project(films=1, department="radiology")
    assert browser.post("/api/assignments", json={}).status_code == 204


def test_a_draft_project_offers_nothing_and_another_project_can_be_asked_for(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    draft = hospital.project(films=1, opened=False)
    opened = hospital.project()
    assert browser.post("/api/assignments", json={"project_id": draft}).status_code == 204
    assert browser.post("/api/assignments", json={"project_id": opened}).status_code == 201
    assert [row["project_id"] for row in browser.get("/api/projects").json()["projects"]] == [opened]


def test_asking_again_gives_the_same_case_until_it_is_read(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=3)
    first = held(browser)
    assert held(browser) == first
    row = browser.get("/api/worklist").json()["projects"][0]
    assert (row["waiting"], row["submitted"]) == (3, 0)
    assert first.endswith(row["held_assignment_id"])
    assert browser.post(f"{first}/reading", json=saying()).status_code == 201
    assert held(browser) != first


def test_frames_come_as_stored_with_what_is_needed_to_show_them(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    image = f"{held(browser)}/images/{film(1).image_id}/frames/1"
    frame = browser.get(image)
    assert frame.headers["content-type"] == "application/octet-stream"
    shown = {name: frame.headers[f"x-{name}"] for name in ("rows", "columns", "bits-stored", "signed", "photometric")}
    assert shown == {"rows": "4", "columns": "4", "bits-stored": "12", "signed": "false", "photometric": "MONOCHROME2"}
    assert len(frame.content) == 4 * 4 * 2
    assert browser.get(f"{image}/preview.png").headers["content-type"] == "image/png"


@pytest.mark.parametrize("number", ["0", "2", "-1", "1.5", "one"])
def test_a_frame_the_image_does_not_have_is_not_found(hospital: Hospital, number: str) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    assert browser.get(f"{held(browser)}/images/{film(1).image_id}/frames/{number}").status_code == 404


def test_an_image_of_another_case_is_not_found_under_ones_own(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=2)
    sheet = browser.post("/api/assignments", json={}).json()
    own = sheet["images"][0]["image_id"]
    other = next(film(number).image_id for number in (1, 2) if film(number).image_id != own)
    path = f"/api/assignments/{sheet['assignment_id']}/images/{other}/frames/1"
    assert browser.get(path).status_code == 404


def test_nothing_of_another_readers_assignment_can_be_reached(hospital: Hospital) -> None:
    one = hospital.signed_in(hospital.reader("김영상"))
    other = hospital.signed_in(hospital.reader("이판독"))
    hospital.project(films=1)
    path = held(one)
    image = f"{path}/images/{film(1).image_id}/frames/1"
    answers = [
        other.get(path),
        other.get(f"{path}/draft"),
        other.put(f"{path}/draft", json={"content": {}}, headers={"If-Match": '"0"'}),
        other.post(f"{path}/reading", json=saying()),
        other.post(f"{path}/decline", json={"reason": "no-time"}),
        other.get(image),
        other.get(f"{image}/preview.png"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_a_draft_is_saved_read_back_and_gone_with_the_reading(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    empty = browser.get(f"{path}/draft")
    assert (empty.headers["etag"], empty.json()) == ('"0"', {"version": 0, "saved_at": None, "content": {}})
    saved = browser.put(f"{path}/draft", json={"content": {"획": [1, 2]}}, headers={"If-Match": '"0"'})
    assert (saved.status_code, saved.headers["etag"]) == (200, '"1"')
    assert browser.get(f"{path}/draft").json()["content"] == {"획": [1, 2]}
    browser.post(f"{path}/reading", json=saying())
    assert browser.get(f"{path}/draft").json()["version"] == 0


def test_a_draft_saved_in_another_window_meanwhile_is_a_conflict_that_names_its_version(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    browser.put(f"{path}/draft", json={"content": {"a": 1}}, headers={"If-Match": '"0"'})
    conflict = browser.put(f"{path}/draft", json={"content": {"a": 2}}, headers={"If-Match": '"0"'})
    assert (conflict.status_code, conflict.json()["current_version"]) == (412, 1)
    assert browser.get(f"{path}/draft").json()["content"] == {"a": 1}


def test_work_saved_step_by_step_is_acknowledged_replayed_and_told_as_a_conflict(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    changes = f"{held(browser)}/draft/changes"
    steps = [
        {"change_set_id": new_id(), "kind": "merge", "body": body} for body in ({"a": 1, "b": {"c": 1}}, {"b": None})
    ]
    saved = [browser.post(changes, json=one, headers={"If-Match": f'"{n}"'}) for n, one in enumerate(steps)]
    assert [(one.status_code, one.headers["etag"]) for one in saved] == [(200, '"1"'), (200, '"2"')]
    again = browser.post(changes, json=steps[0], headers={"If-Match": '"0"'})
    assert (again.status_code, again.json()) == (200, saved[0].json())
    late = browser.post(changes, json=steps[1] | {"change_set_id": new_id()}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["current_version"]) == (412, 2)
    reused = browser.post(changes, json=steps[0] | {"body": {}}, headers={"If-Match": '"2"'})
    assert (reused.status_code, reused.json()["code"]) == (409, "change-set-reused")
    assert browser.get(changes.removesuffix("/changes")).json()["content"] == {"a": 1}
    missed = browser.get(changes, params={"after": 1}).json()["changes"]
    assert [(one["version"], one["change_set_id"]) for one in missed] == [(2, steps[1]["change_set_id"])]
    assert browser.post(changes, json=steps[0]).status_code == 428


def test_a_draft_grows_to_its_limit_and_not_beyond(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    changes = f"{held(browser)}/draft/changes"
    large = [{"change_set_id": new_id(), "body": {name: "x" * (MAX_DRAFT_BYTES // 2)}} for name in "ab"]
    answers = [browser.post(changes, json=one, headers={"If-Match": f'"{n}"'}) for n, one in enumerate(large)]
    assert [answer.status_code for answer in answers] == [200, 413]
    assert browser.get(changes.removesuffix("/changes")).headers["etag"] == '"1"'


@pytest.mark.parametrize(("version", "status"), [(None, 428), ("1", 422), ("*", 422), ('"-1"', 422)])
def test_a_draft_without_the_version_it_was_made_from_is_not_saved(
    hospital: Hospital, version: str | None, status: int
) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    headers = {} if version is None else {"If-Match": version}
    assert browser.put(f"{held(browser)}/draft", json={"content": {}}, headers=headers).status_code == status


def test_a_reading_cannot_be_changed_and_a_second_one_is_refused(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    assert browser.post(f"{path}/reading", json=saying("present")).status_code == 201
    again = browser.post(f"{path}/reading", json=saying("absent"))
    assert (again.status_code, again.json()["code"]) == (409, "reading-exists")
    draft = browser.put(f"{path}/draft", json={"content": {}}, headers={"If-Match": '"0"'})
    assert (draft.status_code, draft.json()["code"]) == (409, "assignment-closed")
    for method in ("PUT", "PATCH", "DELETE"):
        assert browser.request(method, f"{path}/reading").status_code == 405


def test_the_same_submission_under_the_same_key_is_answered_the_same(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    key = {"Idempotency-Key": "4f1c2a9e-submit"}
    first = browser.post(f"{path}/reading", json=saying("present"), headers=key)
    second = browser.post(f"{path}/reading", json=saying("present"), headers=key)
    assert (second.status_code, second.json()) == (201, first.json())
    for headers, body in (
        (key, saying("absent")),
        ({"Idempotency-Key": "another-key"}, saying("present")),
        ({}, saying()),
    ):
        assert browser.post(f"{path}/reading", json=body, headers=headers).status_code == 409
    with hospital.ward.reading() as work:
        assert work.chain.head().number == 1


def test_answers_that_do_not_fit_are_refused_and_the_case_stays_open(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    refused = browser.post(f"{path}/reading", json=saying("maybe"))
    assert (refused.status_code, refused.json()["code"], refused.json()["question"]) == (
        422,
        "answers-refused",
        "abnormal",
    )
    assert refused.json()["fault"] == "unknown-option"
    assert refused.json()["detail"]
    assert refused.json()["detail_ko"]
    assert browser.post(f"{path}/reading", json=saying(abstention="indeterminate")).status_code == 201


def test_a_declined_case_does_not_come_back(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    assert browser.post(f"{path}/decline", json={"reason": "because"}).status_code == 422
    assert browser.post(f"{path}/decline", json={"reason": "known-patient"}).status_code == 204
    assert browser.post("/api/assignments", json={}).status_code == 204
    assert browser.post(f"{path}/reading", json=saying()).status_code == 409


def test_a_late_reader_whose_case_was_given_on_is_told_so_and_keeps_the_draft(hospital: Hospital) -> None:
    late = hospital.signed_in(hospital.reader("김영상"))
    project_id = hospital.project(films=1, reads_per_case=1)
    path = held(late)
    late.put(f"{path}/draft", json={"content": {"a": 1}}, headers={"If-Match": '"0"'})
    lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
    hospital.clock.forward(seconds=LEASE.total_seconds())
    hospital.reader("이판독")
    assert lead.post(f"/api/projects/{project_id}/open").status_code == 200
    refused = late.post(f"{path}/reading", json=saying())
    assert (refused.status_code, refused.json()["code"]) == (409, "lease-lapsed")
    assert late.get(path).status_code == 409
    assert late.get(f"{path}/draft").json()["content"] == {"a": 1}


def test_an_expired_lease_nobody_else_needed_is_still_the_readers(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    path = held(browser)
    hospital.clock.forward(hours=2)
    assert browser.post(f"{path}/reading", json=saying()).status_code == 201
