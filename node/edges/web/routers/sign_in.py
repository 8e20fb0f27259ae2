"""Signing in and out, the own password and language, and whether the node is up."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from node.edges.web.bodies import LanguageBody, PasswordBody, SignInBody
from node.edges.web.parts import Parts, WebParts
from node.edges.web.session import SignedInSession, address_of, give_cookie, take_cookie
from node.edges.web.views import SessionView, StrokeKeyView, own_person_view, session_view
from node.flows import sign_in
from node.ground.ids import new_secret
from node.readers.session import csrf_token

router = APIRouter(tags=["session"])


@router.get("/api/health", tags=["health"])
def health() -> dict[str, str]:
    """The process answers; nothing more is said."""
    return {"status": "up"}


@router.post("/api/session")
def open_session(body: SignInBody, request: Request, response: Response, parts: Parts) -> SessionView:
    """A new session, with a one-time code or with name and password; a session the browser had before has ended."""
    arrival = sign_in.Arrival(address_of(request), new_secret(), parts.clock.now())
    if body.code is not None:
        signed_in = sign_in.sign_in_with_code(parts.door, body.code, arrival)
    else:
        signed_in = sign_in.sign_in_with_password(parts.door, body.person or "", body.password or "", arrival)
    _end_before(request, parts)
    give_cookie(response, parts, signed_in)
    return session_view(signed_in)


@router.get("/api/session")
def own_session(session: SignedInSession, request: Request, parts: Parts) -> SessionView:
    """Who is signed in, and the token for changes: a page that was loaded anew asks here."""
    secret = request.cookies[parts.cookie_name]
    return SessionView(person=own_person_view(session.person), csrf=csrf_token(secret))


@router.get("/api/session/stroke-key")
def stroke_key(session: SignedInSession, parts: Parts) -> StrokeKeyView:
    """The same key at every sign-in of this person, and of nobody else; a page keeps it in memory alone."""
    return StrokeKeyView(key=parts.stroke_key(session.person.person_id))


@router.delete("/api/session", status_code=204)
def end_session(session: SignedInSession, response: Response, parts: Parts) -> None:
    """The session has ended, on the node and in the browser."""
    sign_in.sign_out(parts.ward, session, parts.clock.now())
    take_cookie(response, parts)


@router.put("/api/session/password", status_code=204)
def set_password(body: PasswordBody, session: SignedInSession, parts: Parts) -> None:
    """The own password is the new one; other sessions have ended."""
    sign_in.set_password(parts.door, session, new=body.new, current=body.current, now=parts.clock.now())


@router.put("/api/session/language", status_code=204)
def set_language(body: LanguageBody, session: SignedInSession, parts: Parts) -> None:
    """Texts come in this language from now on."""
    sign_in.set_language(parts.ward, session, body.language, parts.clock.now())


def _end_before(request: Request, parts: WebParts) -> None:
    secret = request.cookies.get(parts.cookie_name)
    if secret is None:
        return
    before = sign_in.find_session(parts.ward, secret, parts.clock.now())
    if before is not None:
        sign_in.sign_out(parts.ward, before, parts.clock.now())
