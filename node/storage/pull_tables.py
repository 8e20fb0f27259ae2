"""Pulls and their studies in `intake.db`: the query and every UID sealed, a study found again by its keyed digest."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from node.storage.intake_tables import METADATA
from node.storage.moments import Moment

PULL = Table(
    "pull",
    METADATA,
    Column("pull_id", String(36), primary_key=True),
    Column("name", String(40), nullable=False, unique=True),
    Column("source", String(32), nullable=False),
    Column("sealed_query", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(64), nullable=False),
    Column("saved_at", Moment(), nullable=False),
)

PULL_STUDY = Table(
    "pull_study",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("study_id", String(36), nullable=False, unique=True),
    Column("pull_id", String(36), ForeignKey("pull.pull_id"), nullable=False),
    Column("study_lookup", String(64), nullable=False),
    Column("sealed_uid", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("expected", Integer, nullable=False),
    Column("arrived", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("code", String(64), nullable=False),
    UniqueConstraint("pull_id", "study_lookup", name="pull_study_once"),
    Index("pull_study_state", "pull_id", "state"),
)
