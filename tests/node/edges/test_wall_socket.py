"""The wall's desk over its unix socket: the same answers as inside, a closed list of calls, its own user only."""

import json
import os
import socket
import stat
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from factories import DIGEST, RUN, SITE, a_train_instruction
from fakes.wall import Wall, a_wall
from fakes.wall_cast import HOSPITAL, PERSON, START_SHA256, a_real_plan, instruct
from fakes.wall_desk import Told, a_desk

from node.edges.wall_socket import CALLS, WallClient, WallServer
from node.flows.desk import DeskProblem, DeskRefused
from node.flows.wall_views import ApprovalForm, LiftForm, StopForm
from node.ground.audit import Actor, ActorKind
from node.release.approvals import Standing
from node.release.ledger import verify_export
from node.release.stops import Office, StopLiftReason
from protocols.plans import Aggregation, AggregationMode

SECOND = PERSON[:-1] + ("0" if PERSON[-1] != "0" else "1")
LIFT_BY_IT = LiftForm(office=Office.IT, reason=StopLiftReason.MENDED)
STOP, BY = StopForm(office=Office.STEWARD), Actor(ActorKind.PERSON, PERSON)


def form(wall: Wall, **changes: object) -> ApprovalForm:
    fields = {"max_rounds": 3, "max_cases": 100, "expires_at": wall.clock.now() + timedelta(days=30)}
    return ApprovalForm.model_validate({**fields, **changes})


class Served:
    """A wall whose desk is served, and a client of it."""

    def __init__(self, home: Path) -> None:
        self.wall = a_wall(home)
        self.told = Told()
        self.path = home / "wall.sock"
        self.client = WallClient(self.path)
        self.desk = a_desk(self.wall, self.told)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    with running(WallServer(made.path, made.desk)):
        yield made


class running:  # noqa: N801 - reads as a verb where it is used
    """The server answers while open."""

    def __init__(self, server: WallServer) -> None:
        self.server = server

    def __enter__(self) -> WallServer:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self.server

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def raw_call(path: Path, content: bytes) -> dict[str, str]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(5)
        line.connect(str(path))
        line.sendall(struct.pack(">I", len(content)) + content)
        with line.makefile("rb") as answers:
            (length,) = struct.unpack(">I", answers.read(4))
            answer: dict[str, str] = json.loads(answers.read(length))
            return answer


def test_a_plan_is_listed_read_approved_and_withdrawn_over_the_socket(served: Served) -> None:
    offered = served.wall.offer()
    (plan,) = served.client.plans()
    assert (plan.offer_sha256, plan.standing) == (offered.sha256, Standing.OFFERED)
    detail = served.client.plan(offered.sha256)
    assert detail == served.desk.plan(offered.sha256)
    assert any(line.warns and line.topic.value == "aggregation" for line in detail.lines)
    approval = served.client.approve(offered.sha256, form(served.wall), person_id=PERSON)
    assert served.client.plan(offered.sha256).approval == approval
    assert served.client.stop(offered.sha256, STOP, by=BY).lifted_at is None
    (stopped,) = served.client.plans()
    assert (stopped.standing, stopped.stopped_by) == (Standing.WITHDRAWN, [Office.STEWARD])
    lifting = LiftForm(office=Office.STEWARD, reason=StopLiftReason.MISTAKE)
    assert served.client.lift(offered.sha256, lifting, by=BY).lift_reason is StopLiftReason.MISTAKE
    assert served.client.plans()[0].stopped_by == []
    assert (served.told.approved, served.told.withdrawn) == ([plan.plan_id], [plan.plan_id])


def test_two_people_approve_over_the_socket(served: Served) -> None:
    offered = served.wall.offer()
    first = served.client.say_first_yes(offered.sha256, form(served.wall, max_rounds=2), person_id=PERSON)
    assert served.client.plan(offered.sha256).first_yes == first
    served.client.drop_first_yes(offered.sha256, first.yes_id, person_id=SECOND)
    assert served.client.plan(offered.sha256).first_yes is None
    again = served.client.say_first_yes(offered.sha256, form(served.wall, max_rounds=1), person_id=PERSON)
    approval = served.client.confirm(offered.sha256, again.yes_id, person_id=SECOND)
    assert (approval.bounds.max_rounds, served.told.approved) == (1, [offered.plan.plan_id])


def test_what_left_is_shown_page_by_page_with_the_state_of_the_chain(served: Served) -> None:
    served.wall.approve(served.wall.offer())
    served.wall.answering.answer("train", instruct(a_train_instruction(model_sha256=START_SHA256)))
    page = served.client.ledger(0, 1)
    assert (len(page.entries), page.total) == (1, 2)
    assert page.check is not None
    assert page.check.holds
    assert served.client.ledger(1, 10).entries[0].message_kind == "model-update"
    assert verify_export(line.encode() for line in served.client.ledger_lines(0, 100)) == 2


def test_a_changed_byte_in_the_database_is_shown_at_its_entry(served: Served) -> None:
    served.wall.approve(served.wall.offer())
    served.wall.answering.answer("train", instruct(a_train_instruction(model_sha256=START_SHA256)))
    with served.wall.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE ledger_entry SET body = replace(body, '\"number\":1', '\"number\":9') WHERE number = 1"
        )
    check = served.client.ledger(0, 10).check
    assert check is not None
    assert (check.holds, check.broken_entry) == (False, 1)


def test_the_federation_is_told_in_both_languages(served: Served) -> None:
    view = served.client.federation()
    assert (view.joined, view.site_id, view.own_fingerprint) == (True, SITE, HOSPITAL.public.fingerprint)
    assert view.summary.en
    assert view.summary.ko
    served.wall.contact.missed("unreachable", served.wall.clock.now())
    assert served.client.federation().problem == "unreachable"
    assert served.client.verdicts() == []


REFUSALS: list[tuple[Callable[[Served, str], object], DeskProblem]] = [
    (lambda served, _: served.client.plan(DIGEST), DeskProblem.OFFER_UNKNOWN),
    (lambda served, _: served.client.approve(DIGEST, form(served.wall), person_id=PERSON), DeskProblem.OFFER_UNKNOWN),
    (
        lambda served, offer: [served.client.stop(offer, STOP, by=BY), served.client.stop(offer, STOP, by=BY)],
        DeskProblem.STOPPED_ALREADY,
    ),
    (
        lambda served, offer: served.client.lift(offer, LIFT_BY_IT, by=BY),
        DeskProblem.NOT_STOPPED,
    ),
    (
        lambda served, offer: [
            served.client.stop(offer, StopForm(office=Office.ETHICS), by=BY),
            served.client.approve(offer, form(served.wall), person_id=PERSON),
        ],
        DeskProblem.PLAN_STOPPED,
    ),
    (
        lambda served, offer: served.client.approve(offer, form(served.wall, max_rounds=4), person_id=PERSON),
        DeskProblem.OUTSIDE_PLAN,
    ),
    (
        lambda served, offer: served.client.approve(
            offer, form(served.wall, expires_at=served.wall.clock.now()), person_id=PERSON
        ),
        DeskProblem.OUTSIDE_PLAN,
    ),
]


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_a_refusal_of_the_desk_arrives_as_the_same_problem(served: Served, number: int) -> None:
    call, problem = REFUSALS[number]
    offered = served.wall.offer()
    with pytest.raises(DeskRefused) as refusal:
        call(served, offered.sha256)
    assert refusal.value.problem is problem


def test_a_plan_the_node_cannot_take_part_in_says_why(served: Served) -> None:
    offered = served.wall.offer(a_real_plan(update_norm_bound=5000.0))
    assert served.client.plan(offered.sha256).cannot_take_part is not None
    secure = served.wall.offer(
        a_real_plan(plan_id=RUN, aggregation=Aggregation(mode=AggregationMode.SECURE, threshold_t=3))
    )
    with pytest.raises(DeskRefused) as refusal:
        served.client.approve(secure.sha256, form(served.wall), person_id=PERSON)
    assert refusal.value.detail == "outside-approval"


def test_a_node_that_has_not_joined_only_shows(tmp_path: Path) -> None:
    desk = a_desk(a_wall(tmp_path), joined=False)
    assert desk.plans() == []
    assert not desk.federation().joined
    for call in (lambda: desk.plan(DIGEST), lambda: desk.stop(DIGEST, STOP, by=BY)):
        with pytest.raises(DeskRefused):
            call()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"[]",
        b'{"call": "plans"}',
        b'{"call": "shutdown", "arguments": {}}',
        b'{"call": "__class__", "arguments": {}}',
        b'{"call": "plans", "arguments": {"extra": 1}}',
        b'{"call": "ledger", "arguments": {"after": "x", "limit": 1}}',
        b'{"call": ["plans"], "arguments": {}}',
        b"[" * 50_000,
    ],
)
def test_an_unknown_or_malformed_call_is_refused_and_the_wall_lives(served: Served, content: bytes) -> None:
    assert raw_call(served.path, content) == {"problem": "wall-call-refused", "detail": ""}
    assert served.client.plans() == []


def test_a_call_that_announces_too_much_is_dropped(served: Served) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(5)
        line.connect(str(served.path))
        line.sendall(struct.pack(">I", 2**31))
        assert line.recv(1) == b""
    assert served.client.plans() == []


def test_the_list_of_calls_is_closed() -> None:
    assert set(CALLS) == {
        "federation",
        "plans",
        "plan",
        "approve",
        "say_first_yes",
        "confirm",
        "drop_first_yes",
        "stop",
        "lift",
        "ledger",
        "ledger_lines",
        "verdicts",
        "taking_part",
        *("peers", "compare_peer", "sign_peer", "revoke_peer"),
    }


def test_only_users_the_kernel_vouches_for_are_answered(tmp_path: Path) -> None:
    path, desk = tmp_path / "wall.sock", a_desk(a_wall(tmp_path))
    with running(WallServer(path, desk, users=frozenset({os.getuid() + 1}))):
        assert raw_call(path, b'{"call": "plans", "arguments": {}}')["problem"] == "wall-call-refused"
        with pytest.raises(DeskRefused):
            WallClient(path).plans()


def test_the_socket_file_is_its_owners_alone(served: Served) -> None:
    assert stat.S_IMODE(served.path.stat().st_mode) == 0o600


def test_a_wall_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(DeskRefused) as refusal:
        WallClient(tmp_path / "wall.sock").plans()
    assert refusal.value.problem is DeskProblem.WALL_UNREACHABLE


def test_what_the_desk_did_not_foresee_is_a_code_and_the_wall_lives(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> object:
        raise RuntimeError("a text that must stay here")

    monkeypatch.setattr(served.desk, "verdicts", breaks)
    assert raw_call(served.path, b'{"call": "verdicts", "arguments": {}}') == {
        "problem": "wall-call-refused",
        "detail": "internal-error",
    }
    assert served.client.plans() == []
