"""A month of pay over HTTP: the reader's own account, the payer's totals and statements, looks that the reader sees."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fakes.hospital import IDENTITY, Hospital, read_one
from starlette.testclient import TestClient

from node.pay.document import check_statement_file
from node.readers.person import Person
from node.readers.roles import Role

CATEGORY = {"category": "business", "since": "2026-01-01"}
CLOSING = "/api/pay/months/2026-03/closing"


@pytest.fixture
def chief(hospital: Hospital) -> Person:
    return hospital.person("기금", Role.FUND_HOLDER)


@pytest.fixture
def person(hospital: Hospital, chief: Person) -> Person:
    """A reader who read two films at 2,000 won in March."""
    reader = hospital.reader("김영상")
    project_id = hospital.project(films=2)
    rate = {"amount": "2000", "currency": "KRW"}
    assert hospital.signed_in(chief).put(f"/api/projects/{project_id}/rate", json=rate).status_code == 200
    browser = hospital.signed_in(reader)
    while read_one(browser):
        pass
    return reader


def in_april(hospital: Hospital, chief: Person, person: Person) -> TestClient:
    """The payer's browser after the month, when the reader's category is known."""
    hospital.clock.at = datetime(2026, 4, 5, 9, tzinfo=UTC)
    it = hospital.signed_in(hospital.person("전산팀", Role.IT))
    assert it.put(f"/api/people/{person.person_id}/payment-category", json=CATEGORY).status_code == 204
    return hospital.signed_in(chief)


def test_a_reader_sees_what_was_earned_so_far(hospital: Hospital, person: Person) -> None:
    own = hospital.signed_in(person).get("/api/pay/own").json()
    (account,) = own["accounts"]
    assert (own["month"], account["currency"], account["gross"]) == ("2026-03", "KRW", "4000")
    (line,) = account["lines"]
    assert (line["title"], line["amount"], line["readings"], line["total"]) == ("흉부", "2000", 2, "4000")
    assert (own["statements"], own["looks"]) == ([], [])


def test_who_pays_sees_totals_without_a_name_or_a_reader(hospital: Hospital, chief: Person, person: Person) -> None:
    answer = hospital.signed_in(chief).get("/api/pay/months/2026-03")
    (total,) = answer.json()["projects"]
    assert (total["readings"], total["total"], answer.json()["without_category"]) == (2, "4000", 1)
    assert person.person_id not in answer.text
    assert person.name not in answer.text


def test_a_month_is_closed_and_each_look_at_a_name_is_told_to_its_reader(
    hospital: Hospital, chief: Person, person: Person
) -> None:
    payer = in_april(hospital, chief, person)
    assert payer.post(CLOSING).status_code == 204
    (statement_id,) = payer.get("/api/pay/months/2026-03").json()["statement_ids"]
    path = f"/api/pay/statements/{statement_id}"
    seen = payer.get(path).json()
    assert (seen["name"], seen["gross"], seen["income_tax"], seen["local_tax"], seen["net"]) == (
        "김영상", "4000", "120", "10", "3870",
    )  # fmt: skip
    file = payer.get(f"{path}/file")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert person.name not in file.headers["content-disposition"]
    check_statement_file(file.content, IDENTITY.public)
    browser = hospital.signed_in(person)
    own = browser.get("/api/pay/own").json()
    assert [(look["statement_id"], look["by"]) for look in own["looks"]] == [(statement_id, chief.person_id)] * 2
    assert own["statements"][0]["net"] == "3870"
    assert browser.get(f"/api/pay/own/statements/{statement_id}/file").content == file.content
    printed = browser.get(f"/api/pay/own/statements/{statement_id}/print")
    assert printed.headers["content-type"] == "application/pdf"
    assert file.content in printed.content
    assert browser.get(f"/api/pay/own/statements/{statement_id}/print?language=en").content != printed.content
    assert payer.get(f"{path}/print").content == printed.content
    trail = hospital.signed_in(hospital.person("감사", Role.AUDITOR)).get("/api/audit").text
    assert trail.count("statement.shown") == 3


def test_pay_per_active_hour_is_the_readers_own_figure_and_the_leads_aggregate(
    hospital: Hospital, chief: Person, person: Person
) -> None:
    (own,) = hospital.signed_in(person).get("/api/pay/own").json()["hourly"]
    assert own == {"currency": "KRW", "readings": 2, "readers": 1, "per_hour": "576000.00"}
    lead = hospital.person("책임자", Role.LEAD)
    (project,) = hospital.signed_in(lead).get("/api/projects").json()["projects"]
    path = f"/api/projects/{project['project_id']}/fairness"
    assert hospital.signed_in(lead).get(path).json() == {"figures": []}
    for number in range(4):
        browser = hospital.signed_in(hospital.reader(f"판독의 {number}"))
        while read_one(browser):
            pass
    hospital.clock.forward(days=8)
    (shown,) = hospital.signed_in(lead).get(path).json()["figures"]
    assert (shown["readings"], shown["readers"], shown["per_hour"]) == (0, 0, None)


def test_another_reader_finds_no_statement_there(hospital: Hospital, chief: Person, person: Person) -> None:
    payer = in_april(hospital, chief, person)
    payer.post(CLOSING)
    (statement_id,) = payer.get("/api/pay/months/2026-03").json()["statement_ids"]
    other = hospital.signed_in(hospital.reader("다른 판독의"))
    for kind in ("file", "print"):
        assert other.get(f"/api/pay/own/statements/{statement_id}/{kind}").status_code == 404
    assert other.get("/api/pay/own?month=2026-03").json()["accounts"] == []


def test_a_correction_is_an_entry_of_its_own(hospital: Hospital, chief: Person, person: Person) -> None:
    payer = in_april(hospital, chief, person)
    payer.post(CLOSING)
    (statement_id,) = payer.get("/api/pay/months/2026-03").json()["statement_ids"]
    path = f"/api/pay/statements/{statement_id}/corrections"
    assert payer.post(path, json={"amount": "-2000", "reason": "counted-twice"}).status_code == 201
    (account,) = hospital.signed_in(person).get("/api/pay/own").json()["accounts"]
    assert (account["gross"], account["entries"][0]["corrects"]) == ("-2000", statement_id)
    refused = payer.post(path, json={"amount": "-2000.01", "reason": "counted-twice"})
    assert (refused.status_code, refused.json()["code"]) == (422, "correction-refused")


def test_a_month_is_not_closed_too_early_twice_or_without_a_category(
    hospital: Hospital, chief: Person, person: Person
) -> None:
    payer = hospital.signed_in(chief)
    assert payer.post(CLOSING).json()["code"] == "month-running"
    hospital.clock.at = datetime(2026, 4, 5, 9, tzinfo=UTC)
    refused = hospital.signed_in(chief).post(CLOSING).json()
    assert (refused["code"], refused["waiting"]) == ("categories-missing", 1)
    payer = in_april(hospital, chief, person)
    assert payer.post(CLOSING).status_code == 204
    assert payer.post(CLOSING).json()["code"] == "month-closed"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/pay/months/2026-13", 404),
        ("/api/pay/months/x", 404),
        ("/api/pay/statements/00000000-0000-4000-8000-000000000000", 404),
    ],
)
def test_what_is_no_month_or_statement_is_not_found(hospital: Hospital, chief: Person, path: str, status: int) -> None:
    assert hospital.signed_in(chief).get(path).status_code == status


@pytest.mark.parametrize("change", [{"amount": "1e3"}, {"amount": ""}, {"reason": "because"}, {"name": "x"}])
def test_a_correction_is_an_exact_amount_and_a_reason(
    hospital: Hospital, chief: Person, change: dict[str, Any]
) -> None:
    path = "/api/pay/statements/00000000-0000-4000-8000-000000000000/corrections"
    body = {"amount": "1", "reason": "not-counted"} | change
    assert hospital.signed_in(chief).post(path, json=body).status_code == 422
