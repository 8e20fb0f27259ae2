"""What was verified of people: licences, seniority, pledges, certificates; applications, rates, departments.

A reader whom 0.1.0 knew as verified stays so for a year from this upgrade, without numbers: by then somebody has
looked.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from node.storage.moments import Moment

revision = "ward_0006"
down_revision = "ward_0005"

_KNOWN_FOR = timedelta(days=365)


def upgrade() -> None:
    """Expand only; contracting follows one release later."""
    for column in (
        sa.Column("subspecialty", sa.String(64)),
        sa.Column("specialist_since", sa.Integer),
        sa.Column("licence_number", sa.String(24)),
        sa.Column("specialty_number", sa.String(24)),
        sa.Column("licence_until", sa.Date),
        sa.Column("licence_checked_by", sa.String(64)),
        sa.Column("licence_checked_at", Moment()),
        sa.Column("pledge_version", sa.Integer),
        sa.Column("pledged_at", Moment()),
    ):
        op.add_column("person", column)
    op.add_column("project", sa.Column("labelers", sa.Boolean))
    now = datetime.now(UTC)
    person = sa.table(
        "person", sa.column("licence_verified", sa.Boolean), sa.column("licence_until", sa.Date),
        sa.column("licence_checked_by"), sa.column("licence_checked_at", Moment()), sa.column("licence_number"),
        sa.column("specialty_number"),
    )  # fmt: skip
    op.execute(
        sa.update(person).where(person.c.licence_verified).values(
            licence_number="", specialty_number="", licence_checked_by="before-0.2", licence_checked_at=now,
            licence_until=(now + _KNOWN_FOR).date(),
        )
    )  # fmt: skip
    _tables()


def _tables() -> None:
    op.create_table(
        "department",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("ko", sa.String(64), nullable=False),
        sa.Column("en", sa.String(64), nullable=False),
    )
    op.create_table(
        "certificate",
        sa.Column("person_id", sa.String(36), sa.ForeignKey("person.person_id"), primary_key=True),
        sa.Column("task", sa.String(64), primary_key=True),
        sa.Column("issued_by", sa.String(64), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
    )
    op.create_table(
        "application",
        sa.Column("application_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("department", sa.String(64), nullable=False),
        sa.Column("licence_number", sa.String(24), nullable=False),
        sa.Column("specialty_number", sa.String(24), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("subspecialty", sa.String(64)),
        sa.Column("specialist_since", sa.Integer),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
    )
    op.create_table(
        "rate",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("project.project_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("amount", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("since", Moment(), nullable=False),
    )
