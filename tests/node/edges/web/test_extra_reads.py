"""Extra reads over HTTP: for the lead, and hidden from whoever is asked for one."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from fakes.hospital import Hospital, hospital_at, read_one
from httpx import Response

from node.flows.deal_out import deal_out_due
from node.readers.person import Person
from node.readers.roles import Role

SETTING = {"bound": 0.95, "at_most": 4, "by_chance": 0.5, "places_each": 2}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def lead_of(hospital: Hospital, name: str = "책임자") -> Any:
    return hospital.signed_in(hospital.person(name, Role.LEAD))


def test_a_lead_sets_sees_and_ends_extra_reads(hospital: Hospital) -> None:
    path = f"/api/projects/{hospital.project(films=2, reads_per_case=2)}/extra-reads"
    lead = lead_of(hospital)
    nothing = dict.fromkeys((*SETTING, "at_least"), None) | {"places": 0, "told": 0.0}
    assert lead.get(path).json() == nothing
    assert lead.put(path, json=SETTING).json() == SETTING | {"at_least": 2, "places": 0, "told": 0.0}
    assert lead.get(path).json()["at_most"] == 4
    refused = lead.put(path, json=SETTING | {"at_most": 2})
    assert (refused.status_code, refused.json()["code"]) == (422, "extra-reads-refused")
    assert lead.put(path, json=SETTING | {"bound": 0.3}).json()["code"] == "request-refused"
    assert lead.put(path, json=SETTING | {"places_each": 51}).json()["code"] == "request-refused"
    assert lead.delete(path).json() == nothing


def test_a_lead_sets_sees_and_ends_repeats(hospital: Hospital) -> None:
    path = f"/api/projects/{hospital.project(films=2)}/repeats"
    lead = lead_of(hospital)
    assert lead.get(path).json() == {"repeats": None}
    said = {"share": 0.1, "after_days": 14}
    assert lead.put(path, json=said).json() == {"repeats": said}
    assert lead.get(path).json() == {"repeats": said}
    assert lead.put(path, json=said | {"share": 0.5}).json()["code"] == "repeats-refused"
    assert lead.delete(path).json() == {"repeats": None}


def test_a_repeat_is_shown_like_any_other_case_and_the_own_agreement_is_the_readers(hospital: Hospital) -> None:
    project_id = hospital.project(films=5, reads_per_case=1)
    lead_of(hospital).put(f"/api/projects/{project_id}/repeats", json={"share": 0.2, "after_days": 1})
    reader = hospital.reader("김영상")
    browser = hospital.signed_in(reader)
    first = sheet_of(browser.post("/api/assignments", json={}))
    while read_one(browser):
        pass
    hospital.clock.forward(days=2)
    deal_out_due(hospital.ward, hospital.act())
    browser = hospital.signed_in(reader)
    (row,) = browser.get("/api/worklist").json()["projects"]
    assert (row["waiting"], row["submitted"]) == (1, 5)
    again = sheet_of(browser.post("/api/assignments", json={}))
    assert again.keys() == first.keys()
    assert again["images"][0].keys() == first["images"][0].keys()
    frame = f"/api/assignments/{again['assignment_id']}/images/{again['images'][0]['image_id']}/frames/1"
    assert browser.get(frame).status_code == browser.get(f"{frame}/preview.png").status_code == 200
    assert browser.get(f"/api/assignments/{again['assignment_id']}/planes").status_code == 200
    assert browser.get("/api/agreement/own").json()["figures"] == []


def sheet_of(answer: Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    return found


def idle(hospital: Hospital, others: list[Person]) -> None:
    """Nobody else does anything."""


def agree(hospital: Hospital, others: list[Person]) -> None:
    for person in others:
        browser = hospital.signed_in(person)
        while read_one(browser, "present"):
            pass


def disagree(hospital: Hospital, others: list[Person]) -> None:
    for option, person in zip(("present", "absent", "present"), others, strict=True):
        browser = hospital.signed_in(person)
        while read_one(browser, option):
            pass


def give_back(hospital: Hospital, others: list[Person]) -> None:
    for person in others:
        browser = hospital.signed_in(person)
        while (given := browser.post("/api/assignments", json={})).status_code != 204:
            path = f"/api/assignments/{given.json()['assignment_id']}/decline"
            assert browser.post(path, json={"reason": "no-time"}).status_code == 204


Seen = tuple[int, list[str], str, int]


def exactly(answers: list[Response]) -> list[Seen]:
    """Status, headers, body and size of each answer, in order; identifiers by the order in which they first appear.

    Identifiers are random and all of one length: which one stands where is all that may differ between two worlds.
    """
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return names.setdefault(found.group(), f"id-{len(names)}")

    return [
        (
            one.status_code,
            [f"{key}: {UUID.sub(name, value)}" for key, value in one.headers.multi_items() if key != "set-cookie"],
            UUID.sub(name, one.text),
            len(one.content),
        )
        for one in answers
    ]


def day(hospital: Hospital, reader: Person) -> list[Response]:
    """Everything the reader is answered in a day's work."""
    browser = hospital.signed_in(reader)
    seen: list[Response] = []
    while True:
        seen += [browser.get(path) for path in ("/api/worklist", "/api/open-work", "/api/agreement/own")]
        given = browser.post("/api/assignments", json={})
        seen.append(given)
        if given.status_code == 204:
            return seen
        path = f"/api/assignments/{given.json()['assignment_id']}"
        seen += [browser.get(path), browser.get(f"{path}/planes"), browser.post(f"{path}/reading", json=answer())]


def cases_in(seen: list[Response]) -> int:
    """How many cases a day had: each is five looks and two acts, and the last four say that there is none."""
    return (len(seen) - 4) // 7


def answer() -> dict[str, Any]:
    return {"answers": [{"question": "abnormal", "option": "present"}], "seconds_active": 1.0}


@pytest.mark.parametrize("by_chance", [1e-9, 0.5])
def test_across_deals_a_reader_is_answered_the_same_whatever_others_did(tmp_path: Path, by_chance: float) -> None:
    """Others do nothing, agree, disagree, or give every case back: status, headers, body, order and size are equal.

    With nothing given by chance but what is left over, so that equality does not come from the draw.
    """
    before = tmp_path / "before"
    before.mkdir()
    with hospital_at(before) as hospital:
        others = [hospital.reader(f"다른 판독의 {number}") for number in range(3)]
        reader = hospital.reader("김영상")
        project_id = hospital.project(films=10, reads_per_case=2)
        setting = SETTING | {"by_chance": by_chance}
        lead_of(hospital).put(f"/api/projects/{project_id}/extra-reads", json=setting)
    days = []
    for act in (idle, agree, disagree, give_back):
        shutil.copytree(before, tmp_path / act.__name__)
        with hospital_at(tmp_path / act.__name__, keep=True) as hospital:
            seen = [day(hospital, reader)]
            for _ in range(2):
                act(hospital, others)
                hospital.clock.forward(days=1)
                deal_out_due(hospital.ward, hospital.act())
                seen.append(day(hospital, reader))
            days.append((exactly([one for answers in seen for one in answers]), [cases_in(one) for one in seen]))
    calm, counted = days[0]
    for answers, _ in days[1:]:
        assert answers == calm
    left = 10 - counted[0]
    assert counted[1:] == [min(2, left), min(2, max(0, left - 2))]
