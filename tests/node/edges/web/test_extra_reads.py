"""Extra reads over HTTP: for the lead, and hidden from whoever is asked for one."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from fakes.hospital import Hospital, hospital_at, read_one
from httpx import Response

from node.flows.deal_out import deal_out_due
from node.readers.person import Person
from node.readers.roles import Role

SETTING = {"bound": 0.95, "at_most": 4, "by_chance": 1.0}


def lead_of(hospital: Hospital, name: str = "책임자") -> Any:
    return hospital.signed_in(hospital.person(name, Role.LEAD))


def test_a_lead_sets_sees_and_ends_extra_reads(hospital: Hospital) -> None:
    path = f"/api/projects/{hospital.project(films=2, reads_per_case=2)}/extra-reads"
    lead = lead_of(hospital)
    nothing = {"bound": None, "at_least": None, "at_most": None, "by_chance": None, "told": 0.0}
    assert lead.get(path).json() == nothing
    assert lead.put(path, json=SETTING).json() == SETTING | {"at_least": 2, "told": 0.0}
    assert lead.get(path).json()["at_most"] == 4
    refused = lead.put(path, json=SETTING | {"at_most": 2})
    assert (refused.status_code, refused.json()["code"]) == (422, "extra-reads-refused")
    assert lead.put(path, json=SETTING | {"bound": 0.3}).json()["code"] == "request-refused"
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


def agree(hospital: Hospital, others: list[Person]) -> None:
    for person in others:
        browser = hospital.signed_in(person)
        while read_one(browser, "present"):
            pass


def disagree(hospital: Hospital, others: list[Person]) -> None:
    for option, person in zip(("present", "absent"), others, strict=True):
        browser = hospital.signed_in(person)
        while read_one(browser, option):
            pass


def day(hospital: Hospital, reader: Person, *, dealt: bool) -> list[Any]:
    """Everything the reader is shown of a day's work, after the deal of that day or without one."""
    if dealt:
        deal_out_due(hospital.ward, hospital.act())
    browser = hospital.signed_in(reader)
    seen: list[Any] = []
    while True:
        seen += [shown(browser.get(path)) for path in ("/api/worklist", "/api/open-work", "/api/agreement/own")]
        given = browser.post("/api/assignments", json={})
        seen.append(shown(given))
        if given.status_code == 204:
            return seen
        path = f"/api/assignments/{given.json()['assignment_id']}"
        seen += [shown(browser.get(path)), shown(browser.post(f"{path}/reading", json=answer()))]


def cases_in(seen: list[Any]) -> int:
    """How many cases a day had: each is four looks and two acts, and the last four say that there is none."""
    return (len(seen) - 4) // 6


def answer() -> dict[str, Any]:
    return {"answers": [{"question": "abnormal", "option": "present"}], "seconds_active": 1.0}


def shown(response: Response) -> tuple[int, list[str], str]:
    """What names no place: a place dealt after the two worlds parted has its own random identifier in each."""
    body = response.text
    if response.status_code == 201:
        told = response.json()
        for name in ("assignment_id", "reading_id"):
            told.pop(name, None)
        body = str(told)
    elif response.request.url.path.startswith("/api/assignments/"):
        body = str({key: value for key, value in response.json().items() if key != "assignment_id"})
    elif response.request.url.path == "/api/worklist":
        body = str([{**row, "held_assignment_id": None} for row in response.json()["projects"]])
    names = [f"{name}: {value}" for name, value in sorted(response.headers.items()) if name != "set-cookie"]
    return response.status_code, names, body


@pytest.mark.parametrize("dealt", [False, True])
def test_an_extra_reading_asked_because_others_disagreed_looks_like_one_asked_by_chance(
    tmp_path: Path, dealt: bool
) -> None:
    """In one world the others agree, and the reader is asked for what chance drew; in the other they disagree."""
    before = tmp_path / "before"
    before.mkdir()
    with hospital_at(before) as hospital:
        others = [hospital.reader(f"다른 판독의 {number}") for number in range(2)]
        project_id = hospital.project(films=4, reads_per_case=2)
        lead_of(hospital).put(f"/api/projects/{project_id}/extra-reads", json=SETTING)
        reader = hospital.reader("김영상", department="radiology")
        lead_of(hospital, "다른 책임자").post(f"/api/projects/{project_id}/open")
    days = []
    for world, act in (("agreed", agree), ("disputed", disagree)):
        shutil.copytree(before, tmp_path / world)
        with hospital_at(tmp_path / world, keep=True) as hospital:
            first = day(hospital, reader, dealt=False)
            act(hospital, others)
            second = day(hospital, reader, dealt=dealt)
            days.append((first, second))
    assert days[0] == days[1]
    had, came = map(cases_in, days[0])
    assert came == (4 - had if dealt else 0), "the reader is the one left for every case that only others read"
