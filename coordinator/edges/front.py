"""The front: the one host and port hospitals and partners reach.

Rules held here:
- `/v1/fleet/` goes to the SuperLink, over TLS; `/api/` to the api process on loopback; everything else is 404;
- a path is taken literally or not at all: no escapes, no dot segments, no empty segments, so that what is checked here
  is what arrives there;
- bodies are passed on as they come, up to a bound; headers of the single hop are dropped both ways.

Not done here: who may do what. The SuperLink checks node keys, the api process checks seals and signatures.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from coordinator.ground.errors import CoordinatorError

BODY_BYTES_MAX: Final = 16 * 1_048_576
FLEET: Final = "/v1/fleet/"
API: Final = "/api/"
_LITERAL_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
_QUERY_BYTES_MAX = 2048
_UPSTREAM_SECONDS = 60.0
_SINGLE_HOP: Final = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host "
    "forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip expect".split()
)


@dataclass(frozen=True, slots=True)
class FrontSettings:
    """Where the front listens, with which certificate, and the two places it passes requests on to."""

    host: str
    port: int
    server_certificate: Path
    server_key: Path
    superlink_address: str
    superlink_root_certificate: Path
    api_url: str
    body_bytes_max: int = BODY_BYTES_MAX


class BodyTooLarge(CoordinatorError):
    """The body went over the bound while it was being passed on."""


@dataclass(frozen=True, slots=True)
class _Upstream:
    """One place requests are passed on to."""

    client: httpx.AsyncClient
    methods: frozenset[str]
    takes_query: bool


def run_front(settings: FrontSettings) -> None:
    """Serves the front until the process is told to stop."""
    uvicorn.Server(server_config(settings)).run()


def server_config(settings: FrontSettings) -> uvicorn.Config:
    """How the front is served: TLS, no websockets, no word of a caller about where it comes from, no paths logged."""
    return uvicorn.Config(
        front_app(settings),
        host=settings.host,
        port=settings.port,
        ssl_certfile=str(settings.server_certificate),
        ssl_keyfile=str(settings.server_key),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
    )


def front_app(settings: FrontSettings) -> Starlette:
    """The front as an ASGI application, with one pool of connections for each place behind it."""
    trust = ssl.create_default_context(cafile=str(settings.superlink_root_certificate))
    upstreams = {
        FLEET: _Upstream(_pool(f"https://{settings.superlink_address}", trust), frozenset({"POST"}), takes_query=False),
        API: _Upstream(_pool(settings.api_url, None), frozenset({"GET", "POST"}), takes_query=True),
    }

    @asynccontextmanager
    async def open_pools(_: Starlette) -> AsyncIterator[None]:
        yield
        for upstream in upstreams.values():
            await upstream.client.aclose()

    route = Route("/{rest:path}", _passing_on(upstreams, settings.body_bytes_max), methods=list(_METHODS))
    return Starlette(routes=[route], lifespan=open_pools)


def literal_path(raw_path: bytes, raw_query: bytes) -> str | None:
    """The path as text when it can be taken literally, otherwise None."""
    if len(raw_query) > _QUERY_BYTES_MAX or not raw_path.isascii():
        return None
    path = raw_path.decode("ascii")
    return path if _LITERAL_PATH.fullmatch(path) else None


def _passing_on(upstreams: Mapping[str, _Upstream], body_bytes_max: int) -> Callable[[Request], Awaitable[Response]]:
    async def pass_on(request: Request) -> Response:
        raw_query: bytes = request.scope["query_string"]
        path = literal_path(request.scope.get("raw_path") or b"", raw_query)
        upstream = next((upstreams[start] for start in upstreams if path is not None and path.startswith(start)), None)
        if path is None or upstream is None or (raw_query and not upstream.takes_query):
            return PlainTextResponse("not here\n", 404)
        if request.method not in upstream.methods:
            return PlainTextResponse("method not allowed\n", 405)
        if _stated_length(request) > body_bytes_max:
            return PlainTextResponse("body too large\n", 413)
        return await _ask(upstream.client, _onward(upstream.client, request, path, body_bytes_max))

    return pass_on


def _onward(client: httpx.AsyncClient, request: Request, path: str, body_bytes_max: int) -> httpx.Request:
    query: bytes = request.scope["query_string"]
    url = client.base_url.copy_with(raw_path=path.encode("ascii") + (b"?" + query if query else b""))
    headers = _kept(request.headers.items())
    if request.client is not None:
        headers.append(("x-forwarded-for", request.client.host))
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    content = _bounded(request, body_bytes_max) if has_body else None
    return client.build_request(request.method, url, headers=headers, content=content)


async def _ask(client: httpx.AsyncClient, onward: httpx.Request) -> Response:
    try:
        answer = await client.send(onward, stream=True)
    except BodyTooLarge:
        return PlainTextResponse("body too large\n", 413)
    except ClientDisconnect:
        return PlainTextResponse("request was cut off\n", 400)
    except httpx.TimeoutException:
        return PlainTextResponse("no answer in time\n", 504)
    except httpx.TransportError:
        return PlainTextResponse("not reachable\n", 502)
    passed = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
    passed.raw_headers = [(name.encode(), value.encode()) for name, value in _kept(answer.headers.multi_items())]
    return passed


async def _bounded(request: Request, body_bytes_max: int) -> AsyncIterator[bytes]:
    passed = 0
    async for piece in request.stream():
        passed += len(piece)
        if passed > body_bytes_max:
            raise BodyTooLarge
        yield piece


def _stated_length(request: Request) -> int:
    stated = request.headers.get("content-length", "0")
    return int(stated) if stated.isdigit() else 0


def _kept(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    named = {name.strip().lower() for key, value in headers if key.lower() == "connection" for name in value.split(",")}
    return [(key, value) for key, value in headers if key.lower() not in _SINGLE_HOP | named]


def _pool(base_url: str, trust: ssl.SSLContext | None) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=4.0)
    timeout = httpx.Timeout(_UPSTREAM_SECONDS, connect=5.0)
    client = httpx.AsyncClient(
        base_url=base_url, verify=trust or True, limits=limits, timeout=timeout, trust_env=False, follow_redirects=False
    )
    client.headers.clear()
    return client
