"""Tokens of workstations and scripts: hospital IT makes one, sees its secret once, lists and revokes them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from fastapi import APIRouter, Request

from node.edges.web.bodies import NewTokenBody
from node.edges.web.parts import Parts
from node.edges.web.session import caller
from node.edges.web.views import View
from node.flows.act import act_of
from node.flows.tokens import all_tokens, issue_token, revoke_token
from node.ground.ids import new_id, new_secret
from node.readers.roles import Role
from node.readers.token import NewToken, Token
from protocols.ids import Uuid

router = APIRouter(tags=["tokens"])


class TokenState(StrEnum):
    """Whether whoever shows a token is let in, and why not."""

    WORKS = "works"
    ENDED = "ended"
    REVOKED = "revoked"


class TokenView(View):
    """One token, without its secret."""

    token_id: str
    name: str
    role: Role
    state: TokenState
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokensView(View):
    """Every token there ever was, the newest first."""

    tokens: list[TokenView]


class TokenMadeView(View):
    """A new token with its secret, which is answered now and never again."""

    token: TokenView
    secret: str


@router.get("/api/tokens")
def tokens(parts: Parts) -> TokensView:
    """Every token, the newest first."""
    now = parts.clock.now()
    return TokensView(tokens=[_view(one, now) for one in all_tokens(parts.ward)])


@router.post("/api/tokens", status_code=201)
def make_token(body: NewTokenBody, request: Request, parts: Parts) -> TokenMadeView:
    """The token works from now on; nothing but its digest is kept of the secret."""
    act = act_of(caller(request).person_id, parts.clock.now())
    new = NewToken(body.name, body.role, body.days)
    issued = issue_token(parts.ward, new, act, token_id=new_id(), secret=new_secret())
    return TokenMadeView(token=_view(issued.token, act.now), secret=issued.secret)


@router.post("/api/tokens/{token_id}/revocation", status_code=204)
def revoke(token_id: Uuid, request: Request, parts: Parts) -> None:
    """The next request that shows the token is refused."""
    revoke_token(parts.ward, token_id, act_of(caller(request).person_id, parts.clock.now()))


def _view(one: Token, now: datetime) -> TokenView:
    ended = TokenState.WORKS if one.works(now) else TokenState.ENDED
    return TokenView(
        token_id=one.token_id,
        name=one.name,
        role=one.role,
        state=ended if one.revoked_at is None else TokenState.REVOKED,
        made_at=one.made_at,
        expires_at=one.expires_at,
        revoked_at=one.revoked_at,
    )
