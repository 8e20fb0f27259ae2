"""Round secrets in `round.db`: the one vector of a round before its mask, encrypted; never backed up.

Source: NIST SP 800-38D (AES-GCM); plan, run, round and model are bound in as associated data.
"""

from __future__ import annotations

import json
import os
import struct
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Connection, Engine, Integer, LargeBinary, MetaData, String, Table, and_, insert, select

from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.release.asked import Asked
from node.release.update import RoundVector
from node.storage.engine import reading, writing
from node.storage.moments import Moment

metadata = MetaData()

round_vector = Table(
    "round_vector",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("run_id", String(36), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("base_model_sha256", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", Moment(), nullable=False),
)

_NONCE_BYTES = 12
_LENGTH = struct.Struct(">I")


class RoundSecretDamaged(NodeError):
    """A stored vector does not open under this node's key; the round cannot be answered."""


class RoundStore:
    """Implements `RoundVectors`."""

    def __init__(self, engine: Engine, key: bytes, clock: Clock) -> None:
        self._engine = engine
        self._cipher = AESGCM(key)
        self._clock = clock

    def keep(self, asked: Asked, vector: RoundVector) -> RoundVector:
        """The vector kept for the round: this one, or the one that was there first."""
        with writing(self._engine) as connection:
            first = self._found(connection, asked)
            if first is not None:
                return first
            self._insert(connection, asked, vector, self._clock.now())
            return vector

    def kept(self, asked: Asked) -> RoundVector | None:
        """The vector of the round and its received model.

        Raises:
            RoundSecretDamaged: it does not open.
        """
        with reading(self._engine) as connection:
            return self._found(connection, asked)

    def _found(self, connection: Connection, asked: Asked) -> RoundVector | None:
        same = and_(
            round_vector.c.plan_id == asked.plan_id,
            round_vector.c.run_id == asked.run_id,
            round_vector.c.round == asked.round,
            round_vector.c.base_model_sha256 == asked.model_sha256,
        )
        sealed: bytes | None = connection.scalar(select(round_vector.c.sealed).where(same))
        if sealed is None:
            return None
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(asked))
        except InvalidTag:
            raise RoundSecretDamaged(f"the vector of round {asked.round} does not open") from None
        return _unpacked(asked, plain)

    def _insert(self, connection: Connection, asked: Asked, vector: RoundVector, at: datetime) -> None:
        nonce = os.urandom(_NONCE_BYTES)
        connection.execute(
            insert(round_vector).values(
                plan_id=asked.plan_id,
                run_id=asked.run_id,
                round=asked.round,
                base_model_sha256=asked.model_sha256,
                sealed=nonce + self._cipher.encrypt(nonce, _packed(vector), _bound_to(asked)),
                kept_at=at,
            )
        )


def _bound_to(asked: Asked) -> bytes:
    return f"{asked.plan_id}|{asked.run_id}|{asked.round}|{asked.model_sha256}".encode("ascii")


def _packed(vector: RoundVector) -> bytes:
    head = {
        "weight": vector.weight,
        "metrics": [list(metric) for metric in vector.metrics],
        "update_sha256": vector.update_sha256,
        "update_norm": vector.update_norm,
        "update_histogram": vector.update_histogram,
    }
    header = json.dumps(head).encode("utf-8")
    return _LENGTH.pack(len(header)) + header + vector.vector


def _unpacked(asked: Asked, plain: bytes) -> RoundVector:
    (length,) = _LENGTH.unpack(plain[: _LENGTH.size])
    start = _LENGTH.size + length
    head = json.loads(plain[_LENGTH.size : start])
    return RoundVector(
        base_model_sha256=asked.model_sha256,
        vector=plain[start:],
        weight=head["weight"],
        metrics=tuple((name, value) for name, value in head["metrics"]),
        update_sha256=head["update_sha256"],
        update_norm=head["update_norm"],
        update_histogram=None if (kept := head.get("update_histogram")) is None else tuple(kept),
    )
