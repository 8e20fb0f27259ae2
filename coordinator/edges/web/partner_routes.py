"""The routes of partners: a sealed plan in, its state and its release out."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from coordinator.edges.web.desk import Desk, bounded_body
from coordinator.flows.authorise import authorised_partner
from coordinator.flows.overview import PlanView, partner_plan, released_file
from coordinator.flows.partners import submit_plan
from coordinator.offers.plan import MAX_PLAN_BYTES
from coordinator.publication.release import Release
from protocols.encoding import canonical_json, decode
from protocols.ids import Uuid
from protocols.passports import Passport
from protocols.signing import Purpose, unseal_any


def partner_routes(desk: Desk) -> APIRouter:
    """The router of `/api/partner/plans` and `/api/partner/releases`."""
    router = APIRouter(prefix="/api/partner")

    @router.post("/plans", status_code=201)
    async def post_plan(request: Request) -> dict[str, str]:
        sealed = await bounded_body(request, MAX_PLAN_BYTES)
        offer = await run_in_threadpool(submit_plan, desk.work, desk.face, sealed, now=desk.clock.now())
        return {"plan_id": offer.plan_id, "offer_sha256": offer.offer_sha256}

    @router.get("/plans/{plan_id}")
    def get_plan(plan_id: Uuid, authorization: str = Header(default="", max_length=512)) -> dict[str, Any]:
        return plan_document(_view(desk, authorization, plan_id, f"/api/partner/plans/{plan_id}"))

    @router.get("/releases/{plan_id}")
    def get_release(plan_id: Uuid, authorization: str = Header(default="", max_length=512)) -> Response:
        view = _view(desk, authorization, plan_id, f"/api/partner/releases/{plan_id}")
        release, file = released_file(view, desk.models)
        return Response(release_zip(release, file), media_type="application/zip")

    return router


def plan_document(view: PlanView) -> dict[str, Any]:
    """What a partner is told about its plan: counts and codes, no hospital's name."""
    plan, run, release = view.offer.plan, view.run, view.release
    return {
        "plan_id": view.offer.plan_id,
        "title": plan.title.model_dump(),
        "state": view.state,
        "offer_sha256": view.offer.offer_sha256,
        "approvals": view.ready,
        "quorum": plan.quorum,
        "withdrawals": list(view.withdrawn),
        "rounds_planned": plan.rounds,
        "rounds_done": 0 if run is None else run.rounds_done,
        "run_id": None if run is None else run.run_id,
        "end_reason": None if run is None or run.reason is None else run.reason.value,
        "release_id": None if release is None else release.release_id,
        "attack_light": None if release is None else release.light.value,
    }


def release_zip(release: Release, file: bytes) -> bytes:
    """The archive of a release: the model, its sealed passport, and the same passport to read."""
    passport, _ = decode(unseal_any(release.sealed_passport, Purpose.PASSPORT).frame, Passport)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("model.safetensors", file)
        archive.writestr("passport.sealed", release.sealed_passport)
        archive.writestr("passport.json", canonical_json(passport.model_dump(mode="json")))
    return written.getvalue()


def _view(desk: Desk, authorization: str, plan_id: str, path: str) -> PlanView:
    now = desk.clock.now()
    partner = authorised_partner(desk.work, authorization, path, now=now)
    return partner_plan(desk.work, partner, plan_id, now=now)
