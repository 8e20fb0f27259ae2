"""Tokens are made, listed and revoked; each act is audited, and a revoked token is refused from the next request on."""

from __future__ import annotations

from dataclasses import dataclass, field

from node.flows.act import Act
from node.flows.ward import Ward
from node.readers.errors import TokenUnknown
from node.readers.token import NewToken, Token, check_new, end_of, token_digest


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token with its secret, which is shown now and never again."""

    token: Token
    secret: str = field(repr=False)


def issue_token(ward: Ward, new: NewToken, act: Act, *, token_id: str, secret: str) -> IssuedToken:
    """A workstation or script that shows the secret is let in until the token ends or is revoked.

    Raises:
        TokenRefused: no name, a role that no rule of DICOMweb names, or too long a time.
    """
    check_new(new)
    token = Token(token_id, new.name, new.role, act.now, end_of(new, act.now))
    with ward.writing() as work:
        work.tokens.add(token, token_digest(secret), act.event("token.made", f"token:{token_id}", new.role.value))
    return IssuedToken(token, secret)


def revoke_token(ward: Ward, token_id: str, act: Act) -> None:
    """The token lets nobody in any more. Raises: TokenUnknown, also for one that was revoked before."""
    with ward.writing() as work:
        if not work.tokens.revoke(token_id, act.event("token.revoked", f"token:{token_id}")):
            raise TokenUnknown


def find_token(ward: Ward, digest: str) -> Token | None:
    """The token of this digest, whether it still works or not."""
    with ward.reading() as work:
        return work.tokens.of_digest(digest)


def all_tokens(ward: Ward) -> list[Token]:
    """Every token there ever was, the newest first."""
    with ward.reading() as work:
        return list(work.tokens.all())
