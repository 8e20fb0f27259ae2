"""A lead who once read is told nothing of the cases they never finished: a place that lapsed may come back."""

import pytest
from fakes.hospital import Hospital, read_one
from sqlalchemy import text
from starlette.testclient import TestClient

from node.readers.person import Person
from node.readers.roles import Role


def now_a_lead(hospital: Hospital, person: Person) -> TestClient:
    with hospital.engine.begin() as connection:
        one = {"person_id": person.person_id}
        connection.execute(text("UPDATE person SET roles = 'lead' WHERE person_id = :person_id"), one)
    return hospital.signed_in(person)


@pytest.fixture
def path_and_case(hospital: Hospital) -> tuple[str, str, TestClient, TestClient]:
    """One case was read by all; the other was held by a reader who is a lead now, and read by the others and one more.

    Given: the project, the case held, the lead who read, and another lead.
    """
    once = hospital.reader("전 판독의")
    others = [hospital.reader(f"판독의 {number}") for number in range(5)]
    path = f"/api/projects/{hospital.project(films=2, reads_per_case=6)}"
    browser = hospital.signed_in(once)
    read_one(browser)
    held = browser.post("/api/assignments", json={}).json()["case_id"]
    now_a_lead(hospital, once)
    for number, person in enumerate([*others, hospital.reader("판독의 5")]):
        signed_in = hospital.signed_in(person)
        while read_one(signed_in, "present" if number % 2 else "absent"):
            pass
    hospital.clock.forward(days=14)
    return path, held, hospital.signed_in(once), hospital.signed_in(hospital.person("다른 책임자", Role.LEAD))


def test_the_case_is_in_nothing_that_such_a_lead_is_shown(
    path_and_case: tuple[str, str, TestClient, TestClient],
) -> None:
    path, held, lead, other = path_and_case
    assert other.get(f"{path}/progress").json()["closed"] == 2
    shown = [one.get(f"{path}/consensus").json()["cases"] for one in (lead, other)]
    seen, all_of_them = ([case["case_id"] for case in cases] for cases in shown)
    assert held in all_of_them
    assert seen == [case_id for case_id in all_of_them if case_id != held]
    for size in (1, 2):
        page = lead.get(f"{path}/consensus", params={"limit": size}).json()["cases"]
        assert [case["case_id"] for case in page] == seen
    assert lead.get(f"{path}/cases/{held}/places").status_code == 404
    assert other.get(f"{path}/cases/{held}/places").status_code == 200
    (mine,), (theirs,) = (one.get(f"{path}/agreement").json()["questions"] for one in (lead, other))
    assert (mine["whole"]["cases"], theirs["whole"]["cases"]) == (1, 2)
