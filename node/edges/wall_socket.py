"""The wall's unix socket: other processes of the node ask its desk, and are answered when the kernel vouches for them.

One request and one answer a connection: a 32 bit big endian length, then one JSON object. A closed list of calls, each
with strict arguments. The peer's user comes from the kernel (SO_PEERCRED), never from the request; the file is 0600.
Source: unix(7), SO_PEERCRED.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import struct
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from node.edges.wall_calls import PEER_CALLS, Arguments, Call, Nothing, PeerClient
from node.edges.wall_plan_calls import PLAN_CALLS, ApproveOffer, LiftOffer, OneOffer, OneYes, StopOffer, by_whom
from node.flows.desk import DeskProblem, DeskRefused, WallDesk
from node.flows.ledger_views import LedgerPage
from node.flows.taking_part_views import TakingPartView
from node.flows.wall_views import (
    ApprovalForm,
    ApprovalView,
    FederationView,
    FirstYesView,
    LiftForm,
    PlanDetail,
    PlanView,
    StopForm,
    StopView,
    VerdictView,
)
from node.ground.audit import Actor
from node.ground.logs import log

REQUEST_BYTES_MAX = 1024 * 1024
ANSWER_BYTES_MAX = 64 * 1_048_576
TIMEOUT_SECONDS = 30.0
_LENGTH = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")


class LedgerPart(Arguments):
    """Which part of the ledger."""

    after: int
    limit: int


class Patients(Arguments):
    """Which patients, by the node's own numbers."""

    patients: list[int]


CALLS: Mapping[str, Call] = MappingProxyType(
    {
        "federation": Call(Nothing, lambda desk, _: desk.federation(), TypeAdapter(FederationView)),
        **PLAN_CALLS,
        "ledger": Call(LedgerPart, lambda desk, said: desk.ledger(said.after, said.limit), TypeAdapter(LedgerPage)),
        "ledger_lines": Call(
            LedgerPart, lambda desk, said: desk.ledger_lines(said.after, said.limit), TypeAdapter(list[str])
        ),
        "verdicts": Call(Nothing, lambda desk, _: desk.verdicts(), TypeAdapter(list[VerdictView])),
        "taking_part": Call(Patients, lambda desk, said: desk.taking_part(said.patients), TypeAdapter(TakingPartView)),
        **PEER_CALLS,
    }
)


def answer_call(desk: WallDesk, request: bytes) -> bytes:
    """The answer to one request: `{"value": …}`, or `{"problem": …, "detail": …}`."""
    try:
        asked = json.loads(request)
        call = CALLS[asked["call"]]
        said = call.arguments.model_validate_json(json.dumps(asked["arguments"]))
    except (ValueError, TypeError, KeyError, RecursionError, ValidationError):
        return _problem(DeskRefused(DeskProblem.CALL_REFUSED))
    try:
        value = call.run(desk, said)
    except DeskRefused as refusal:
        return _problem(refusal)
    return b'{"value":' + call.result.dump_json(value) + b"}"


def peer_user(connection: socket.socket) -> int:
    """The user identifier of the process at the other end, as the kernel knows it."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(raw)
    return int(user)


class _Visit(socketserver.BaseRequestHandler):
    server: WallServer

    def handle(self) -> None:
        connection: socket.socket = self.request
        connection.settimeout(TIMEOUT_SECONDS)
        try:
            request = _receive(connection, REQUEST_BYTES_MAX)  # of a stranger too: who is still sending hears no answer
        except (OSError, ValueError):
            return
        if peer_user(connection) not in self.server.users:
            log().warning("wall call refused", reason="another user")
            _send(connection, _problem(DeskRefused(DeskProblem.CALL_REFUSED)))
            return
        _send(connection, self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        try:
            return answer_call(self.server.desk, request)
        except Exception as error:  # noqa: BLE001 - whatever the desk met, the caller gets a code and the wall lives
            log().error("wall call failed", error_type=type(error).__name__)
            return _problem(DeskRefused(DeskProblem.CALL_REFUSED, "internal-error"))


class WallServer(socketserver.ThreadingUnixStreamServer):
    """Serves the desk on a socket file only its owner can open; `users` may ask, by default the owner alone."""

    daemon_threads = True

    def __init__(self, path: Path, desk: WallDesk, *, users: frozenset[int] | None = None) -> None:
        self.desk = desk
        self.users = users if users is not None else frozenset({os.getuid()})
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            super().__init__(str(path), _Visit)
        finally:
            os.umask(before)

    def handle_error(self, _request: object, _client_address: object) -> None:
        """A visit that broke off is logged without its text."""
        log().warning("wall call broke off")


class WallClient:
    """Implements `WallDesk` from another process of the node."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def plans(self) -> list[PlanView]:
        """Every plan that was offered, the latest first."""
        plans: list[PlanView] = self._ask("plans", Nothing())
        return plans

    def plan(self, offer_sha256: str) -> PlanDetail:
        """One plan in words. Raises: DeskRefused."""
        plan: PlanDetail = self._ask("plan", OneOffer(offer_sha256=offer_sha256))
        return plan

    def approve(self, offer_sha256: str, form: ApprovalForm, *, person_id: str) -> ApprovalView:
        """The approval, which holds from now on. Raises: DeskRefused."""
        said = ApproveOffer(offer_sha256=offer_sha256, form=form, person_id=person_id)
        approval: ApprovalView = self._ask("approve", said)
        return approval

    def say_first_yes(self, offer_sha256: str, form: ApprovalForm, *, person_id: str) -> FirstYesView:
        """The first yes, which waits for a second steward. Raises: DeskRefused."""
        said = ApproveOffer(offer_sha256=offer_sha256, form=form, person_id=person_id)
        first: FirstYesView = self._ask("say_first_yes", said)
        return first

    def confirm(self, offer_sha256: str, yes_id: str, *, person_id: str) -> ApprovalView:
        """The approval that another steward wished for, which holds from now on. Raises: DeskRefused."""
        said = OneYes(offer_sha256=offer_sha256, yes_id=yes_id, person_id=person_id)
        approval: ApprovalView = self._ask("confirm", said)
        return approval

    def drop_first_yes(self, offer_sha256: str, yes_id: str, *, person_id: str) -> None:
        """The first yes waits no more. Raises: DeskRefused."""
        self._ask("drop_first_yes", OneYes(offer_sha256=offer_sha256, yes_id=yes_id, person_id=person_id))

    def stop(self, offer_sha256: str, form: StopForm, *, by: Actor) -> StopView:
        """The office's stop, which stands from now on. Raises: DeskRefused."""
        stop: StopView = self._ask("stop", StopOffer(offer_sha256=offer_sha256, form=form, by=by_whom(by)))
        return stop

    def lift(self, offer_sha256: str, form: LiftForm, *, by: Actor) -> StopView:
        """The office's stop, which stands no more. Raises: DeskRefused."""
        stop: StopView = self._ask("lift", LiftOffer(offer_sha256=offer_sha256, form=form, by=by_whom(by)))
        return stop

    def federation(self) -> FederationView:
        """Whether and how this node belongs to a federation."""
        view: FederationView = self._ask("federation", Nothing())
        return view

    def ledger(self, after: int, limit: int) -> LedgerPage:
        """A page of what left."""
        page: LedgerPage = self._ask("ledger", LedgerPart(after=after, limit=limit))
        return page

    def ledger_lines(self, after: int, limit: int) -> list[str]:
        """Lines of the export, in order."""
        lines: list[str] = self._ask("ledger_lines", LedgerPart(after=after, limit=limit))
        return lines

    def verdicts(self) -> list[VerdictView]:
        """The benefit verdict of every run."""
        verdicts: list[VerdictView] = self._ask("verdicts", Nothing())
        return verdicts

    def taking_part(self, patients: Collection[int]) -> TakingPartView:
        """What these patients, by the node's own numbers, had a part in. Raises: DeskRefused."""
        view: TakingPartView = self._ask("taking_part", Patients(patients=sorted(patients)))
        return view

    @property
    def peer_desk(self) -> PeerClient:
        """The part about other hospitals' keys."""
        return PeerClient(self._ask)

    def _ask(self, name: str, said: Arguments) -> Any:
        request = json.dumps({"call": name, "arguments": said.model_dump(mode="json")}).encode("utf-8")
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(TIMEOUT_SECONDS)
                connection.connect(str(self._path))
                _send(connection, request)
                answered = json.loads(_receive(connection, ANSWER_BYTES_MAX))
        except (OSError, ValueError):
            raise DeskRefused(DeskProblem.WALL_UNREACHABLE) from None
        if "problem" in answered:
            raise DeskRefused(DeskProblem(answered["problem"]), str(answered["detail"]))
        return CALLS[name].result.validate_json(json.dumps(answered["value"]))


def _problem(refusal: DeskRefused) -> bytes:
    return json.dumps({"problem": refusal.problem.value, "detail": refusal.detail}).encode("utf-8")


def _send(connection: socket.socket, content: bytes) -> None:
    connection.sendall(_LENGTH.pack(len(content)) + content)


def _receive(connection: socket.socket, bytes_max: int) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if length > bytes_max:
        raise ValueError("too large")
    return _exactly(connection, length)


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        part = connection.recv(min(count, 1 << 16))
        if not part:
            raise ValueError("the connection ended early")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
