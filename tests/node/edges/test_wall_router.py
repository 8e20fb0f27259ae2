"""The page's routes to the wall: what they pass on, and the problem document of every refusal."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import DIGEST, a_train_instruction
from fakes.wall import Wall, a_wall
from fakes.wall_cast import PERSON, START_SHA256, instruct
from fakes.wall_desk import a_desk
from fastapi import FastAPI
from sqlalchemy import delete
from starlette.testclient import TestClient

from node.edges.wall_socket import WallClient
from node.edges.web.access import RULES
from node.edges.web.routers.wall import DESK_PROBLEMS, wall_router
from node.edges.web.session import Caller, caller
from node.flows.close_days import close_days
from node.flows.desk import DeskProblem, WallDesk
from node.flows.retain_sent import empty_next_sent
from node.ground.texts import Language
from node.readers.roles import Role
from node.release.ledger import verify_export
from node.release.outbox import News
from node.release.root_file import read_root_file, verify_against
from node.storage.audit import events
from node.storage.wall_roots import WallRoots
from node.storage.wall_sent import WallSent
from node.storage.wall_tables import audit, ledger_entry
from protocols.spoken import unspoken

SECOND = PERSON[:-1] + ("0" if PERSON[-1] != "0" else "1")


def a_page(desk: WallDesk, role: Role = Role.STEWARD) -> TestClient:
    app = FastAPI()
    app.include_router(wall_router(desk))
    app.dependency_overrides[caller] = lambda: Caller(PERSON, frozenset({role}), Language.KO)
    return TestClient(app)


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    made = a_wall(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def page(wall: Wall) -> TestClient:
    return a_page(a_desk(wall))


def form(wall: Wall, **changes: Any) -> dict[str, Any]:
    until = (wall.clock.now() + timedelta(days=30)).isoformat()
    return {"max_rounds": 3, "max_cases": 100, "accepts_red_attack_light": True, "expires_at": until, **changes}


def test_a_steward_reads_approves_and_withdraws_a_plan(wall: Wall, page: TestClient) -> None:
    offered = wall.offer()
    (listed,) = page.get("/api/plans").json()
    path = f"/api/plans/{listed['offer_sha256']}"
    told = page.get(path).json()
    assert {line["topic"] for line in told["lines"] if line["warns"]} == {"privacy", "aggregation"}
    assert unspoken(told["words"]) == bytes.fromhex(listed["offer_sha256"])[:16]
    assert told["lines"][0]["text"]["ko"] != told["lines"][0]["text"]["en"]
    approved = page.post(f"{path}/approval", json=form(wall))
    assert (approved.status_code, approved.json()["withdrawn_at"]) == (201, None)
    stopped = page.post(f"{path}/stop", json={"office": "steward"})
    assert (stopped.status_code, stopped.json()["office"], stopped.json()["lifted_at"]) == (201, "steward", None)
    (plan,) = page.get("/api/plans").json()
    assert (plan["standing"], plan["stopped_by"]) == ("withdrawn", ["steward"])
    lifted = page.post(f"{path}/stop/lifting", json={"office": "steward", "reason": "stopped-by-mistake"})
    assert (lifted.status_code, lifted.json()["lift_reason"]) == (200, "stopped-by-mistake")
    told = page.get(path).json()
    assert [stop["lift_reason"] for stop in told["stops"]] == ["stopped-by-mistake"]
    assert (told["plan"]["stopped_by"], told["approval"]["withdrawal_reason"]) == ([], "steward-revoked")
    assert offered.sha256 == listed["offer_sha256"]


def test_an_approval_ends_where_the_steward_says_and_is_refused_after_that(wall: Wall, page: TestClient) -> None:
    offered = wall.offer()
    until = wall.clock.now() + timedelta(days=2)
    told = page.post(f"/api/plans/{offered.sha256}/approval", json=form(wall, expires_at=until.isoformat())).json()
    assert datetime.fromisoformat(told["expires_at"]) == until
    wall.clock.pass_time(timedelta(days=2))
    assert page.get(f"/api/plans/{offered.sha256}").json()["plan"]["standing"] == "expired"


@pytest.mark.parametrize(("role", "office"), [(Role.STEWARD, "steward"), (Role.ETHICS, "ethics"), (Role.IT, "it")])
def test_each_office_stops_and_lifts_in_its_own_name_and_in_no_others(wall: Wall, role: Role, office: str) -> None:
    page = a_page(a_desk(wall), role)
    offered = wall.offer()
    wall.approve(offered)
    path = f"/api/plans/{offered.sha256}/stop"
    for other in {"steward", "ethics", "it"} - {office}:
        lifting = page.post(f"{path}/lifting", json={"office": other, "reason": "fault-mended"})
        for told in (page.post(path, json={"office": other}), lifting):
            assert (told.status_code, told.json()["code"]) == (403, "office-not-yours")
    assert page.post(path, json={"office": office}).status_code == 201
    assert page.post(path, json={"office": office}).json()["code"] == "plan-stopped-already"
    assert page.post(f"{path}/lifting", json={"office": office, "reason": "because"}).status_code == 422
    assert page.post(f"{path}/lifting", json={"office": office, "reason": "fault-mended"}).status_code == 200
    assert page.post(f"{path}/lifting", json={"office": office, "reason": "fault-mended"}).status_code == 409


def test_a_plan_that_another_office_stopped_is_not_approved(wall: Wall, page: TestClient) -> None:
    offered = wall.offer()
    path = f"/api/plans/{offered.sha256}"
    assert a_page(a_desk(wall), Role.ETHICS).post(f"{path}/stop", json={"office": "ethics"}).status_code == 201
    refused = page.post(f"{path}/approval", json=form(wall))
    assert (refused.status_code, refused.json()["code"]) == (409, "plan-stopped")
    assert refused.json()["title_ko"] != refused.json()["title"]


def test_an_approval_may_leave_out_figures_and_says_so(wall: Wall, page: TestClient) -> None:
    path = f"/api/plans/{wall.offer().sha256}"
    told = page.get(path).json()
    assert told["epsilon_cap"] is None
    names = [figure["name"] for figure in told["metrics"]]
    assert {"validation-loss", "validation-auc"} <= set(names)
    assert told["metrics"][0]["text"]["ko"] != told["metrics"][0]["text"]["en"]
    assert page.post(f"{path}/approval", json=form(wall, metrics=["made-up"])).status_code == 422
    capped = page.post(f"{path}/approval", json=form(wall, epsilon_cap=1.0))
    assert (capped.status_code, capped.json()["code"]) == (422, "approval-outside-plan")
    given = page.post(f"{path}/approval", json=form(wall, metrics=["validation-auc", "validation-auc"])).json()
    assert (given["metrics"], given["epsilon_cap"]) == (["validation-auc"], None)
    assert page.get(path).json()["approval"] == given


def test_a_first_yes_carries_what_is_narrower_than_the_plan(wall: Wall) -> None:
    first, second = a_page_of_two(wall, PERSON), a_page_of_two(wall, SECOND)
    path = f"/api/plans/{wall.offer().sha256}/first-yes"
    said = first.post(path, json=form(wall, metrics=[])).json()
    assert said["metrics"] == []
    given = second.post(f"{path}/{said['yes_id']}/confirmation").json()
    assert given["metrics"] == []


def a_page_of_two(wall: Wall, person_id: str) -> TestClient:
    """The page of a hospital that approves by two people."""
    wall.stewardship = replace(wall.stewardship, two_people=True)
    page = a_page(a_desk(wall))
    assert isinstance(page.app, FastAPI)
    page.app.dependency_overrides[caller] = lambda: Caller(person_id, frozenset({Role.STEWARD}), Language.KO)
    return page


def test_two_stewards_approve_a_plan_one_after_the_other(wall: Wall) -> None:
    first, second = a_page_of_two(wall, PERSON), a_page_of_two(wall, SECOND)
    path = f"/api/plans/{wall.offer().sha256}"
    alone = first.post(f"{path}/approval", json=form(wall))
    assert (alone.status_code, alone.json()["code"]) == (409, "second-yes-needed")
    said = first.post(f"{path}/first-yes", json=form(wall, max_rounds=2))
    assert (said.status_code, said.json()["bounds"]["max_rounds"]) == (201, 2)
    told = second.get(path).json()
    assert (told["two_people"], told["first_yes"], told["approval"]) == (True, said.json(), None)
    confirming = f"{path}/first-yes/{said.json()['yes_id']}/confirmation"
    own = first.post(confirming)
    assert (own.status_code, own.json()["code"]) == (403, "second-yes-is-yours")
    given = second.post(confirming)
    assert (given.status_code, given.json()["bounds"]["max_rounds"]) == (201, 2)
    assert second.post(confirming).json()["code"] == "first-yes-gone"
    assert second.get(path).json()["first_yes"] is None


def test_a_first_yes_is_taken_back_or_turned_down(wall: Wall) -> None:
    first, second = a_page_of_two(wall, PERSON), a_page_of_two(wall, SECOND)
    path = f"/api/plans/{wall.offer().sha256}/first-yes"
    for page in (first, second):
        yes = first.post(path, json=form(wall)).json()["yes_id"]
        assert page.delete(f"{path}/{yes}").status_code == 204
        assert page.delete(f"{path}/{yes}").json()["code"] == "first-yes-gone"
    assert second.delete(f"{path}/not-an-identifier").status_code == 422


def test_the_decision_is_the_callers_whatever_the_request_says(wall: Wall, page: TestClient) -> None:
    offered = wall.offer()
    path = f"/api/plans/{offered.sha256}/approval"
    assert page.post(path, json=form(wall, person_id="somebody else")).status_code == 422
    assert page.post(path, json=form(wall)).status_code == 201
    with wall.engine.connect() as connection:
        assert {event.action: event.actor.actor_id for event in events(connection, audit)}["plan.approved"] == PERSON


def test_what_left_is_a_page_and_a_file_anyone_can_verify(wall: Wall, page: TestClient) -> None:
    wall.approve(wall.offer())
    wall.answering.answer("train", instruct(a_train_instruction(model_sha256=START_SHA256)))
    told = page.get("/api/ledger", params={"after": 0, "limit": 10}).json()
    assert [entry["message_kind"] for entry in told["entries"]] == ["approval", "model-update"]
    assert told["check"] == {"entries": 2, "holds": True, "broken_entry": None, "fault": None}
    file = page.get("/api/ledger/file")
    assert file.headers["content-type"].startswith("application/x-ndjson")
    assert verify_export(file.content.splitlines(keepends=True)) == 2


def test_the_latest_daily_root_is_shown_and_is_a_file_that_verifies_the_ledger_file(
    wall: Wall, page: TestClient
) -> None:
    wall.approve(wall.offer())
    assert page.get("/api/ledger").json()["root"] is None
    assert page.get("/api/ledger/root").json()["code"] == "no-day-closed"
    wall.clock.pass_time(timedelta(days=1))
    close_days(WallRoots(wall.engine), wall.site, wall.clock.now())
    root = page.get("/api/ledger/root")
    assert root.status_code == 200
    assert "ledger-root-" in root.headers["content-disposition"]
    assert page.get("/api/ledger").json()["root"] == root.json()
    stated = read_root_file(root.content, [wall.site.identity.public.fingerprint])
    complete = verify_against(page.get("/api/ledger/file").content.splitlines(keepends=True), [stated])
    assert (complete.entries, stated.root.entries, stated.witnessed_at) == (2, 1, None)


def test_what_left_says_since_when_bytes_are_no_longer_kept(wall: Wall, page: TestClient) -> None:
    wall.approve(wall.offer())
    (before,) = page.get("/api/ledger").json()["entries"]
    wall.outbox.tell(before["sent_sha256"], News.RECEIPT, wall.clock.now())
    wall.clock.pass_time(timedelta(days=2))
    assert empty_next_sent(WallSent(wall.engine), wall.clock, keep=timedelta(days=1)) == 1
    (after,) = page.get("/api/ledger").json()["entries"]
    assert (before["emptied_at"], datetime.fromisoformat(after["emptied_at"])) == (None, wall.clock.now())
    assert (after["sent_sha256"], after["sent_bytes"]) == (before["sent_sha256"], before["sent_bytes"])


def test_an_entry_that_is_gone_is_named_with_its_fault_in_both_languages(wall: Wall, page: TestClient) -> None:
    wall.approve(wall.offer())
    with wall.engine.begin() as connection:
        connection.execute(delete(ledger_entry))
    check = page.get("/api/ledger").json()["check"]
    assert (check["holds"], check["broken_entry"]) == (False, 1)
    assert check["fault"] == {"en": "is missing", "ko": "항목이 없음"}


def test_an_empty_ledger_is_an_empty_file(page: TestClient) -> None:
    assert page.get("/api/ledger/file").content == b""
    assert page.get("/api/verdicts").json() == []
    assert page.get("/api/federation").json()["joined"] is True


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=501", "after=x"])
def test_a_page_out_of_bounds_is_refused(page: TestClient, query: str) -> None:
    assert page.get(f"/api/ledger?{query}").status_code == 422


def test_a_refusal_is_a_problem_document_in_both_languages(wall: Wall, page: TestClient) -> None:
    unknown = page.get(f"/api/plans/{DIGEST}")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    assert unknown.json()["code"] == "offer-unknown"
    assert unknown.json()["title_ko"] != unknown.json()["title"]
    path = f"/api/plans/{wall.offer().sha256}"
    assert page.post(f"{path}/approval", json=form(wall, max_rounds=4)).status_code == 422


def test_a_wall_that_is_down_is_told_as_later(tmp_path: Path) -> None:
    down = a_page(WallClient(tmp_path / "wall.sock")).get("/api/plans")
    assert (down.status_code, down.json()["retry"]) == (503, "later")


def test_every_problem_of_the_desk_has_its_document() -> None:
    assert set(DESK_PROBLEMS) == set(DeskProblem)
    assert json.dumps([problem.document() for problem in DESK_PROBLEMS.values()])


def test_every_route_of_the_wall_has_its_rule(page: TestClient) -> None:
    assert isinstance(page.app, FastAPI)
    paths = page.app.openapi()["paths"]
    routes = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert routes <= set(RULES)
    assert len(routes) == 13
