"""The unit of work: all books in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from coordinator.flows.books import Books
from coordinator.storage import engine as transactions
from coordinator.storage.member_books import InvitationBook, PartnerBook, SignInBook, SiteBook
from coordinator.storage.plan_books import ApprovalBook, PlanBook, ReceiptBook, ReleaseBook
from coordinator.storage.root_book import RootBook
from coordinator.storage.roster_book import RosterBook
from coordinator.storage.run_books import AnswerBook, RoundBook, RunBook


class StoredWork:
    """Transactions over the coordinator's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """Books whose changes are kept at the end, or undone together on any error."""
        with transactions.writing(self._engine) as connection:
            yield _books(connection)

    @contextmanager
    def reading(self) -> Iterator[Books]:
        """Books as they stand at one moment."""
        with transactions.reading(self._engine) as connection:
            yield _books(connection)


def _books(connection: Connection) -> Books:
    return Books(
        invitations=InvitationBook(connection),
        sites=SiteBook(connection),
        partners=PartnerBook(connection),
        plans=PlanBook(connection),
        approvals=ApprovalBook(connection),
        runs=RunBook(connection),
        rounds=RoundBook(connection),
        answers=AnswerBook(connection),
        receipts=ReceiptBook(connection),
        roots=RootBook(connection),
        rosters=RosterBook(connection),
        releases=ReleaseBook(connection),
        sign_ins=SignInBook(connection),
    )
