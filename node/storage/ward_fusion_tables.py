"""The tables of `ward.db` for how projects fuse."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from node.storage.moments import Moment
from node.storage.ward_tables import Id, metadata

project_fusion = Table(
    "project_fusion",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("method", String(16), nullable=False),
    Column("cases", Integer, nullable=False),
    Column("estimated_at", Moment(), nullable=False),
)

reader_estimate = Table(
    "reader_estimate",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("voted", String(140), primary_key=True),
    Column("content", Text, nullable=False),
)

gold_case = Table(
    "gold_case",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.case_id"), primary_key=True),
    Column("voted", String(140), primary_key=True),
    Column("option", String(64), nullable=False),
)

fused_case = Table(
    "fused_case",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.case_id"), primary_key=True),
    Column("content", Text, nullable=False),
    Column("fused_at", Moment(), nullable=False),
)
