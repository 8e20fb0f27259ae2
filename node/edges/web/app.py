"""The application: routes, guard, page, and the OpenAPI document the page's types are made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

import node
from node.edges.web import problems
from node.edges.web.guard import Guard
from node.edges.web.parts import WebParts
from node.edges.web.routers import (
    adjudicating,
    amending,
    applications,
    case_orders,
    concerns,
    contests,
    course_authoring,
    courses,
    exams,
    exclusions,
    extra_reads,
    frames,
    fusing,
    labelers,
    open_work,
    outside_readings,
    pay,
    pay_desk,
    people,
    priors,
    project_life,
    projects,
    quarantine,
    reading,
    records,
    reidentifications,
    sign_in,
    statement_prints,
    store,
    tokens,
)
from node.ground.errors import NodeError

PAGE: Final = Path(node.__file__).parent / "web" / "dist"
API_VERSION = "1"
_OWN: Final = (
    sign_in, people, applications, labelers, open_work, projects, project_life, case_orders, reading, frames, records,
    quarantine, exclusions, reidentifications, tokens, store, amending, concerns, fusing, pay, pay_desk, contests,
    adjudicating, courses, course_authoring, exams, extra_reads, outside_readings, statement_prints, priors,
)  # fmt: skip


def create_app(parts: WebParts, extra_routers: Sequence[APIRouter] = (), page: Path = PAGE) -> FastAPI:
    """The whole application over these parts; the page is served where it was built."""
    app = _routes(extra_routers)
    app.state.parts = parts
    app.add_middleware(Guard, parts=parts)
    if (page / "index.html").is_file():
        app.mount("/", StaticFiles(directory=page, html=True), name="page")
    return app


def openapi_document(extra_routers: Sequence[APIRouter] = ()) -> str:
    """The OpenAPI document of the routes, the same text for the same routes."""
    return json.dumps(_routes(extra_routers).openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_openapi(path: Path, extra_routers: Sequence[APIRouter] = ()) -> None:
    """The file holds the OpenAPI document."""
    path.write_text(openapi_document(extra_routers), encoding="utf-8")


def _routes(extra_routers: Sequence[APIRouter]) -> FastAPI:
    app = FastAPI(title="Intramuros node", version=API_VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    for own in _OWN:
        app.include_router(own.router)
    for router in extra_routers:
        app.include_router(router)
    app.add_exception_handler(NodeError, _refused)
    app.add_exception_handler(RequestValidationError, _unparsed)
    app.add_exception_handler(HTTPException, _unrouted)
    return app


def _refused(_request: Request, error: Exception) -> Response:
    return problems.respond_to(error) if isinstance(error, NodeError) else problems.respond(problems.INTERNAL)


def _unparsed(_request: Request, error: Exception) -> Response:
    """Names the fields that were refused and why, and repeats nothing that was sent."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    in_path = any(item["loc"][:1] == ("path",) for item in found)
    if in_path:
        return problems.respond(problems.NOT_FOUND)
    fields = [{"field": ".".join(map(str, item["loc"][1:])), "code": item["type"]} for item in found]
    return problems.respond(problems.REQUEST_REFUSED, fields=fields)


def _unrouted(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = {404: problems.NOT_FOUND, 405: problems.METHOD_UNKNOWN, 400: problems.REQUEST_REFUSED}
    return problems.respond(known.get(status, problems.INTERNAL))
