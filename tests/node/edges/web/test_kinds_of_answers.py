"""Readings of schemas that ask for more than single choices, from the sheet to the consensus."""

from typing import Any

import pytest
from fakes.hospital import Hospital, film
from starlette.testclient import TestClient

from node.flows.projects import add_cases, make_project, open_project
from node.ground.ids import new_id
from node.labeling.project import NewProject
from node.readers.roles import Role

IMAGE = film(1).image_id
BOX = {"shape": "box", "upper_left": [1, 1], "lower_right": [3, 3.5]}
MASK = {"shape": "mask", "rows": 4, "columns": 4, "runs": [5, 2, 9]}


def read_of(hospital: Hospital, schema: str) -> tuple[TestClient, str, str]:
    """A reader's browser, the address of a case held under this schema, and its project."""
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.admit(film(1))
    new = NewProject("과제", "지침", schema, 1, 1)
    project_id = make_project(hospital.ward, new, hospital.act(), project_id=new_id()).project_id
    add_cases(hospital.ward, project_id, ["DX"], hospital.act())
    open_project(hospital.ward, project_id, hospital.act())
    held = browser.post("/api/assignments", json={}).json()
    assert held["schema"]["schema_code"] == schema
    return browser, f"/api/assignments/{held['assignment_id']}", project_id


def body(*answers: dict[str, Any]) -> dict[str, Any]:
    return {"answers": list(answers), "seconds_active": 9}


@pytest.mark.parametrize(
    ("schema", "answers"),
    [
        ("generic-box", [{"question": "boxes", "marks": [{"mark": "m1", "image_id": IMAGE, "shape": BOX}]}]),
        ("generic-mask", [{"question": "masks", "marks": [{"mark": "m1", "image_id": IMAGE, "shape": MASK}]}]),
        ("generic-mask", [{"question": "masks", "abstention": "absent"}]),
        (
            "chest-film-findings",
            [
                {
                    "question": "findings",
                    "marks": [{"mark": "m1", "image_id": IMAGE, "label": "cardiomegaly", "shape": BOX}],
                },
                {"question": "diagnoses", "options": ["pneumonia", "tuberculosis"], "confidence": 0.7},
            ],
        ),
    ],
)
def test_what_was_said_is_read_back_and_the_case_closes(
    hospital: Hospital, schema: str, answers: list[dict[str, Any]]
) -> None:
    browser, path, project_id = read_of(hospital, schema)
    assert browser.post(f"{path}/reading", json=body(*answers)).status_code == 201
    said = browser.get(f"{path}/reading").json()["content"]["answers"]
    assert [one["question"] for one in said] == [one["question"] for one in answers]
    lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
    assert lead.get(f"/api/projects/{project_id}/progress").json()["closed"] == 1
    assert lead.get(f"/api/projects/{project_id}/consensus").status_code == 200


def test_a_mark_beyond_the_image_is_refused_in_both_languages_and_the_case_stays_open(hospital: Hospital) -> None:
    browser, path, _ = read_of(hospital, "generic-box")
    beyond = {"question": "boxes", "marks": [{"mark": "m1", "image_id": IMAGE, "shape": BOX | {"lower_right": [9, 9]}}]}
    refused = browser.post(f"{path}/reading", json=body(beyond))
    assert (refused.status_code, refused.json()["fault"]) == (422, "outside-image")
    assert refused.json()["detail"] == "A mark reaches beyond the image. Draw it within."
    assert refused.json()["detail_ko"] == "표시가 영상 밖으로 나갔습니다. 영상 안에 그리세요."
    assert browser.post(f"{path}/reading", json=body({"question": "boxes", "abstention": "absent"})).status_code == 201
