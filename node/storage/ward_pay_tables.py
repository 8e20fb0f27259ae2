"""Tables of `ward.db` about pay: the lines of rate cards, what each assignment is paid, what was earned, and months."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from node.storage.moments import Moment
from node.storage.ward_tables import Id, metadata

rate_line = Table(
    "rate_line",
    metadata,
    Column("project_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("department", String(64)),
    Column("difficulty", String(16)),
    Column("amount", String(24), nullable=False),
    ForeignKeyConstraint(["project_id", "number"], ["rate.project_id", "rate.number"]),
)

bound_rate = Table(
    "bound_rate",
    metadata,
    Column("assignment_id", Id, primary_key=True),  # no foreign key: a place that was not read may be dealt away
    Column("amount", String(24), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("since", Moment(), nullable=False),
    Column("card_version", Integer, nullable=False),
    Column("bound_at", Moment(), nullable=False),
)

owed_reading = Table(
    "owed_reading",
    metadata,
    Column("reading_id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False),
    Column("project_id", Id, ForeignKey("project.project_id"), nullable=False),
    Column("submitted_at", Moment(), nullable=False, index=True),
    Column("amount", String(24), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("card_version", Integer, nullable=False),
)

payment_category = Table(
    "payment_category",
    metadata,
    Column("person_id", Id, ForeignKey("person.person_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("category", String(16), nullable=False),
    Column("since", Date, nullable=False),
)

pay_month = Table(
    "pay_month",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("closed_at", Moment(), nullable=False),
)

statement = Table(
    "statement",
    metadata,
    Column("statement_id", Id, primary_key=True),
    Column("month", String(7), ForeignKey("pay_month.month"), nullable=False),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("category", String(16), nullable=False),
    Column("gross", String(32), nullable=False),
    Column("income_tax", String(32), nullable=False),
    Column("local_tax", String(32), nullable=False),
    Column("file", LargeBinary, nullable=False),
    UniqueConstraint("month", "person_id", "currency"),
)

counter_entry = Table(
    "counter_entry",
    metadata,
    Column("entry_id", Id, primary_key=True),
    Column("corrects", Id, ForeignKey("statement.statement_id"), nullable=False, index=True),
    Column("person_id", Id, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("made_at", Moment(), nullable=False, index=True),
)

gold_contest = Table(
    "gold_contest",
    metadata,
    Column("reading_id", Id, primary_key=True),
    Column("voted", String(140), primary_key=True),
    Column("project_id", Id, ForeignKey("project.project_id"), nullable=False, index=True),
    Column("case_id", Id, nullable=False),
    Column("person_id", Id, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("month", String(7), nullable=False),
    Column("said", String(64)),
    Column("known", String(64), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("raised_at", Moment(), nullable=False),
    Column("state", String(16), nullable=False),
)
