"""The routes of hospitals: enrolment, approvals, withdrawals, daily roots, roster, inbox. Bodies are sealed frames."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi import Path as FromPath
from starlette.concurrency import run_in_threadpool

from coordinator.edges.web.desk import Desk, bounded_body
from coordinator.flows.approve import receive_approval, receive_withdrawal
from coordinator.flows.authorise import authorised_site
from coordinator.flows.inbox import make_inbox
from coordinator.flows.join import enrol
from coordinator.flows.roster import receive_peer_key, receive_revocation, roster_version
from coordinator.flows.witness import receive_root
from coordinator.membership.site import check_admitted

_BODY_BYTES_MAX = 65_536
_SEALED = "application/vnd.intramuros.sealed"


def site_routes(desk: Desk) -> APIRouter:
    """The router of enrolments, approvals, withdrawals, daily roots, words on keys, the roster and the inbox."""
    router = APIRouter(prefix="/api")

    @router.post("/enrolments")
    async def post_enrolment(request: Request) -> Response:
        sealed = await bounded_body(request, _BODY_BYTES_MAX)
        answer = await run_in_threadpool(enrol, desk.work, desk.face, sealed, now=desk.clock.now())
        return Response(answer, 201, media_type=_SEALED)

    @router.post("/approvals")
    async def post_approval(request: Request) -> Response:
        sealed = await bounded_body(request, _BODY_BYTES_MAX)
        receipt = await run_in_threadpool(receive_approval, desk.work, desk.face, sealed, now=desk.clock.now())
        return Response(receipt, 201, media_type=_SEALED)

    @router.post("/withdrawals")
    async def post_withdrawal(request: Request) -> Response:
        sealed = await bounded_body(request, _BODY_BYTES_MAX)
        receipt = await run_in_threadpool(receive_withdrawal, desk.work, desk.face, sealed, now=desk.clock.now())
        return Response(receipt, 201, media_type=_SEALED)

    @router.post("/ledger-roots")
    async def post_ledger_root(request: Request) -> Response:
        sealed = await bounded_body(request, _BODY_BYTES_MAX)
        witness = await run_in_threadpool(receive_root, desk.work, desk.face, sealed, now=desk.clock.now())
        return Response(witness, 201, media_type=_SEALED)

    @router.post("/peer-keys")
    async def post_peer_key(request: Request) -> Response:
        sealed = await bounded_body(request, _BODY_BYTES_MAX)
        receipt = await run_in_threadpool(receive_peer_key, desk.work, desk.face, sealed, now=desk.clock.now())
        return Response(receipt, 201, media_type=_SEALED)

    @router.post("/peer-key-revocations")
    async def post_revocation(request: Request) -> Response:
        sealed = await bounded_body(request, _BODY_BYTES_MAX)
        receipt = await run_in_threadpool(receive_revocation, desk.work, desk.face, sealed, now=desk.clock.now())
        return Response(receipt, 201, media_type=_SEALED)

    @router.get("/rosters/{number}")
    def get_roster(
        number: Annotated[int, FromPath(ge=1, le=1_000_000)], authorization: str = Header(default="", max_length=512)
    ) -> Response:
        now = desk.clock.now()
        check_admitted(authorised_site(desk.work, authorization, f"/api/rosters/{number}", now=now))
        return Response(roster_version(desk.work, desk.face, number, now=now), media_type=_SEALED)

    @router.get("/inbox")
    def get_inbox(
        authorization: str = Header(default="", max_length=512), since: int | None = Query(default=None, ge=0, le=2**40)
    ) -> Response:
        now = desk.clock.now()
        site = authorised_site(desk.work, authorization, "/api/inbox", now=now)
        oldest = None if since is None else datetime.fromtimestamp(min(since, int(now.timestamp())), UTC)
        return Response(make_inbox(desk.work, desk.face, site, since=oldest, now=now), media_type=_SEALED)

    return router
