"""The tables of the roster in `wall.db`: versions, comparisons under way, this hospital's words on others' keys."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table

from node.storage.moments import Moment
from node.storage.wall_tables import Id, metadata

roster_version = Table(
    "roster_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("received_at", Moment(), nullable=False),
)

peer_comparison = Table(
    "peer_comparison",
    metadata,
    Column("peer_site_id", Id, primary_key=True),
    Column("peer_key", LargeBinary, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    # Whether this node drew the nonce.
    Column("began", Boolean, nullable=False),
    Column("begun_at", Moment(), nullable=False),
)

peer_word = Table(
    "peer_word",
    metadata,
    Column("peer_site_id", Id, primary_key=True),
    Column("peer_key_hex", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("signed_at", Moment(), nullable=False),
    # Since when the word is taken back; it may be given again.
    Column("revoked_at", Moment()),
)
