"""Tables of `ward.db` about courses: versions, their gold cases, what learners answered, exams."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, String, Table, Text

from node.storage.moments import Moment
from node.storage.ward_tables import Id, metadata

course = Table(
    "course",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("by_id", String(64), nullable=False),
    Column("at", Moment(), nullable=False),
    Column("requalify_by", Date),
)

course_case = Table(
    "course_case",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.case_id"), primary_key=True),
    Column("voted", String(140), primary_key=True),
    Column("known", String(64), nullable=False),
    Column("use", String(16), nullable=False),
)

course_practice = Table(
    "course_practice",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("case_id", Id, ForeignKey("cases.case_id"), primary_key=True),
)

course_answer = Table(
    "course_answer",
    metadata,
    Column("person_id", Id, ForeignKey("person.person_id"), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("item", String(64), primary_key=True),
    Column("showing_id", Id, nullable=False, unique=True),
    Column("case_id", Id, index=True),
    Column("said", String(64)),
    Column("at", Moment(), nullable=False),
)

exam_attempt = Table(
    "exam_attempt",
    metadata,
    Column("attempt_id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("code", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("started_at", Moment(), nullable=False),
    Column("ends_at", Moment(), nullable=False),
    Column("finished_at", Moment()),
    Column("passed", Boolean),
)

exam_item = Table(
    "exam_item",
    metadata,
    Column("attempt_id", Id, ForeignKey("exam_attempt.attempt_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("showing_id", Id, nullable=False, unique=True),
    Column("known", String(64), nullable=False),
    Column("quiz", String(64)),
    Column("case_id", Id, index=True),
    Column("voted", String(140)),
    Column("said", String(64)),
)
