"""Tokens, in one transaction of the ward; their secrets are there as digests only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from node.ground.audit import AuditEvent
from node.readers.roles import Role
from node.readers.token import Token
from node.storage.audit import record
from node.storage.ward_tables import audit, token

# Built once: every request of a machine runs it.
TOKEN_SHOWN = select(token).where(token.c.digest == bindparam("of_digest"))


@dataclass(frozen=True, slots=True)
class TokenRows:
    """The tokens of one transaction."""

    connection: Connection

    def add(self, made: Token, digest: str, event: AuditEvent) -> None:
        """The token is stored."""
        self.connection.execute(
            insert(token).values(
                token_id=made.token_id,
                digest=digest,
                name=made.name,
                role=made.role.value,
                made_at=made.made_at,
                expires_at=made.expires_at,
            )
        )
        record(self.connection, audit, event)

    def of_digest(self, digest: str) -> Token | None:
        """The token of this secret, whether it still works or not."""
        row = self.connection.execute(TOKEN_SHOWN, {"of_digest": digest}).one_or_none()
        return None if row is None else token_of(row)

    def revoke(self, token_id: str, event: AuditEvent) -> bool:
        """Whether there was such a token, and it had not been revoked; it is now."""
        standing = update(token).where(token.c.token_id == token_id, token.c.revoked_at.is_(None))
        if self.connection.execute(standing.values(revoked_at=event.at)).rowcount == 0:
            return False
        record(self.connection, audit, event)
        return True

    def all(self) -> Iterator[Token]:
        """Every token, the newest first."""
        query = select(token).order_by(token.c.made_at.desc(), token.c.token_id)
        return map(token_of, self.connection.execute(query))


def token_of(row: Row[Any]) -> Token:
    """The token a row of the table holds."""
    return Token(row.token_id, row.name, Role(row.role), row.made_at, row.expires_at, row.revoked_at)
