"""Rounds of secure aggregation in `round.db`: secrets encrypted, overwritten when they are spent, never backed up.

A round's state and the answer it gave are one transaction. Answers are kept for the round under way and the one before,
each for its latest attempt: they left already and are no secret. A database that was lost or set back has no state for
the attempt that is asked for, so the node refuses it; its secrets are nowhere else.
Source: NIST SP 800-38D (AES-GCM); plan, run and round are bound in as associated data.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    String,
    Table,
    and_,
    delete,
    insert,
    or_,
    select,
)

from node.ground.clock import Clock
from node.release.secure.keeping import RoundUnreadable, packed, unpacked
from node.release.secure.member import SecureReply
from node.release.secure.state import Act, RoundName, SecureRound
from node.storage.engine import reading, shorten_journal, writing
from node.storage.moments import Moment
from node.storage.round_store import metadata

secure_round = Table(
    "secure_round",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("run_id", String(36), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("members_sha256", String(64), nullable=False),
    Column("trained_sha256", String(64), nullable=False),
    Column("words_sha256", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", Moment(), nullable=False),
)
secure_reply = Table(
    "secure_reply",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("run_id", String(36), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("act", String(16), primary_key=True),
    Column("asked_sha256", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

_NONCE_BYTES = 12
_ROUNDS_ANSWERED = 2
"""Answers of how many rounds of a run are kept."""


class StoredSecureRounds:
    """Implements `SecureRounds`."""

    def __init__(self, engine: Engine, key: bytes, clock: Clock) -> None:
        self._engine = engine
        self._cipher = AESGCM(key)
        self._clock = clock

    def of_round(self, name: RoundName) -> SecureRound | None:
        """The round's state, of its latest attempt. Raises: RoundUnreadable."""
        with reading(self._engine) as connection:
            sealed: bytes | None = connection.scalar(select(secure_round.c.sealed).where(_is(secure_round, name)))
        return None if sealed is None else self._opened(name, sealed)

    def members_of(self, name: RoundName) -> str | None:
        """The digest of the members this round's run began with; nothing for a run that is new."""
        first = select(secure_round.c.members_sha256).where(_of_run(secure_round, name)).order_by(secure_round.c.round)
        with reading(self._engine) as connection:
            found: str | None = connection.scalar(first.limit(1))
        return found

    def reply(self, name: RoundName, attempt: int, act: Act) -> SecureReply | None:
        """What was answered to this step of this attempt."""
        this = and_(_is(secure_reply, name), secure_reply.c.attempt == attempt, secure_reply.c.act == act.value)
        with reading(self._engine) as connection:
            row = connection.execute(
                select(secure_reply.c.asked_sha256, secure_reply.c.sealed).where(this)
            ).one_or_none()
        return None if row is None else SecureReply(act, row.asked_sha256, row.sealed)

    def revealed_like(self, state: SecureRound) -> tuple[str, ...]:
        """The list this node revealed for where its update was the same. Raises: RoundUnreadable."""
        columns = secure_round.c
        same = or_(
            and_(columns.plan_id == state.name.plan_id, columns.trained_sha256 == state.trained_sha256),
            columns.words_sha256 == state.words_sha256,
        )
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(columns.plan_id, columns.run_id, columns.round, columns.sealed).where(same)
            )
            found = [(RoundName(row.plan_id, row.run_id, row.round), row.sealed) for row in rows]
        lists = (self._opened(name, sealed).revealed_for for name, sealed in found)
        return next((revealed for revealed in lists if revealed), ())

    def _opened(self, name: RoundName, sealed: bytes) -> SecureRound:
        try:
            return unpacked(self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(name)))
        except InvalidTag:
            raise RoundUnreadable("the stored round does not open") from None

    def keep(self, state: SecureRound, reply: SecureReply | None) -> None:
        """State and reply are stored durably, together; secrets of earlier states are gone."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, packed(state), _bound_to(state.name))
        with writing(self._engine) as connection:
            connection.execute(delete(secure_round).where(_is(secure_round, state.name)))
            connection.execute(
                insert(secure_round).values(
                    plan_id=state.name.plan_id,
                    run_id=state.name.run_id,
                    round=state.name.round,
                    members_sha256=state.about.members_sha256,
                    trained_sha256=state.trained_sha256,
                    words_sha256=state.words_sha256,
                    sealed=sealed,
                    kept_at=self._clock.now(),
                )
            )
            _keep_reply(connection, state, reply)
        if state.secrets is None:
            shorten_journal(self._engine)


def _keep_reply(connection: Connection, state: SecureRound, reply: SecureReply | None) -> None:
    name, attempt, replies = state.name, state.about.attempt, secure_reply.c
    older = or_(
        replies.round <= name.round - _ROUNDS_ANSWERED, and_(replies.round == name.round, replies.attempt < attempt)
    )
    connection.execute(delete(secure_reply).where(_of_run(secure_reply, name), older))
    if reply is not None:
        connection.execute(
            insert(secure_reply).values(
                plan_id=name.plan_id,
                run_id=name.run_id,
                round=name.round,
                attempt=attempt,
                act=reply.act.value,
                asked_sha256=reply.asked_sha256,
                sealed=reply.sealed,
            )
        )


def _of_run(table: Table, name: RoundName) -> ColumnElement[bool]:
    return and_(table.c.plan_id == name.plan_id, table.c.run_id == name.run_id)


def _is(table: Table, name: RoundName) -> ColumnElement[bool]:
    return and_(_of_run(table, name), table.c.round == name.round)


def _bound_to(name: RoundName) -> bytes:
    return f"secure|{name.plan_id}|{name.run_id}|{name.round}".encode("ascii")
