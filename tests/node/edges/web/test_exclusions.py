"""Exclusions over HTTP: IT and stewards enter numbers and see counts, stewards alone end one, no number comes back."""

from __future__ import annotations

import pytest
from fakes.hospital import Hospital
from starlette.testclient import TestClient

from node.intake.exclusion import ExclusionKind
from node.readers.roles import Role

LIST = {"kind": "opt-out", "numbers": ["12-345", "0012345", "", "98765"]}
LIFTING = {"kind": "opt-out", "numbers": ["12345"], "reason": "patient-agreed"}


@pytest.fixture
def steward(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("관리자", Role.STEWARD))


def numbers(browser: TestClient) -> dict[str, int]:
    return {one["kind"]: one["numbers"] for one in browser.get("/api/exclusions").json()["kinds"]}


def test_a_list_is_taken_once_counted_and_ended_by_a_steward(steward: TestClient) -> None:
    assert steward.post("/api/exclusions", json=LIST).json() == {"changed": 2, "unchanged": 0}
    assert steward.post("/api/exclusions", json=LIST).json() == {"changed": 0, "unchanged": 2}
    assert numbers(steward) == {"opt-out": 2, "staff": 0, "minor": 0, "legal-hold": 0}
    ended = steward.post("/api/exclusions/lifting", json=LIFTING).json()
    assert ended == {"changed": 1, "unchanged": 0, "again": 0, "gone": 0}
    assert numbers(steward)["opt-out"] == 1


def test_it_enters_and_does_not_end(hospital: Hospital) -> None:
    it = hospital.signed_in(hospital.person("전산팀", Role.IT))
    assert it.post("/api/exclusions", json=LIST).status_code == 200
    assert it.post("/api/exclusions/lifting", json=LIFTING).status_code == 403
    assert numbers(it)["opt-out"] == 2


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.STEWARD, Role.IT}))
def test_nobody_else_learns_or_changes_anything(hospital: Hospital, role: Role) -> None:
    browser = hospital.signed_in(hospital.person("누군가", role))
    assert browser.get("/api/exclusions").status_code == 403
    assert browser.post("/api/exclusions", json=LIST).status_code == 403


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"numbers": []}, "numbers-missing"),
        ({"numbers": [" ", ""]}, "numbers-missing"),
        ({"numbers": ["123", "---"]}, "number-invalid"),
        ({"numbers": ["1" * 65]}, "request-refused"),
        ({"kind": "because"}, "request-refused"),
        ({"note": "Hong Gildong"}, "request-refused"),
    ],
)
def test_what_cannot_be_recorded_is_refused_whole_and_not_repeated(
    steward: TestClient, change: dict[str, object], code: str
) -> None:
    answer = steward.post("/api/exclusions", json=LIST | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert numbers(steward)["opt-out"] == 0
    assert "Hong" not in answer.text
    if code == "number-invalid":
        assert answer.json()["line"] == 2


def test_a_kind_does_not_end_for_the_reason_of_another(steward: TestClient) -> None:
    steward.post("/api/exclusions", json=LIST)
    answer = steward.post("/api/exclusions/lifting", json=LIFTING | {"reason": "hold-ended"})
    assert (answer.status_code, answer.json()["code"]) == (422, "not-liftable")
    assert numbers(steward)["opt-out"] == 2


def test_every_kind_names_the_reasons_it_ends_for(steward: TestClient) -> None:
    kinds = steward.get("/api/exclusions").json()["kinds"]
    assert {one["kind"] for one in kinds} == set(ExclusionKind)
    assert all("entered-by-mistake" in one["reasons"] for one in kinds)


def test_a_damaged_list_is_told_to_it_and_nothing_is_recorded(hospital: Hospital, steward: TestClient) -> None:
    steward.post("/api/exclusions", json=LIST)
    (file,) = hospital.exclusions.book.files  # type: ignore[attr-defined]  # the real book, on one file
    file.write_bytes(b"not ours\n")
    answer = steward.post("/api/exclusions", json={"kind": "staff", "numbers": ["7"]})
    assert (answer.status_code, answer.json()["code"]) == (503, "exclusion-list")
    assert numbers(steward)["staff"] == 0
