"""The tables of `ward.db` for adjudication, and which places are adjudicators'."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, select

from node.storage.moments import Moment
from node.storage.ward_tables import Id, metadata

adjudication = Table(
    "adjudication",
    metadata,
    Column("adjudication_id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("project.project_id"), nullable=False),
    Column("case_id", Id, ForeignKey("cases.case_id"), nullable=False),
    Column("question", String(140), nullable=False),
    Column("state", String(16), nullable=False),
    Column("adjudicator_id", Id),
    Column("assignment_id", Id, index=True),
    Column("order_seed", BigInteger, nullable=False),
    Column("option", String(64)),
    Column("reason", String(32)),
    Column("made_at", Moment(), nullable=False),
    Column("decided_at", Moment()),
    Index("adjudication_case", "project_id", "case_id"),
)

adjudicator_place = Table(
    "adjudicator_place",
    metadata,
    Column("assignment_id", Id, ForeignKey("assignment.assignment_id"), primary_key=True),
)

ADJUDICATORS: Final = select(adjudicator_place.c.assignment_id)
"""The places that adjudicators read under: in no worklist, no deal, and no vote."""
