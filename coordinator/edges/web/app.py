"""The api process as an ASGI application: errors leave through one table, every answer carries the same headers."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.middleware.base import BaseHTTPMiddleware, DispatchFunction, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from coordinator.edges.web.desk import Desk
from coordinator.edges.web.operator_routes import operator_routes
from coordinator.edges.web.partner_routes import partner_routes
from coordinator.edges.web.problems import answer_problem, problem_response
from coordinator.edges.web.site_routes import site_routes
from coordinator.ground.errors import CoordinatorError
from protocols.errors import FrameRefused, ProtocolError

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def api_app(desk: Desk) -> FastAPI:
    """Site, partner and operator routes."""
    app = FastAPI(title="Intramuros coordinator", docs_url=None, redoc_url=None, openapi_url=None)
    for router in (site_routes(desk), partner_routes(desk), operator_routes(desk)):
        app.include_router(router)

    @app.get("/api/health")
    def get_health() -> dict[str, str]:
        return {"status": "ready"}

    app.add_exception_handler(CoordinatorError, answer_problem)
    app.add_exception_handler(ProtocolError, answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_malformed)
    app.add_exception_handler(Exception, answer_problem)
    app.add_middleware(BaseHTTPMiddleware, dispatch=_guard(desk.port))
    return app


def run_api(desk: Desk) -> None:
    """Serves the application on loopback until the process is told to stop. Requests are not logged."""
    uvicorn.run(
        api_app(desk),
        host="127.0.0.1",
        port=desk.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


def _guard(port: int) -> DispatchFunction:
    """The operator's page answers to this machine's names only, so that no foreign page can point a browser at it."""
    own = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}

    async def pass_or_refuse(request: Request, call_next: RequestResponseEndpoint) -> Response:
        outside = request.headers.get("host") not in own or "x-forwarded-for" in request.headers
        if outside and not request.url.path.startswith("/api/"):
            return PlainTextResponse("not here\n", 404)
        response = await call_next(request)
        response.headers.update(_HEADERS)
        return response

    return pass_or_refuse


async def _answer_malformed(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(FrameRefused("malformed request"))
