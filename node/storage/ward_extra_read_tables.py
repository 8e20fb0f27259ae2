"""Tables of `ward.db` about extra reads: asked while consensus is unsure, and repeats under other names."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, LargeBinary, String, Table, select

from node.storage.moments import Moment
from node.storage.ward_tables import Id, metadata

adaptive_reads = Table(
    "adaptive_reads",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("bound", Float, nullable=False),
    Column("by_chance", Float, nullable=False),
    Column("key", LargeBinary(32), nullable=False),
    Column("places_each", Integer, nullable=False, server_default="1"),
)

extra_place = Table(
    "extra_place",
    metadata,
    Column("assignment_id", Id, ForeignKey("assignment.assignment_id"), primary_key=True),
    Column("for_doubt", Boolean, nullable=False),
)

repeats = Table(
    "repeats",
    metadata,
    Column("project_id", Id, ForeignKey("project.project_id"), primary_key=True),
    Column("share", Float, nullable=False),
    Column("after_days", Integer, nullable=False),
)

repeat_case = Table(
    "repeat_case",
    metadata,
    Column("case_id", Id, ForeignKey("cases.case_id"), primary_key=True),
    Column("of_case_id", Id, ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("project_id", Id, ForeignKey("project.project_id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("made_at", Moment(), nullable=False),
)

repeat_image = Table(
    "repeat_image",
    metadata,
    Column("image_id", String(36), ForeignKey("case_image.image_id"), primary_key=True),
    Column("of_image_id", Id, nullable=False),
)

REPEATED = select(repeat_case.c.case_id)
"""The cases that are another one under a second name: in no project, deal, count or consensus."""
