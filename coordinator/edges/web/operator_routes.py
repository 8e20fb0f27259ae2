"""The operator's routes: sign in with a one-time code, look, sign out. Answered on this machine's own names only."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Cookie, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from coordinator.edges.web.desk import Desk, bounded_body
from coordinator.edges.web.page import overview_page, sign_in_page
from coordinator.edges.web.problems import problem_type
from coordinator.flows.overview import overview
from coordinator.flows.sign_in import SESSION_HOURS, CodeRefused, SignInNeeded, check_session, sign_in
from coordinator.ground.texts import Language

COOKIE = "intramuros_operator"
_CODE_BYTES_MAX = 1024
_STYLE = Path(__file__).parent / "static" / "operator.css"


def operator_routes(desk: Desk) -> APIRouter:
    """The router of `/operator/`."""
    router = APIRouter(prefix="/operator", include_in_schema=False)

    @router.get("/operator.css")
    def get_style() -> Response:
        return PlainTextResponse(_STYLE.read_text(encoding="utf-8"), media_type="text/css")

    @router.get("/")
    def get_page(
        lang: Language | None = Query(default=None), token: str = Cookie(default="", alias=COOKIE)
    ) -> Response:
        try:
            check_session(desk.work, token, now=desk.clock.now())
        except SignInNeeded:
            return RedirectResponse("/operator/sign-in", 303)
        seen = overview(desk.work, now=desk.clock.now())
        return HTMLResponse(overview_page(desk.face.name, seen, lang or desk.language))

    @router.get("/sign-in")
    def get_sign_in(lang: Language | None = Query(default=None)) -> Response:
        return HTMLResponse(sign_in_page(desk.face.name, lang or desk.language))

    @router.post("/sign-in")
    async def post_sign_in(request: Request, lang: Language | None = Query(default=None)) -> Response:
        return await _signed_in(desk, request, lang or desk.language)

    @router.post("/sign-out")
    def post_sign_out() -> Response:
        response = RedirectResponse("/operator/sign-in", 303)
        response.delete_cookie(COOKIE, path="/operator", httponly=True, samesite="strict")
        return response

    return router


async def _signed_in(desk: Desk, request: Request, language: Language) -> Response:
    form = parse_qs((await bounded_body(request, _CODE_BYTES_MAX)).decode("utf-8", "replace"))
    code = form.get("code", [""])[0]
    try:
        token = await run_in_threadpool(sign_in, desk.work, code, now=desk.clock.now())
    except CodeRefused as refused:
        problem = problem_type(refused)
        told = problem.title_ko if language is Language.KO else problem.title_en
        return HTMLResponse(sign_in_page(desk.face.name, language, problem=told), 403)
    response = RedirectResponse(f"/operator/?lang={language.value}", 303)
    response.set_cookie(COOKIE, token, max_age=SESSION_HOURS * 3600, path="/operator", httponly=True, samesite="strict")
    return response
