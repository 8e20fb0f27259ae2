"""The loop of the jobs process: due jobs batch by batch, chores between them, until it is told to stop.

A batch that fails as a whole is put back; what the process held when it was killed is due again at its next start.
Nothing of an error but its type reaches the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from node.flows.jobs import Job, JobQueue, Lease, PutBack, next_attempt_at
from node.ground.clock import Clock
from node.ground.logs import log
from node.intake.errors import StoreFailed, StoreFull

_LEASE: Final = timedelta(minutes=10)
_IDLE_SECONDS: Final = 0.2
_TROUBLE_SECONDS: Final = 2.0


class Work(Protocol):
    """What is done with the jobs of one kind."""

    def __call__(self, jobs: Sequence[Job], /) -> Sequence[PutBack]:
        """Every job is ended in the work's own transaction, or returned to be put back."""
        ...


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every so often; the first time at once."""

    name: str
    every_seconds: float
    run: Callable[[], object]


class JobLoop:
    """Runs in one process at a time under its `holder` name."""

    def __init__(
        self, queue: JobQueue, works: Mapping[str, Work], chores: Sequence[Chore], clock: Clock, *, batch: int = 32
    ) -> None:
        self._queue = queue
        self._works = works
        self._clock = clock
        self._batch = batch
        self._due = [(chore, clock.monotonic_seconds()) for chore in chores]

    def run(self, stop: threading.Event, *, holder: str = "jobs") -> None:
        """Work is done until `stop` is set; the batch under way is finished first."""
        released = False
        while not stop.is_set():
            try:
                if not released:
                    self._queue.release(holder, self._clock.now())
                    released = True
                busy = [self._work(kind, holder) for kind in self._works]
            except Exception as error:  # noqa: BLE001 - a queue that does not answer now may answer later
                log().error("job queue failed", error_type=type(error).__name__)
                stop.wait(_TROUBLE_SECONDS)
                continue
            self._do_chores()
            if not any(busy):
                stop.wait(_IDLE_SECONDS)

    def run_until_idle(self, *, holder: str = "jobs") -> None:
        """Every job that is due now has been tried."""
        self._queue.release(holder, self._clock.now())
        busy = True
        while busy:
            busy = bool(sum([self._work(kind, holder) for kind in self._works]))

    def _work(self, kind: str, holder: str) -> bool:
        """True when there was something to do."""
        now = self._clock.now()
        jobs = self._queue.lease(kind, self._batch, Lease(holder, now, now + _LEASE))
        if not jobs:
            return False
        try:
            put_back = self._works[kind](jobs)
        except Exception as error:  # noqa: BLE001 - a batch that fails as a whole is tried again, never dropped
            code = type(error).__name__
            log().error("batch failed", queue=kind, error_type=code, count=len(jobs))
            counted = not isinstance(error, StoreFull | StoreFailed)
            now = self._clock.now()
            put_back = [PutBack(job.number, code, next_attempt_at(now, job.attempt), counted=counted) for job in jobs]
        self._queue.put_back(put_back)
        return True

    def _do_chores(self) -> None:
        for place, (chore, due) in enumerate(self._due):
            if self._clock.monotonic_seconds() < due:
                continue
            self._due[place] = (chore, self._clock.monotonic_seconds() + chore.every_seconds)
            try:
                chore.run()
            except Exception as error:  # noqa: BLE001 - a chore that failed comes round again
                log().error("chore failed", kind=chore.name, error_type=type(error).__name__)
