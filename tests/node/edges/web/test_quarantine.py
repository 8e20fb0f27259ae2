"""Quarantine over HTTP: its stewards see why, look, release or delete; everybody else is refused."""

from __future__ import annotations

import pytest
from fakes.hospital import Hospital
from fakes.ward import HELD_IMAGE
from starlette.testclient import TestClient

from node.flows.quarantine import DeleteReason, ReleaseReason
from node.readers.roles import Role

IMAGE = f"/api/quarantine/{HELD_IMAGE}"
PICTURE = f"{IMAGE}/frames/1/preview.png"
OVERRULE = {"overrules": "deidentify.burned_in_annotation", "reason": "nothing-identifies"}


@pytest.fixture
def steward(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("관리자", Role.STEWARD))


def test_each_image_stands_with_one_sentence_in_both_languages(steward: TestClient) -> None:
    (held,) = steward.get("/api/quarantine").json()["images"]
    assert (held["image_id"], held["releasable"]) == (HELD_IMAGE, True)
    assert held["text"]["en"] == "The header says that text is burned into the picture."
    assert held["text"]["ko"].endswith("니다.")


def test_a_steward_looks_and_releases_and_both_acts_are_recorded(hospital: Hospital, steward: TestClient) -> None:
    picture = steward.get(PICTURE)
    assert (picture.status_code, picture.headers["content-type"], picture.headers["x-frames"]) == (
        200,
        "image/png",
        "1",
    )
    assert picture.headers["cache-control"] == "no-store"
    assert steward.post(f"{IMAGE}/release", json=OVERRULE).status_code == 204
    assert hospital.quarantine.rows.reason_of(HELD_IMAGE) is None


def test_a_steward_who_did_not_look_is_told_to(steward: TestClient) -> None:
    answer = steward.post(f"{IMAGE}/release", json=OVERRULE)
    assert (answer.status_code, answer.json()["code"]) == (409, "not-looked-at")


def test_a_steward_deletes_once(hospital: Hospital, steward: TestClient) -> None:
    assert steward.post(f"{IMAGE}/deletion", json={"reason": "sent-by-mistake"}).status_code == 204
    again = steward.post(f"{IMAGE}/deletion", json={"reason": "sent-by-mistake"})
    assert (again.status_code, again.json()["code"]) == (404, "not-in-quarantine")
    assert steward.get(PICTURE).status_code == 404


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("release", {}),
        ("release", OVERRULE | {"reason": "because the patient is Hong Gildong"}),
        ("release", OVERRULE | {"overrules": "../../etc"}),
        ("release", OVERRULE | {"note": "free text"}),
        ("deletion", {"reason": "nothing-identifies"}),
        ("deletion", {}),
    ],
)
def test_a_decision_without_a_reason_from_the_list_is_refused(
    steward: TestClient, what: str, body: dict[str, str]
) -> None:
    assert steward.post(f"{IMAGE}/{what}", json=body).status_code == 422


def test_a_reason_the_image_does_not_stand_for_is_outdated(steward: TestClient) -> None:
    body = OVERRULE | {"overrules": "deidentify.screen_save"}
    answer = steward.post(f"{IMAGE}/release", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "decision-outdated")


def test_a_frame_the_image_does_not_have_cannot_be_shown(steward: TestClient) -> None:
    answer = steward.get(f"{IMAGE}/frames/7/preview.png")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-show")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.STEWARD}))
def test_nobody_but_a_steward_sees_or_decides_anything(hospital: Hospital, role: Role) -> None:
    browser = hospital.signed_in(hospital.person("누군가", role))
    assert browser.get("/api/quarantine").status_code == 403
    assert browser.get(PICTURE).status_code == 403
    assert browser.post(f"{IMAGE}/release", json=OVERRULE).status_code == 403
    assert browser.post(f"{IMAGE}/deletion", json={"reason": "not-needed"}).status_code == 403
    assert hospital.quarantine.rows.reason_of(HELD_IMAGE) is not None


def test_the_auditor_reads_who_looked(hospital: Hospital) -> None:
    auditor = hospital.signed_in(hospital.person("감사", Role.AUDITOR))
    acts = auditor.get("/api/audit").json()["events"]
    assert ("quarantine.opened", f"received:{HELD_IMAGE}") in {(act["action"], act["subject"]) for act in acts}


def test_reasons_are_codes_that_name_nobody() -> None:
    assert all(reason.isascii() and " " not in reason for reason in (*ReleaseReason, *DeleteReason))


def test_every_verdict_is_shown_in_sentences_of_both_languages(hospital: Hospital, steward: TestClient) -> None:
    images = steward.get("/api/intake/verdicts").json()["images"]
    assert [image["verdict"] for image in images] == ["quarantined", "cleaned", "clean"]
    assert images[1]["sentences"][1]["en"] == "Text in the picture was blanked."
    assert all(sentence["ko"].endswith("다.") for image in images for sentence in image["sentences"])
    assert hospital.signed_in(hospital.reader("판독의")).get("/api/intake/verdicts").status_code == 403
