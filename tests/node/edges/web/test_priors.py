"""The patient's images before a case: which study they are of, who gets them, and what of it is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fakes.hospital import Hospital, film, saying
from starlette.testclient import TestClient

from node.flows.projects import add_cases, open_project

NONE: dict[str, Any] = {"days_before": None, "images": [], "planes": []}


@dataclass
class DatedHeaders:
    """Headers that say a study's date, of the images that have one here."""

    dates: dict[str, str] = field(default_factory=dict)

    def headers(self, image_ids: Sequence[str]) -> dict[str, bytes]:
        return {one: self._header(self.dates[one]) for one in image_ids if one in self.dates}

    def _header(self, text: str) -> bytes:
        return json.dumps({"00080020": {"Value": [text]}, "00280030": {"Value": [0.5, 0.25]}}).encode()


@pytest.fixture
def headers(hospital: Hospital) -> DatedHeaders:
    dated = DatedHeaders()
    hospital.app.state.parts = replace(hospital.app.state.parts, headers=dated)
    return dated


def _dated(hospital: Hospital, headers: DatedHeaders, dates: dict[int, str], **changes: Any) -> None:
    """One film of one patient for each number, of its own study on its date."""
    films = [film(number, patient_number=9, **changes) for number in dates]
    headers.dates |= {one.image_id: text for one, text in zip(films, dates.values(), strict=True)}
    hospital.admit(*films)


def _read_all(hospital: Hospital, name: str) -> tuple[TestClient, dict[str, str]]:
    """A reader who read every case of an open project: the path of each image's assignment."""
    signed = hospital.signed_in(hospital.reader(name))
    project_id = hospital.project(opened=False)
    add_cases(hospital.ward, project_id, ["CR"], hospital.act())
    open_project(hospital.ward, project_id, hospital.act())
    paths: dict[str, str] = {}
    while (given := signed.post("/api/assignments", json={"project_id": project_id})).status_code == 201:
        sheet = given.json()
        path = f"/api/assignments/{sheet['assignment_id']}"
        paths |= {image["image_id"]: path for image in sheet["images"]}
        assert signed.post(f"{path}/reading", json=saying()).status_code == 201
    return signed, paths


def _id(number: int) -> str:
    return film(number).image_id


def test_the_latest_study_before_stands_beside_a_case_and_is_named_by_numbers(
    hospital: Hospital, headers: DatedHeaders
) -> None:
    _dated(hospital, headers, {1: "20250301", 2: "20250110", 3: "20241231", 4: "20250401"})
    signed, paths = _read_all(hospital, "하나")
    prior = signed.get(f"{paths[_id(1)]}/prior").json()
    assert prior["days_before"] == 50
    assert [image["image_id"] for image in prior["images"]] == ["1"]
    assert [(plane["image_id"], plane["spacing_mm"]) for plane in prior["planes"]] == [("1", [0.5, 0.25])]
    assert _id(2) not in json.dumps(prior)
    frame = signed.get(f"{paths[_id(1)]}/prior/images/1/frames/1")
    assert (frame.status_code, frame.headers["X-Rows"], frame.headers["Cache-Control"]) == (200, "4", "no-store")


def test_the_first_study_has_none_and_neither_has_one_of_the_same_day_or_of_no_date(
    hospital: Hospital, headers: DatedHeaders
) -> None:
    _dated(hospital, headers, {1: "20250110", 2: "20250110", 3: "no date", 4: "20251332"})
    signed, paths = _read_all(hospital, "하나")
    for number in (1, 2, 3, 4):
        assert signed.get(f"{paths[_id(number)]}/prior").json() == NONE
    assert signed.get(f"{paths[_id(1)]}/prior/images/1/frames/1").status_code == 404


def test_other_patients_other_modalities_and_other_projects_are_no_priors(
    hospital: Hospital, headers: DatedHeaders
) -> None:
    _dated(hospital, headers, {1: "20250301"})
    _dated(hospital, headers, {2: "20250101"}, modality="CR")
    _dated(hospital, headers, {3: "20250101"}, modality="MG")
    hospital.admit(film(4))
    headers.dates[_id(4)] = "20250101"
    signed, paths = _read_all(hospital, "하나")
    assert set(paths) == {_id(1), _id(2), _id(4)}
    assert signed.get(f"{paths[_id(1)]}/prior").json() == NONE


@pytest.mark.parametrize("path", ["0/frames/1", "2/frames/1", "1/frames/0", "1/frames/2"])
def test_what_the_prior_does_not_have_is_not_found(hospital: Hospital, headers: DatedHeaders, path: str) -> None:
    _dated(hospital, headers, {1: "20250301", 2: "20250110"})
    signed, paths = _read_all(hospital, "하나")
    assert signed.get(f"{paths[_id(1)]}/prior/images/{path}").status_code == 404


def test_a_prior_is_for_the_reader_of_the_case_alone(hospital: Hospital, headers: DatedHeaders) -> None:
    other = hospital.signed_in(hospital.reader("둘"))
    _dated(hospital, headers, {1: "20250301", 2: "20250110"})
    _, paths = _read_all(hospital, "하나")
    assert other.get(f"{paths[_id(1)]}/prior").status_code == 404
    assert other.get(f"{paths[_id(1)]}/prior/images/1/frames/1").status_code == 404


def test_a_case_held_out_is_nobodys_prior(hospital: Hospital, headers: DatedHeaders) -> None:
    _dated(hospital, headers, {1: "20250301", 2: "20250110"})
    signed, paths = _read_all(hospital, "하나")
    case_id = signed.get(paths[_id(2)]).json()["case_id"]
    with hospital.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE project_case SET holdout = 1 WHERE case_id = ?", (case_id,))
    assert signed.get(f"{paths[_id(1)]}/prior").json() == NONE
