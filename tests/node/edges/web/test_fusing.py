"""A lead chooses how a project fuses, names its gold cases, and sees how well its readers agree."""

import pytest
from fakes.hospital import Hospital, film, read_one
from starlette.testclient import TestClient

from node.readers.person import Person
from node.readers.roles import Role


@pytest.fixture
def chief(hospital: Hospital) -> Person:
    return hospital.person("책임자", Role.LEAD)


@pytest.fixture
def lead(hospital: Hospital, chief: Person) -> TestClient:
    return hospital.signed_in(chief)


def test_a_lead_chooses_the_way_and_names_gold(hospital: Hospital, lead: TestClient) -> None:
    for number in range(3):
        hospital.reader(f"판독의 {number}")
    project_id = hospital.project(films=3)
    path = f"/api/projects/{project_id}"
    assert lead.get(f"{path}/fusion").json() == {
        "method": "vote", "cases": 0, "gold_cases": 0, "doubted": [], "estimated_at": None,
    }  # fmt: skip
    hospital.originals.image_of_uid = {"1.2.3": film(1).image_id}
    rows = [{"sop_instance_uid": uid, "option": "present"} for uid in ("1.2.3", "1.2.4")]
    assert lead.put(f"{path}/gold", json={"rows": rows}).json() == {"matched": 1, "unmatched": 1}
    chosen = lead.put(f"{path}/fusion", json={"method": "dawid-skene"}).json()
    assert (chosen["method"], chosen["gold_cases"]) == ("dawid-skene", 1)
    assert lead.get(f"{path}/fusion").json() == chosen


def test_a_way_that_is_none_and_gold_that_does_not_fit_are_refused(hospital: Hospital, lead: TestClient) -> None:
    path = f"/api/projects/{hospital.project(films=1)}"
    hospital.originals.image_of_uid = {"1.2.3": film(1).image_id}
    assert lead.put(f"{path}/fusion", json={"method": "the-chief"}).status_code == 422
    refused = lead.put(f"{path}/gold", json={"rows": [{"sop_instance_uid": "1.2.3", "option": "maybe"}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "gold-refused")


def test_agreement_moves_on_mondays_and_is_withheld_for_few_readers(
    hospital: Hospital, chief: Person, lead: TestClient
) -> None:
    people = [hospital.reader(f"판독의 {number}") for number in range(3)]
    project_id = hospital.project(films=6)
    for number, person in enumerate(people):
        browser = hospital.signed_in(person)
        while read_one(browser, "absent" if number == 0 else "present"):
            pass
    before = lead.get(f"/api/projects/{project_id}/agreement").json()
    assert before["questions"][0]["months"] == []
    hospital.clock.forward(days=8)
    later = hospital.signed_in(chief).get(f"/api/projects/{project_id}/agreement").json()
    (question,) = later["questions"]
    assert question["whole"] == {"name": "", "alpha": None, "low": None, "high": None, "cases": 0, "withheld": True}
    assert question["readers"] == []
    assert [month["withheld"] for month in question["months"]] == [True]


def test_five_readers_are_shown_together_unnamed_and_in_no_order_of_theirs(hospital: Hospital, chief: Person) -> None:
    people = [hospital.reader(f"판독의 {number}") for number in range(5)]
    project_id = hospital.project(films=8, reads_per_case=5)
    for number, person in enumerate(people):
        browser = hospital.signed_in(person)
        turn = 0
        while read_one(browser, "present" if (turn + number) % 3 else "absent"):
            turn += 1
    hospital.clock.forward(days=8)
    answer = hospital.signed_in(chief).get(f"/api/projects/{project_id}/agreement")
    (question,) = answer.json()["questions"]
    assert question["whole"]["alpha"] is not None
    shares = [share["share"] for share in question["readers"]]
    assert len(shares) == 5
    assert shares == sorted(shares)
    assert not any(person.person_id in answer.text for person in people)
