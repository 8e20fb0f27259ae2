"""The tables of taking part in `wall.db`: groups of patients, and what each round did with which group.

Most rounds of a run have the same patients, so a group is written once and named by its rounds.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from node.storage.moments import Moment
from node.storage.wall_tables import Digest, Id, Word, metadata

patient_group = Table(
    "patient_group",
    metadata,
    Column("group_number", Integer, primary_key=True, autoincrement=True),
    Column("group_sha256", Digest, nullable=False, unique=True),
)

patient_group_member = Table(
    "patient_group_member",
    metadata,
    Column("patient_number", Integer, primary_key=True, autoincrement=False),
    Column("group_number", Integer, primary_key=True, autoincrement=False),
)

round_patients = Table(
    "round_patients",
    metadata,
    Column("run_id", Id, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("exchange", Word, primary_key=True),
    Column("role", Word, primary_key=True),
    Column("group_number", Integer, primary_key=True, autoincrement=False),
    Column("plan_id", Id, nullable=False),
    Column("noted_at", Moment(), nullable=False),
    Index("round_patients_of_group", "group_number"),
)
