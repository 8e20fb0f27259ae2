"""The durable queue as flows and the job loop see it: a job is leased, then done, put back, or in the end buried.

A job is named by its kind and subject (its idempotency key), so that asking for the same work twice is one job. An
attempt counts from the moment of the lease: a job that ends its process is counted too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

MAX_ATTEMPTS: Final = 8
_LONGEST_WAIT: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Job:
    """One leased piece of work; `attempt` counts from 1."""

    number: int
    kind: str
    subject: str
    attempt: int


@dataclass(frozen=True, slots=True)
class PutBack:
    """A job that is to be tried again; one that is not `counted` failed through no fault of its own."""

    number: int
    code: str
    due_at: datetime
    counted: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes jobs, and until when they are his."""

    holder: str
    now: datetime
    until: datetime


class JobQueue(Protocol):
    """Where jobs wait. What ends a job is the flow's own transaction."""

    def lease(self, kind: str, limit: int, lease: Lease) -> tuple[Job, ...]:
        """Up to `limit` due jobs, oldest first, now held by one holder."""
        ...

    def put_back(self, jobs: Sequence[PutBack]) -> None:
        """The jobs wait again."""
        ...

    def release(self, holder: str, now: datetime) -> int:
        """What the holder held when it died is due at once; returns how many jobs."""
        ...


def next_attempt_at(now: datetime, attempt: int) -> datetime:
    """Two seconds after the first failure, twice as long after each further one, at most five minutes."""
    return now + min(timedelta(seconds=2**attempt), _LONGEST_WAIT)
