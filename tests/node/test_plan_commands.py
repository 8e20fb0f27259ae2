"""`intramuros node plan …` as IT types it: with a wall that answers and without one, and what is refused."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import NOW, PLAN, SITE, an_approval
from fakes.wall_cast import COORDINATOR_IDENTITY, a_real_plan, a_sealed_offer, opened
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `plan` becomes a part of the application there
from node.edges.wall_socket import WallServer
from node.flows.desk import DeskProblem, DeskRefused
from node.flows.wall_views import StopForm, StopView
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.config import NodeConfig
from node.ground.membership import Membership, write_membership
from node.release.stops import Office, Stop
from node.storage.audit import events
from node.storage.engine import Database
from node.storage.wall_ledger import WallOutbox
from node.storage.wall_plans import WallPlans
from node.storage.wall_send import WallUnit
from node.storage.wall_tables import audit
from node.wiring.beginning import make_home
from node.wiring.commands import app
from node.wiring.place import Place

TODAY = datetime.now(UTC).replace(microsecond=0)
"""A command asks the machine's own clock, so the plan holds whatever day that is."""
SEALED_OFFER = a_sealed_offer(a_real_plan(created_at=TODAY - timedelta(days=1), expires_at=TODAY + timedelta(days=90)))
OFFERED = opened(SEALED_OFFER)
EVENT_ACTOR = Actor(ActorKind.NODE, "test")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A node that joined, holds one plan and approved it."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    made = make_home(tmp_path / "home", NodeConfig(name="Example hospital"))
    now = made.clock.now()
    membership = Membership(
        site_id=SITE,
        coordinator_name="Example coordinator",
        coordinator_key=COORDINATOR_IDENTITY.public.raw,
        address="127.0.0.1:9",
        authority_pem="",
        joined_at=now,
    )
    write_membership(made.home.membership, membership)
    event = AuditEvent(now, EVENT_ACTOR, "test.done", "test:1")
    wall = made.engine(Database.WALL)
    WallPlans(wall, COORDINATOR_IDENTITY.public).keep(OFFERED, SEALED_OFFER, event)
    with WallUnit(wall).deciding() as door:
        door.hold(an_approval(offer_sha256=OFFERED.sha256, expires_at=now + timedelta(days=30)), event)
    return made


def typed(place: Place, *words: str, code: int = 0) -> str:
    ended = CliRunner().invoke(app, ["plan", *words, "--home", str(place.home.path)])
    assert ended.exit_code == code, ended.output
    return ended.output


def test_it_stops_a_plan_while_no_wall_runs_and_lifts_it_again(place: Place) -> None:
    assert f"{PLAN}  approved  " in typed(place, "list")
    assert f"Stopped: {PLAN}" in typed(place, "stop", PLAN[:8])
    assert "stopped by hospital IT since" in typed(place, "list")
    (listed,) = json.loads(typed(place, "list", "--json"))
    assert (listed["standing"], listed["stopped_by"]) == ("withdrawn", ["it"])
    wall = place.engine(Database.WALL)
    assert [waiting.message_kind for waiting in WallOutbox(wall).waiting()] == ["withdrawal"]
    assert "already" in typed(place, "stop", PLAN, code=1)
    told = json.loads(typed(place, "lift", PLAN, "--reason", "fault-mended", "--json"))
    assert (told["plan_id"], told["office"], told["lift_reason"]) == (PLAN, "it", "fault-mended")
    assert "stopped by" not in typed(place, "list")
    with wall.connect() as connection:
        done = [(event.action, event.actor.actor_id) for event in events(connection, audit)]
    assert ("plan.stopped", "shell") in done
    assert ("plan.lifted", "shell") in done


def test_what_another_office_stopped_is_not_its_to_lift(place: Place) -> None:
    wall, now = place.engine(Database.WALL), place.clock.now()
    with WallUnit(wall).deciding() as door:
        door.stop(PLAN, Stop(Office.ETHICS, now), AuditEvent(now, EVENT_ACTOR, "plan.stopped", f"plan:{PLAN}"))
    assert "lifted by that office alone" in typed(place, "lift", PLAN, "--reason", "stopped-by-mistake", code=1)
    assert "stopped by the ethics reviewer since" in typed(place, "list")


class PlayedDesk:
    """A wall that answers; it refuses the second stop."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Office, Actor]] = []

    def stop(self, offer_sha256: str, form: StopForm, *, by: Actor) -> StopView:
        """The stop, as the real desk answers it."""
        if self.asked:
            raise DeskRefused(DeskProblem.STOPPED_ALREADY)
        self.asked.append((offer_sha256, form.office, by))
        return StopView(office=form.office, stopped_at=NOW, lifted_at=None, lift_reason=None)


def test_a_wall_that_runs_is_asked_and_its_word_is_told(place: Place) -> None:
    place.home.run.mkdir(exist_ok=True)
    desk = PlayedDesk()
    server = WallServer(place.home.run / "wall.sock", desk)  # type: ignore[arg-type] # of the desk only what is asked
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        assert f"Stopped: {PLAN}" in typed(place, "stop", PLAN)
        assert desk.asked == [(OFFERED.sha256, Office.IT, Actor(ActorKind.NODE, "shell"))]
        assert "stopped the plan already" in typed(place, "stop", PLAN, code=1)
        assert "stopped by" not in typed(place, "list"), "nothing is written beside a wall that runs"
    finally:
        server.shutdown()
        server.server_close()


def test_a_node_that_has_not_joined_has_no_plan_to_stop(place: Place) -> None:
    place.home.membership.unlink()
    assert "join" in typed(place, "stop", PLAN, code=1)


def test_a_plan_is_named_by_its_beginning_and_never_by_a_guess(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", PLAN[:3], "ffff-no-such-plan"):
        assert "begins with" in typed(place, "stop", name, code=1)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert "시작하는 계획이 이 노드에 없거나" in typed(place, "stop", "none", code=1)
    assert "중단했습니다" in typed(place, "stop", PLAN)
    assert "병원 전산 담당자: " in typed(place, "list")
    assert "바뀐 것이 없습니다: 이 부서는 이미" in typed(place, "stop", PLAN, code=1)
