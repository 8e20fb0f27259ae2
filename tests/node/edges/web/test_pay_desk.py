"""What the desks of pay choose from: projects and their cards for who pays, payment categories for IT."""

from fakes.hospital import Hospital

from node.readers.roles import Role

CATEGORY = {"category": "business", "since": "2026-01-01"}


def test_who_pays_sees_every_project_and_whether_it_has_a_rate(hospital: Hospital) -> None:
    payer = hospital.signed_in(hospital.person("기금", Role.FUND_HOLDER))
    rated, bare = hospital.project(payer="한빛 AI"), hospital.project(opened=False)
    card = {"amount": "2000", "currency": "KRW", "lines": [{"difficulty": "hard", "amount": "3000"}]}
    payer.put(f"/api/projects/{rated}/rate", json=card)
    found = {one["project_id"]: one for one in payer.get("/api/pay/projects").json()["projects"]}
    assert found.keys() == {rated, bare}
    assert (found[rated]["payer"], found[rated]["state"]) == ("한빛 AI", "open")
    assert found[rated]["rate"]["lines"] == [{"department": None, "difficulty": "hard", "amount": "3000"}]
    assert found[bare]["rate"] is None
    assert "읽는 법" not in payer.get("/api/pay/projects").text, "what a guideline says is not for who pays"


def test_it_sees_of_whom_a_payment_category_was_said(hospital: Hospital) -> None:
    it, reader = hospital.signed_in(hospital.person("전산팀", Role.IT)), hospital.reader("하나")
    hospital.reader("둘")
    assert it.get("/api/pay/categories").json() == {"people": []}
    assert it.put(f"/api/people/{reader.person_id}/payment-category", json=CATEGORY).status_code == 204
    assert it.get("/api/pay/categories").json()["people"] == [{"person_id": reader.person_id, "category": "business"}]


def test_a_category_that_begins_later_is_not_said_to_hold_today(hospital: Hospital) -> None:
    it, reader = hospital.signed_in(hospital.person("전산팀", Role.IT)), hospital.reader("하나")
    it.put(f"/api/people/{reader.person_id}/payment-category", json=CATEGORY | {"since": "2027-01-01"})
    assert it.get("/api/pay/categories").json() == {"people": []}
