"""The table of `ward.db` for readings of other sources."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text

from node.storage.moments import Moment
from node.storage.ward_tables import Id, metadata

outside_reading = Table(
    "outside_reading",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.case_id"), primary_key=True),
    Column("author", String(40), primary_key=True),
    Column("content", Text, nullable=False),
    Column("imported_at", Moment(), nullable=False),
)
