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
from fakes.pay import paid_project
from httpx import Response
from sqlalchemy import text
from starlette.testclient import TestClient

from node.edges.web.access import RULES
from node.ground.ids import new_id
from node.readers.person import Person
from node.readers.roles import Role

Act = Callable[[Hospital, list[Person]], None]
NOBODYS = "00000000-0000-4000-8000-000000000000"
CHANGE_SET = "11111111-1111-4111-8111-111111111111"
ALL_ROUTES_IN = (0, 3)
"""At the first case and at a later one; each of the rounds between asks what costs little."""
HOLE = re.compile(r"\{(\w+)\}")
RANDOM_IDS = re.compile(r'"(?:reading_id|change_set_id)":"[0-9a-f-]{36}"')


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


def they_amend_what_they_read(hospital: Hospital, others: list[Person]) -> None:
    for person in others:
        browser = hospital.signed_in(person)
        while (given := browser.post("/api/assignments", json={})).status_code == 201:
            path = f"/api/assignments/{given.json()['assignment_id']}"
            browser.post(f"{path}/reading", json=saying("present"))
            amended = {"content": saying("absent"), "reason": "mistake"}
            assert browser.post(f"{path}/amendment", json=amended).status_code == 201


def they_say_that_patients_need_attention(hospital: Hospital, others: list[Person]) -> None:
    for person in others:
        browser = hospital.signed_in(person)
        path = f"/api/assignments/{browser.post('/api/assignments', json={}).json()['assignment_id']}"
        assert browser.post(f"{path}/concern", json={"kind": "needs-attention"}).status_code == 204
        step = {"change_set_id": new_id(), "body": {"a": 1}}
        assert browser.post(f"{path}/draft/changes", json=step, headers={"If-Match": '"0"'}).status_code == 200


def ids_of_others(hospital: Hospital, reader: Person) -> list[str]:
    """Assignments of others, should this reader ever guess their identifiers; they are dealt alike in both worlds."""
    with hospital.ward.reading() as work:
        given = [one for project in work.projects.all() for one in work.deals.of_project(project.project_id)]
    return sorted(one.assignment_id for one in given if one.person_id != reader.person_id)[:3]


def seen(answer: Response) -> tuple[int, str, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    return answer.status_code, RANDOM_IDS.sub("", answer.text), headers


def what_the_reader_sees(hospital: Hospital, reader: Person, guessed: list[str]) -> list[Any]:
    """Everything there is to ask, before and while reading; the own reading's new identifier is left out."""
    browser = hospital.signed_in(reader)
    views: list[Any] = []
    named = ("", guessed[0], NOBODYS)
    for round_number in range(8):
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
        for name in named if round_number in ALL_ROUTES_IN else ():
            asked = {"assignment_id": name or own, "image_id": image, "person_id": reader.person_id}
            views += every_route(browser, asked | {key: sheet[key] for key in ("project_id", "case_id")})
        views += [seen(browser.get(f"/api/assignments/{own}/images/{image}/frames/{n}")) for n in (0, 1, 2)]
        views.append(seen(browser.get(f"/api/assignments/{own}/images/{image}/frames/1/preview.png")))
        views += own_work(browser, f"/api/assignments/{own}")
    return views


def every_route(browser: TestClient, names: dict[str, str]) -> list[Any]:
    """Every route there is but those of the session, with these names where it takes any, and an empty body."""
    views = []
    for method, template in sorted(RULES):
        if template.startswith("/api/session"):
            continue
        path = HOLE.sub(lambda hole: names.get(hole[1], "1"), template)
        body = {} if method == "GET" else {"json": {}, "headers": {"If-Match": '"0"'}}
        views.append((method, template, seen(browser.request(method, path, **body))))
    return views


def own_work(browser: TestClient, path: str) -> list[Any]:
    """A case from its first saved stroke to an amended reading, each step also once too often."""
    step = {"change_set_id": CHANGE_SET, "body": {"a": 1}}
    amended = {"content": saying("present"), "reason": "overlooked"}
    first, second = {"If-Match": '"0"'}, {"If-Match": '"1"'}
    return [
        seen(browser.put(f"{path}/draft", json={"content": {}}, headers=first)),
        *(seen(browser.post(f"{path}/draft/changes", json=step, headers=over)) for over in (first, second, second)),
        seen(browser.get(f"{path}/draft/changes")),
        *(seen(browser.post(f"{path}/concern", json={"kind": "needs-attention"})) for _ in range(2)),
        *(seen(browser.post(f"{path}/reading", json=saying("absent"))) for _ in range(2)),
        *(seen(browser.post(f"{path}/amendment", json=amended)) for _ in range(7)),
        seen(browser.get(f"{path}/reading")),
        seen(browser.get(path)),
    ]


def requests_on(assignment_id: str) -> list[tuple[str, str]]:
    return [("GET", f"/api/assignments/{assignment_id}"), ("GET", f"/api/assignments/{assignment_id}/draft")]


@pytest.mark.parametrize(
    "others_act",
    [
        all_read_present,
        they_disagree_and_finish_half,
        they_draft_and_go_home,
        they_decline_everything,
        they_amend_what_they_read,
        they_say_that_patients_need_attention,
    ],
)
@pytest.mark.parametrize("crowd", [2, 4])
def test_what_others_do_changes_nothing_a_reader_can_see(tmp_path: Path, others_act: Act, crowd: int) -> None:
    before, quiet, busy = tmp_path / "before", tmp_path / "quiet", tmp_path / "busy"
    before.mkdir()
    with hospital_at(before) as hospital:
        reader = hospital.reader("김영상")
        others = [hospital.reader(f"다른 판독의 {number}") for number in range(crowd)]
        paid_project(hospital, films=3 * crowd)
    shutil.copytree(before, quiet)
    shutil.copytree(before, busy)
    views = []
    for folder, act in ((quiet, nothing), (busy, others_act)):
        with hospital_at(folder, keep=True) as hospital:
            act(hospital, others[:2])
            views.append(what_the_reader_sees(hospital, reader, ids_of_others(hospital, reader)))
    assert views[0] == views[1]
    assert len(views[0]) > 3 * len(RULES)


@pytest.mark.parametrize("others_act", [all_read_present, they_disagree_and_finish_half, they_draft_and_go_home])
def test_what_others_said_changes_nothing_of_what_a_reader_is_asked_to_read_anew(
    tmp_path: Path, others_act: Act
) -> None:
    """The lead's new guideline is about one option, and in one of the worlds others had chosen it."""
    before, quiet, busy = tmp_path / "before", tmp_path / "quiet", tmp_path / "busy"
    before.mkdir()
    with hospital_at(before) as hospital:
        reader, lead = hospital.reader("김영상"), hospital.person("책임자", Role.LEAD)
        others = [hospital.reader(f"다른 판독의 {number}") for number in range(2)]
        path = f"/api/projects/{hospital.project(films=6)}"
        mine = [read_one(hospital.signed_in(reader), option) for option in ("present", "absent", "present")]
    views, counts = [], []
    for folder, act in ((quiet, nothing), (busy, others_act)):
        shutil.copytree(before, folder)
        with hospital_at(folder, keep=True) as hospital:
            act(hospital, others)
            about = {"text": "새 지침", "touches": [{"question": "abnormal", "options": ["present"]}]}
            counts.append(hospital.signed_in(lead).put(f"{path}/guideline", json=about).json()["cases_requeued"])
            views.append(what_the_reader_sees(hospital, reader, ids_of_others(hospital, reader)))
    assert views[0] == views[1]
    assert counts[0] == 2 <= counts[1]
    assert sum(f'"case_id":"{case_id}"' in str(views[0]) for case_id in mine) == 2


def everything_readable(hospital: Hospital, person: Person) -> list[Any]:
    """What every route answers that changes nothing, for the case at hand and its project."""
    browser = hospital.signed_in(person)
    sheet = browser.post("/api/assignments", json={}).json()
    names = {key: sheet[key] for key in ("project_id", "case_id", "assignment_id")}
    names |= {"image_id": sheet["images"][0]["image_id"], "person_id": person.person_id, "month": "2026-03"}
    views: list[Any] = []
    for method, template in sorted(RULES):
        if method == "GET" and template != "/api/session":
            views.append((template, seen(browser.get(HOLE.sub(lambda hole: names.get(hole[1], "1"), template)))))
    for told in ("guideline", "schema", "fusion"):
        answer = browser.put(f"/api/projects/{names['project_id']}/{told}", json={})
        views.append((told, answer.status_code, answer.json()["code"]))
    return views


@pytest.mark.parametrize("others_act", [all_read_present, they_disagree_and_finish_half])
def test_who_may_read_a_case_learns_nothing_of_it_in_any_other_role_they_hold(tmp_path: Path, others_act: Act) -> None:
    """Somebody who held every role before roles were set apart, and still does."""
    before, quiet, busy = tmp_path / "before", tmp_path / "quiet", tmp_path / "busy"
    before.mkdir()
    with hospital_at(before) as hospital:
        person = hospital.reader("김영상")
        others = [hospital.reader(f"다른 판독의 {number}") for number in range(2)]
        project_id = hospital.project(films=12, reads_per_case=2)
        with hospital.engine.begin() as connection:
            every = {"roles": ",".join(sorted(Role)), "person_id": person.person_id}
            connection.execute(text("UPDATE person SET roles = :roles WHERE person_id = :person_id"), every)
        lead = hospital.person("책임자", Role.LEAD)
    views, closed = [], []
    for folder, act in ((quiet, nothing), (busy, others_act)):
        shutil.copytree(before, folder)
        with hospital_at(folder, keep=True) as hospital:
            act(hospital, others)
            views.append(everything_readable(hospital, person))
            closed.append(hospital.signed_in(lead).get(f"/api/projects/{project_id}/progress").json()["readings"])
    assert views[0] == views[1]
    assert closed[0] == 0 < closed[1]
    assert views[0][-3:] == [(told, 403, "role-missing") for told in ("guideline", "schema", "fusion")]


def test_the_worlds_do_differ_for_the_lead(tmp_path: Path) -> None:
    """The control: the same acts are plain to see for whom they are meant."""
    with hospital_at(tmp_path) as hospital:
        others = [hospital.reader(f"판독의 {number}") for number in range(2)]
        project_id = hospital.project(films=2)
        lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
        before = seen(lead.get(f"/api/projects/{project_id}/progress"))
        all_read_present(hospital, others)
        assert seen(lead.get(f"/api/projects/{project_id}/progress")) != before
