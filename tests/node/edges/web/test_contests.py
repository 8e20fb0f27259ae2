"""A reader objects to a gold verdict over HTTP; the lead decides without a name; the month waits."""

from datetime import UTC, datetime

from fakes.hospital import Hospital, film, read_one

from node.readers.roles import Role

VERDICTS = "/api/pay/own/verdicts/2026-03"


def test_a_reader_objects_the_lead_decides_and_the_month_is_closed_afterwards(hospital: Hospital) -> None:
    reader, chief = hospital.reader("김영상"), hospital.person("책임자", Role.LEAD)
    payer = hospital.person("기금", Role.FUND_HOLDER)
    project_id = hospital.project(films=2)
    hospital.originals.image_of_uid = {"1.2.1": film(1).image_id}
    rows = [{"sop_instance_uid": "1.2.1", "option": "absent"}]
    assert hospital.signed_in(chief).put(f"/api/projects/{project_id}/gold", json={"rows": rows}).status_code == 200
    browser = hospital.signed_in(reader)
    while read_one(browser, "present"):
        pass
    assert browser.get(VERDICTS).json()["code"] == "month-running"
    hospital.clock.at = datetime(2026, 4, 5, 9, tzinfo=UTC)
    browser, lead, fund = (hospital.signed_in(one) for one in (reader, chief, payer))
    (verdict,) = browser.get(VERDICTS).json()["verdicts"]
    assert (verdict["said"], verdict["known"], verdict["right"], verdict["contest"]) == (
        "present", "absent", False, None,
    )  # fmt: skip
    assert (verdict["title"], verdict["schema_code"], verdict["schema_version"]) == ("흉부", "chest-film-abnormal", 1)
    about = {"reading_id": verdict["reading_id"], "voted": "abnormal"}
    assert browser.post(f"{VERDICTS}/contests", json=about | {"reason": "because"}).status_code == 422
    assert browser.post(f"{VERDICTS}/contests", json=about | {"reason": "gold-wrong"}).status_code == 204
    again = browser.post(f"{VERDICTS}/contests", json=about | {"reason": "gold-wrong"})
    assert (again.status_code, again.json()["code"]) == (409, "contest-stands")
    refused = fund.post("/api/pay/months/2026-03/closing").json()
    assert (refused["code"], refused["waiting"]) == ("contests-open", 1)
    path = f"/api/projects/{project_id}/contests"
    seen = lead.get(path)
    assert [one["state"] for one in seen.json()["contests"]] == ["open"]
    assert reader.person_id not in seen.text
    assert lead.post(f"{path}/decision", json=about | {"upheld": True}).status_code == 204
    assert lead.post(f"{path}/decision", json=about | {"upheld": False}).status_code == 404
    assert browser.get(VERDICTS).json()["verdicts"][0]["contest"] == "upheld"
    assert fund.post("/api/pay/months/2026-03/closing").status_code == 204


def test_nobody_objects_to_what_is_not_the_own(hospital: Hospital) -> None:
    hospital.clock.at = datetime(2026, 4, 5, 9, tzinfo=UTC)
    browser = hospital.signed_in(hospital.reader("김영상"))
    assert browser.get(VERDICTS).json() == {"verdicts": []}
    body = {"reading_id": "00000000-0000-4000-8000-000000000000", "voted": "abnormal", "reason": "gold-wrong"}
    assert browser.post(f"{VERDICTS}/contests", json=body).status_code == 404
