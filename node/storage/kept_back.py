"""What a hospital keeps back of updates that go in turns, in `round.db`: encrypted, never backed up.

Source: NIST SP 800-38D (AES-GCM); plan, run and round are bound in as associated data.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Engine, Integer, LargeBinary, String, Table, and_, delete, insert, select

from node.ground.clock import Clock
from node.release.secure.state import RoundName
from node.storage.engine import reading, writing
from node.storage.moments import Moment
from node.storage.round_store import RoundSecretDamaged, metadata

kept_back = Table(
    "kept_back",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("run_id", String(36), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", Moment(), nullable=False),
)

_NONCE_BYTES = 12
_ROUNDS_KEPT = 2
"""Of a run: the round under way and the one before, whose sum may still have to be told."""


class StoredKeptBack:
    """Implements `KeptBack`."""

    def __init__(self, engine: Engine, key: bytes, clock: Clock) -> None:
        self._engine = engine
        self._cipher = AESGCM(key)
        self._clock = clock

    def of_round(self, name: RoundName) -> bytes | None:
        """The numbers a round begins with beside its own update. Raises: RoundSecretDamaged."""
        this = and_(
            kept_back.c.plan_id == name.plan_id, kept_back.c.run_id == name.run_id, kept_back.c.round == name.round
        )
        with reading(self._engine) as connection:
            sealed: bytes | None = connection.scalar(select(kept_back.c.sealed).where(this))
        if sealed is None:
            return None
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(name))
        except InvalidTag:
            raise RoundSecretDamaged(f"what was kept back for round {name.round} does not open") from None

    def keep(self, name: RoundName, numbers: bytes) -> None:
        """They are stored durably; what was there for the round stays, what is older than the round before is gone."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, numbers, _bound_to(name))
        run = and_(kept_back.c.plan_id == name.plan_id, kept_back.c.run_id == name.run_id)
        with writing(self._engine) as connection:
            here = connection.scalar(select(kept_back.c.round).where(and_(run, kept_back.c.round == name.round)))
            if here is not None:
                return
            connection.execute(delete(kept_back).where(and_(run, kept_back.c.round <= name.round - _ROUNDS_KEPT)))
            connection.execute(
                insert(kept_back).values(
                    plan_id=name.plan_id,
                    run_id=name.run_id,
                    round=name.round,
                    sealed=sealed,
                    kept_at=self._clock.now(),
                )
            )


def _bound_to(name: RoundName) -> bytes:
    return f"kept-back|{name.plan_id}|{name.run_id}|{name.round}".encode("ascii")
