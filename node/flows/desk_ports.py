"""What the wall's desk reads to show people what left, how the line stands and what was found; its ports and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from node.release.closing import HeldRoot
from node.release.ledger import Head
from node.release.outbox import LedgerRow
from node.training.benefit import BenefitVerdict
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunNotice


@dataclass(frozen=True, slots=True)
class Contact:
    """How the line to the coordinator stands."""

    enrolment: EnrolmentState | None
    reached_at: datetime | None
    failing_since: datetime | None
    failures: int
    problem: str


class VerdictState(StrEnum):
    """Whether a verdict was reached."""

    WAITING = "waiting"
    REACHED = "reached"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HeldVerdict:
    """A run's verdict, or that it waits or failed."""

    run_id: str
    plan_id: str
    state: VerdictState
    asked_at: datetime
    reached_at: datetime | None
    verdict: BenefitVerdict | None


class LedgerBook(Protocol):
    """The ledger as it is stored."""

    def page(self, after_number: int, limit: int) -> list[LedgerRow]:
        """The entries after a number, in order; it ends before an entry that cannot be read."""
        ...

    def stored(self, until: int) -> Iterator[tuple[str, str]]:
        """Every entry's stored text and hash up to a number, in order."""
        ...

    def lines(self, after_number: int, limit: int) -> list[tuple[str, str]]:
        """Stored texts and hashes after a number, for an export."""
        ...

    def head(self) -> Head:
        """What was written last."""
        ...


class RootsSeen(Protocol):
    """Daily roots, to be shown."""

    def of_day(self, day: date | None) -> HeldRoot | None:
        """The root of a day, or the latest."""
        ...


class ContactSeen(Protocol):
    """The line and the runs, to be shown."""

    def contact(self) -> Contact:
        """How the line stands."""
        ...

    def runs(self) -> list[RunNotice]:
        """What the coordinator last said of each run."""
        ...


class VerdictsSeen(Protocol):
    """Verdicts, to be shown."""

    def verdicts(self) -> list[HeldVerdict]:
        """Every verdict, the latest asked for first."""
        ...


class OutboxSeen(Protocol):
    """The outbox, to be shown."""

    def undelivered(self) -> int:
        """How many approvals and withdrawals wait for a receipt."""
        ...
