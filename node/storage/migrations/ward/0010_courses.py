"""Courses, their gold cases, what learners answered, exams; and what a certificate of an exam says more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0010"
down_revision = "ward_0009d"


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    for column in (
        sa.Column("course", sa.String(64)),
        sa.Column("course_version", sa.Integer),
        sa.Column("probation_until", sa.Date),
    ):
        op.add_column("certificate", column)
    _courses()
    _exams()


def _courses() -> None:
    op.create_table(
        "course",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("by_id", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("requalify_by", sa.Date),
    )
    op.create_table(
        "course_case",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), primary_key=True),
        sa.Column("voted", sa.String(140), primary_key=True),
        sa.Column("known", sa.String(64), nullable=False),
        sa.Column("use", sa.String(16), nullable=False),
    )
    op.create_table(
        "course_answer",
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), primary_key=True),
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("item", sa.String(64), primary_key=True),
        sa.Column("showing_id", sa.String(36), nullable=False, unique=True),
        sa.Column("case_id", sa.String(36), index=True),
        sa.Column("said", sa.String(64)),
        sa.Column("at", Moment(), nullable=False),
    )


def _exams() -> None:
    op.create_table(
        "exam_attempt",
        sa.Column("attempt_id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), nullable=False, index=True),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment()),
        sa.Column("passed", sa.Boolean),
    )
    op.create_table(
        "exam_item",
        sa.Column("attempt_id", sa.String(36), sa.ForeignKey("exam_attempt.attempt_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("showing_id", sa.String(36), nullable=False, unique=True),
        sa.Column("known", sa.String(64), nullable=False),
        sa.Column("quiz", sa.String(64)),
        sa.Column("case_id", sa.String(36), index=True),
        sa.Column("voted", sa.String(140)),
        sa.Column("said", sa.String(64)),
    )
