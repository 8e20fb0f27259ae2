"""The fund holder sets a rate card; a reader sees the rates before starting, and the bound one with each case."""

from decimal import Decimal
from typing import Any

import pytest
from fakes.hospital import Hospital, film, saying
from starlette.testclient import TestClient

from node.readers.roles import Role

LINES: list[dict[str, Any]] = [
    {"department": "radiology", "difficulty": "hard", "amount": "3000"},
    {"department": None, "difficulty": "hard", "amount": "2500.5"},
]
CARD: dict[str, Any] = {"amount": "2000", "currency": "KRW", "lines": LINES}


@pytest.fixture
def payer(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("기금", Role.FUND_HOLDER))


def test_a_reader_sees_the_own_rates_before_starting(hospital: Hospital, payer: TestClient) -> None:
    project_id = hospital.project(films=1)
    kept = payer.put(f"/api/projects/{project_id}/rate", json=CARD).json()
    assert kept["rate"]["version"] == 1
    assert kept["rate"]["lines"] == LINES
    for name, department, hard in (("하나", "radiology", "3000"), ("둘", "urology", "2500.5")):
        browser = hospital.signed_in(hospital.reader(name, department=department))
        (work,) = browser.get("/api/open-work").json()["projects"]
        shown = {row["difficulty"]: row["amount"] for row in work["by_difficulty"]}
        assert shown == {"easy": "2000", "usual": "2000", "hard": hard}
        assert work["rate"]["amount"] == "2000"


def test_a_case_says_what_it_is_paid_and_says_so_after_the_card_changed(hospital: Hospital, payer: TestClient) -> None:
    project_id = hospital.project(films=2)
    payer.put(f"/api/projects/{project_id}/rate", json=CARD)
    browser = hospital.signed_in(hospital.reader("하나"))
    first = browser.post("/api/assignments", json={}).json()
    payer.put(f"/api/projects/{project_id}/rate", json=CARD | {"amount": "1"})
    path = f"/api/assignments/{first['assignment_id']}"
    assert browser.get(path).json()["rate"] == first["rate"]
    assert first["rate"]["amount"] == "2000"
    browser.post(f"{path}/reading", json=saying())
    assert browser.post("/api/assignments", json={}).json()["rate"]["amount"] == "1"


def test_gold_pilot_and_other_cases_are_paid_alike_and_an_amended_reading_once(
    hospital: Hospital, payer: TestClient
) -> None:
    project_id = hospital.project(films=30, reads_per_case=1, opened=False)
    payer.put(f"/api/projects/{project_id}/rate", json={"amount": "10.5", "currency": "USD"})
    lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
    hospital.originals.image_of_uid = {f"1.2.{number}": film(number).image_id for number in range(1, 16)}
    gold = [{"sop_instance_uid": uid, "option": "present"} for uid in hospital.originals.image_of_uid]
    lead.put(f"/api/projects/{project_id}/gold", json={"rows": gold})
    browser = hospital.signed_in(hospital.reader("하나"))
    rates = set()
    for begin in ("pilot", "open"):
        lead.post(f"/api/projects/{project_id}/{begin}", json={"reads": 20} if begin == "pilot" else {})
        while (given := browser.post("/api/assignments", json={})).status_code == 201:
            sheet = given.json()
            rates.add((sheet["rate"]["amount"], sheet["rate"]["currency"]))
            path = f"/api/assignments/{sheet['assignment_id']}"
            assert browser.post(f"{path}/reading", json=saying()).status_code == 201
            browser.post(f"{path}/amendment", json={"content": saying("absent"), "reason": "mistake"})
    assert rates == {("10.5", "USD")}
    with hospital.engine.connect() as connection:
        owed = connection.exec_driver_sql("SELECT amount FROM owed_reading")
        assert [Decimal(amount) for amount in owed.scalars()] == [Decimal("10.5")] * 30


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": [LINES[0], LINES[0]]}, "card-refused"),
        ({"lines": [{"amount": "5"}]}, "card-refused"),
        ({"lines": [LINES[0] | {"department": "none-such"}]}, "department-unknown"),
        ({"lines": [LINES[0] | {"amount": "1e3"}]}, "request-refused"),
        ({"lines": [LINES[0] | {"amount": "999999999"}]}, "rate-refused"),
    ],
)
def test_a_card_that_cannot_be_meant_so_is_refused(
    hospital: Hospital, payer: TestClient, change: dict[str, Any], code: str
) -> None:
    path = f"/api/projects/{hospital.project()}/rate"
    refused = payer.put(path, json=CARD | change)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert payer.get(path).json() == {"rate": None}
