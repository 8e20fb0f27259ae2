"""Who asks: the session the guard found, and the cookie that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from node.edges.web.parts import WebParts
from node.flows.sign_in import SignedIn
from node.ground.texts import Language
from node.labeling.blinding import Viewer
from node.readers.errors import SessionEnded
from node.readers.roles import Role
from node.readers.session import Session

CSRF_HEADER = "x-intramuros-csrf"


@dataclass(frozen=True, slots=True)
class Caller:
    """The person who asks, as every router may know them."""

    person_id: str
    roles: frozenset[Role]
    language: Language


def address_of(request: Request) -> str:
    """Where the request comes from, as far as the server knows."""
    return request.client.host if request.client is not None else "unknown"


def session_of(request: Request) -> Session:
    """The session of this request; the guard let nobody through without one, except on public routes.

    Raises:
        SessionEnded: the route is public and nobody is signed in.
    """
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        raise SessionEnded("nobody is signed in")
    return session


def caller(request: Request) -> Caller:
    """Who asks. Raises: SessionEnded."""
    person = session_of(request).person
    return Caller(person.person_id, person.roles, person.language)


def viewer(request: Request) -> Viewer:
    """Who looks, for the rule of blinding. Raises: SessionEnded."""
    person = session_of(request).person
    return Viewer(person.person_id, person.roles)


# Async, so that FastAPI does not send them through a thread: that costs more than the lookup.
async def _session(request: Request) -> Session:
    return session_of(request)


async def _viewer(request: Request) -> Viewer:
    return viewer(request)


SignedInSession = Annotated[Session, Depends(_session)]
SignedInViewer = Annotated[Viewer, Depends(_viewer)]


def give_cookie(response: Response, parts: WebParts, signed_in: SignedIn) -> None:
    """The browser keeps the session's secret, out of reach of scripts and of other sites' requests."""
    response.set_cookie(
        parts.cookie_name,
        signed_in.secret,
        max_age=int(parts.door.session_lifetime.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=parts.secure,
    )


def take_cookie(response: Response, parts: WebParts) -> None:
    """The browser forgets the session's secret."""
    response.delete_cookie(parts.cookie_name, path="/", httponly=True, samesite="strict", secure=parts.secure)
