"""The guard before every route: rule, session or token, role, CSRF token, size, in this order; then it goes on.

What has no rule is answered 404 without looking further. A body is read only after its sender was let in. Whatever
comes back carries the safety headers; whatever fails inside leaves as a problem document, and the log names the kind of
error and nothing of its text.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import MutableMapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.edges.web import problems
from node.edges.web.access import Rule, Who, methods_of, rule_of
from node.edges.web.parts import WebParts
from node.edges.web.session import CSRF_HEADER
from node.flows.sign_in import find_session
from node.flows.tokens import find_token
from node.ground.at_once import NotAtOnce
from node.ground.audit import Actor, ActorKind
from node.ground.logs import log
from node.readers.pledge import in_the_house
from node.readers.roles import Role
from node.readers.session import MAX_SECRET_CHARACTERS, Session, csrf_matches, secret_digest
from node.readers.token import Token, token_digest

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


_SAFETY = [(name.encode("ascii"), value.encode("ascii")) for name, value in SAFETY_HEADERS.items()]
_OURS = frozenset([*(name for name, _ in _SAFETY), b"cache-control", b"strict-transport-security"])
_PAGE = Rule(Who.PUBLIC)
_BEARER = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class _Passed:
    """A request that may go on."""

    who: Session | Token | None
    body: bytes

    @property
    def session(self) -> Session | None:
        """The session of the person who asks."""
        return self.who if isinstance(self.who, Session) else None

    @property
    def actor(self) -> Actor | None:
        """Who asks, as audit names them."""
        match self.who:
            case Session():
                return Actor(ActorKind.PERSON, self.who.person.person_id)
            case Token():
                return Actor(ActorKind.TOKEN, self.who.token_id)
            case None:
                return None


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
                await self._pass_on(scope, receive, answer, found)
        except Exception as error:  # noqa: BLE001 - the last line: any error leaves as a problem, its text nowhere
            log().error("request.failed", method=method, route=route, error_type=type(error).__name__)
            if answer.status == 0:
                await problems.respond(problems.INTERNAL)(scope, receive, answer)
        await sleep(0)  # the answer is on the line before its log entry is written
        seconds = round(monotonic() - started, 4)
        session: Session | None = scope.get("state", {}).get("session")
        person_id = None if session is None else session.person.person_id
        log().info("request", method=method, route=route, status=answer.status, seconds=seconds, person_id=person_id)

    async def _pass_on(self, scope: Scope, receive: Receive, answer: Send, found: tuple[str, Rule]) -> None:
        template, rule = found
        passed = await self._admit(scope, receive, rule)
        if isinstance(passed, Response):
            await passed(scope, receive, answer)
            return
        known = {"session": passed.session, "actor": passed.actor, "body": passed.body}
        scope["state"] = {**scope.get("state", {}), **known}
        shortcut = self._parts.shortcuts.get((scope["method"], template))
        if shortcut is None or not await shortcut(scope, answer):
            await self._app(scope, receive if rule.streamed else _replay(passed.body, receive), answer)

    async def _admit(self, scope: Scope, receive: Receive, rule: Rule) -> _Passed | Response:
        headers = Headers(scope=scope)
        if rule.who is Who.PUBLIC:
            return await _bounded(scope, receive, rule, None)
        shown = _bearer(headers)
        if shown is not None:
            return await self._admit_machine(shown, scope, receive, rule)
        secret = _cookie(headers, self._parts.cookie_name)
        session = None if secret is None else await self._session(secret)
        if secret is None or session is None:
            return problems.respond(problems.NOT_SIGNED_IN, headers=_BEARER if rule.machines else None)
        if not rule.allows(session.person.roles):
            return problems.respond(problems.ROLE_MISSING)
        if Role.LABELER in session.person.roles and not in_the_house(_address(scope), self._parts.on_site):
            return problems.respond(problems.ON_SITE_ONLY)
        if scope["method"] not in SAFE_METHODS and not csrf_matches(secret, headers.get(CSRF_HEADER)):
            return problems.respond(problems.CSRF_MISSING)
        return await _bounded(scope, receive, rule, session)

    async def _admit_machine(self, shown: str, scope: Scope, receive: Receive, rule: Rule) -> _Passed | Response:
        """A token instead of a person; no foreign page makes a browser send one, so it needs no CSRF token."""
        token = await self._token(shown)
        if token is None or not token.works(self._parts.clock.now()):
            return problems.respond(problems.TOKEN_REFUSED, headers=_BEARER)
        if not (rule.machines and rule.allows(frozenset({token.role}))):
            return problems.respond(problems.ROLE_MISSING)
        return await _bounded(scope, receive, rule, token)

    async def _token(self, shown: str) -> Token | None:
        digest = token_digest(shown)
        try:
            return self._parts.sessions.find_token(digest)
        except NotAtOnce:
            return await run_sync(find_token, self._parts.ward, digest)

    async def _session(self, secret: str) -> Session | None:
        """The running session of this secret, from its rows as they are now."""
        now = self._parts.clock.now()
        try:
            return self._parts.sessions.find_session(secret_digest(secret), now)
        except NotAtOnce:
            return await run_sync(find_session, self._parts.ward, secret, now)


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
            own = [(b"cache-control", _cache_control(self._path)), *_SAFETY]
            if self._secure:
                own.append((b"strict-transport-security", b"max-age=31536000"))
            given = message.get("headers", ())
            message["headers"] = [header for header in given if header[0].lower() not in _OURS] + own
        await self._send(message)


def _cache_control(path: str) -> bytes:
    if path.startswith("/api/"):
        return b"no-store"
    return b"public, max-age=31536000, immutable" if path.startswith("/assets/") else b"no-cache"


def _no_route(path: str) -> Response:
    methods = methods_of(path)
    if not methods:
        return problems.respond(problems.NOT_FOUND)
    return problems.respond(problems.METHOD_UNKNOWN, headers={"Allow": ", ".join(methods)})


async def _bounded(scope: Scope, receive: Receive, rule: Rule, who: Session | Token | None) -> _Passed | Response:
    """The whole body, when it is small enough and JSON; routes that take none ignore it, some read it themselves."""
    if scope["method"] in SAFE_METHODS or rule.streamed:
        return _Passed(who, b"")
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
    return _Passed(who, bytes(body))


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receiver that hands out the body once, and then whatever comes after it."""
    waiting: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _address(scope: Scope) -> str:
    """Where the request comes from; "" where the server does not know."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _bearer(headers: Headers) -> str | None:
    """What a machine shows instead of a cookie; "" where it can be no token. Source: RFC 6750 section 2.1."""
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    shown = shown.strip()
    return shown if len(shown) <= MAX_SECRET_CHARACTERS else ""


def _cookie(headers: Headers, name: str) -> str | None:
    """The value of a cookie that this node gave: ASCII without quotes, so that nothing has to be unquoted."""
    for pair in headers.get("cookie", "").split(";"):
        given, _, value = (part.strip() for part in pair.partition("="))
        if given == name:
            return value if 0 < len(value) <= MAX_SECRET_CHARACTERS else None
    return None
