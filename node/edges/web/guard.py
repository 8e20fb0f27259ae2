"""The guard before every route: rule, session, role, CSRF token, size, in this order; then the request goes on.

What has no rule is answered 404 without looking further. A body is read only after its sender was let in. Whatever
comes back carries the safety headers; whatever fails inside leaves as a problem document, and the log names the kind of
error and nothing of its text.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from time import monotonic
from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.edges.web import problems
from node.edges.web.access import Rule, Who, methods_of, rule_of
from node.edges.web.parts import WebParts
from node.edges.web.session import CSRF_HEADER
from node.flows.sign_in import find_session
from node.ground.logs import log
from node.readers.session import MAX_SECRET_CHARACTERS, Session, csrf_matches

SAFE_METHODS = frozenset({"GET", "HEAD"})
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SAFETY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


_PAGE = Rule(Who.PUBLIC)


@dataclass(frozen=True, slots=True)
class _Passed:
    """A request that may go on."""

    session: Session | None
    body: bytes


class Guard:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, parts: WebParts) -> None:
        self._app = app
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request was answered, by its route or by a refusal."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._guard_request(scope, receive, _Answer(send, self._parts.secure, scope["path"]))

    async def _guard_request(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        started, method, path = monotonic(), scope["method"], scope["path"]
        found = rule_of(method, path) if path.startswith("/api/") else ("page", _PAGE)
        route = "unknown" if found is None else found[0]
        try:
            if found is None:
                await _no_route(path)(scope, receive, answer)
            else:
                await self._pass_on(scope, receive, answer, found[1])
        except Exception as error:  # noqa: BLE001 - the last line: any error leaves as a problem, its text nowhere
            log().error("request.failed", method=method, route=route, error_type=type(error).__name__)
            if answer.status == 0:
                await problems.respond(problems.INTERNAL)(scope, receive, answer)
        seconds = round(monotonic() - started, 4)
        session: Session | None = scope.get("state", {}).get("session")
        person_id = None if session is None else session.person.person_id
        log().info("request", method=method, route=route, status=answer.status, seconds=seconds, person_id=person_id)

    async def _pass_on(self, scope: Scope, receive: Receive, answer: Send, rule: Rule) -> None:
        passed = await self._admit(scope, receive, rule)
        if isinstance(passed, Response):
            await passed(scope, receive, answer)
        else:
            scope["state"] = {**scope.get("state", {}), "session": passed.session}
            await self._app(scope, _replay(passed.body, receive), answer)

    async def _admit(self, scope: Scope, receive: Receive, rule: Rule) -> _Passed | Response:
        headers = Headers(scope=scope)
        if rule.who is Who.PUBLIC:
            return await _bounded(scope, receive, rule, None)
        secret = _cookie(headers, self._parts.cookie_name)
        session = None
        if secret is not None:
            session = await run_sync(find_session, self._parts.ward, secret, self._parts.clock.now())
        if secret is None or session is None:
            return problems.respond(problems.NOT_SIGNED_IN)
        if not rule.allows(session.person.roles):
            return problems.respond(problems.ROLE_MISSING)
        if scope["method"] not in SAFE_METHODS and not csrf_matches(secret, headers.get(CSRF_HEADER)):
            return problems.respond(problems.CSRF_MISSING)
        return await _bounded(scope, receive, rule, session)


class _Answer:
    """The way out: adds the safety headers and remembers the status."""

    def __init__(self, send: Send, secure: bool, path: str) -> None:
        self._send = send
        self._secure = secure
        self._path = path
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """The message was sent."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in SAFETY_HEADERS.items():
                headers[name] = value
            headers["cache-control"] = _cache_control(self._path)
            if self._secure:
                headers["strict-transport-security"] = "max-age=31536000"
        await self._send(message)


def _cache_control(path: str) -> str:
    if path.startswith("/api/"):
        return "no-store"
    return "public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"


def _no_route(path: str) -> Response:
    methods = methods_of(path)
    if not methods:
        return problems.respond(problems.NOT_FOUND)
    return problems.respond(problems.METHOD_UNKNOWN, headers={"Allow": ", ".join(methods)})


async def _bounded(scope: Scope, receive: Receive, rule: Rule, session: Session | None) -> _Passed | Response:
    """The whole body, when it is small enough and JSON; routes that take none ignore it."""
    if scope["method"] in SAFE_METHODS:
        return _Passed(session, b"")
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > rule.max_body_bytes:
            return problems.respond(problems.BODY_TOO_LARGE, limit_bytes=rule.max_body_bytes)
    kind = Headers(scope=scope).get("content-type", "").split(";")[0].strip().lower()
    if body and kind != "application/json":
        return problems.respond(problems.NOT_JSON)
    return _Passed(session, bytes(body))


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receiver that hands out the body once, and then whatever comes after it."""
    waiting: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return found.value if found is not None and 0 < len(found.value) <= MAX_SECRET_CHARACTERS else None
