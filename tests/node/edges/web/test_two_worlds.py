"""Blind reading: a reader cannot tell a world in which others read from one in which they did nothing.

Both worlds are the same hospital, the same people, the same deal; in one of them the others read, disagree, draft and
decline. The reader then asks everything there is to ask, and must get the same statuses, bodies and headers.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.hospital import Hospital, hospital_at, read_one, saying
from httpx import Response

from node.edges.web.access import RULES
from node.readers.person import Person
from node.readers.roles import Role

Act = Callable[[Hospital, list[Person]], None]
OWN_READING = re.compile(r'"reading_id":"[0-9a-f-]{36}"')


def nothing(_hospital: Hospital, _others: list[Person]) -> None:
    """The quiet world."""


def all_read_present(hospital: Hospital, others: list[Person]) -> None:
    for person in others:
        browser = hospital.signed_in(person)
        while read_one(browser, "present"):
            pass


def they_disagree_and_finish_half(hospital: Hospital, others: list[Person]) -> None:
    for option, person in zip(("present", "absent"), others, strict=True):
        browser = hospital.signed_in(person)
        for _ in range(3):
            read_one(browser, option)


def they_draft_and_go_home(hospital: Hospital, others: list[Person]) -> None:
    for person in others:
        browser = hospital.signed_in(person)
        held = browser.post("/api/assignments", json={}).json()["assignment_id"]
        browser.put(f"/api/assignments/{held}/draft", json={"content": {"a": 1}}, headers={"If-Match": '"0"'})


def they_decline_everything(hospital: Hospital, others: list[Person]) -> None:
    for person in others:
        browser = hospital.signed_in(person)
        while (given := browser.post("/api/assignments", json={})).status_code == 201:
            assignment_id = given.json()["assignment_id"]
            browser.post(f"/api/assignments/{assignment_id}/decline", json={"reason": "no-time"})


def ids_of_others(hospital: Hospital, reader: Person) -> list[str]:
    """Assignments of others, should this reader ever guess their identifiers; they are dealt alike in both worlds."""
    with hospital.ward.reading() as work:
        given = [one for project in work.projects.all() for one in work.deals.of_project(project.project_id)]
    return sorted(one.assignment_id for one in given if one.person_id != reader.person_id)[:3]


def seen(answer: Response) -> tuple[int, str, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    return answer.status_code, OWN_READING.sub("", answer.text), headers


def what_the_reader_sees(hospital: Hospital, reader: Person, guessed: list[str]) -> list[Any]:
    """Everything there is to ask, before and while reading; the own reading's new identifier is left out."""
    browser = hospital.signed_in(reader)
    views: list[Any] = []
    for _ in range(8):
        for method, template in sorted(RULES):
            if method == "GET" and "{" not in template and template != "/api/session":
                views.append((template, seen(browser.get(template))))
        for assignment_id in guessed:
            views += [seen(browser.request(*request)) for request in requests_on(assignment_id)]
        given = browser.post("/api/assignments", json={})
        views.append(seen(given))
        if given.status_code == 204:
            break
        sheet = given.json()
        own, image = sheet["assignment_id"], sheet["images"][0]["image_id"]
        views += [seen(browser.request(*request)) for request in requests_on(own)]
        views += [seen(browser.get(f"/api/assignments/{own}/images/{image}/frames/{n}")) for n in (0, 1, 2)]
        views.append(seen(browser.get(f"/api/assignments/{own}/images/{image}/frames/1/preview.png")))
        draft = browser.put(f"/api/assignments/{own}/draft", json={"content": {}}, headers={"If-Match": '"0"'})
        views += [seen(draft), seen(browser.post(f"/api/assignments/{own}/reading", json=saying("absent")))]
        views += [seen(browser.post(f"/api/assignments/{own}/reading", json=saying("absent")))]
    return views


def requests_on(assignment_id: str) -> list[tuple[str, str]]:
    return [("GET", f"/api/assignments/{assignment_id}"), ("GET", f"/api/assignments/{assignment_id}/draft")]


@pytest.mark.parametrize(
    "others_act", [all_read_present, they_disagree_and_finish_half, they_draft_and_go_home, they_decline_everything]
)
@pytest.mark.parametrize("crowd", [2, 4])
def test_what_others_do_changes_nothing_a_reader_can_see(tmp_path: Path, others_act: Act, crowd: int) -> None:
    before, quiet, busy = tmp_path / "before", tmp_path / "quiet", tmp_path / "busy"
    before.mkdir()
    with hospital_at(before) as hospital:
        reader = hospital.reader("김영상")
        others = [hospital.reader(f"다른 판독의 {number}") for number in range(crowd)]
        hospital.project(films=3 * crowd)
    shutil.copytree(before, quiet)
    shutil.copytree(before, busy)
    views = []
    for folder, act in ((quiet, nothing), (busy, others_act)):
        with hospital_at(folder, keep=True) as hospital:
            act(hospital, others[:2])
            views.append(what_the_reader_sees(hospital, reader, ids_of_others(hospital, reader)))
    assert views[0] == views[1]
    assert len(views[0]) > 30


def test_the_worlds_do_differ_for_the_lead(tmp_path: Path) -> None:
    """The control: the same acts are plain to see for whom they are meant."""
    with hospital_at(tmp_path) as hospital:
        others = [hospital.reader(f"판독의 {number}") for number in range(2)]
        project_id = hospital.project(films=2)
        lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
        before = seen(lead.get(f"/api/projects/{project_id}/progress"))
        all_read_present(hospital, others)
        assert seen(lead.get(f"/api/projects/{project_id}/progress")) != before
