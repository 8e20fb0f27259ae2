"""Which cases were ever for practice in a course: none of them is asked in its exam."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "ward_0012d"
down_revision = "ward_0012c"


def upgrade() -> None:
    """Expand only; contracting follows one release later. What is for practice now was so before."""
    op.create_table(
        "course_practice",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.case_id"), primary_key=True),
    )
    op.execute(
        "INSERT INTO course_practice (code, case_id)"
        " SELECT DISTINCT code, case_id FROM course_case WHERE use = 'practice'"
    )
